// Fields of forms as data. Each names a place in a record by the path that maracd uses in its errors
// ("referral.victim.birth_date"), so that an error finds its field; this file turns a record into what a form shows,
// and what was typed back into the record. What is required is maracd's to say; here only what cannot be a value at
// all (a 13th month) is an error.
import { createHash } from 'node:crypto'
import type { Day } from '../../generated/marac/v1/Day.js'
import { many, one, type Body } from '../context.js'
import { clockInLondon, dayInWords, momentInLondon } from '../utils/format.js'

export type Kind =
  | 'text' // Text: a line, or why there is none
  | 'longtext' // Text, over several lines
  | 'string' // a line
  | 'longstring'
  | 'lines' // repeated string, one a line
  | 'yesno' // YesNo
  | 'dayanswer' // DayAnswer: a day, a year, or why there is none
  | 'day' // Day
  | 'days' // repeated Day, one a line as 31/1/2026
  | 'moment' // Timestamp: a day and a clock, in Europe/London
  | 'tick' // bool
  | 'choice' // one of `options`
  | 'select' // one of `options`, of which there are many
  | 'ticks' // repeated string: several of `options`, each under the heading of its group
  | 'file' // bytes; what was sent once is kept in the form, in base64url

export interface Option {
  value: string
  text: string
  /** The heading under which it stands; for ticks. */
  group?: string
}

export interface Field {
  path: string
  kind: Kind
  label: string
  hint?: string
  /** What may be said instead of an answer. "Not known" unless told. */
  unknowns?: readonly Unknown[]
  options?: Option[]
  /** Asked only after one answer to a yes/no field; shown inside it. */
  followUps?: { on: string; fields: Field[] }
  autocomplete?: string
  /** Shorter inputs for what is short: "10", "20". */
  width?: '4' | '10' | '20'
}

export type Unknown = 'NOT_KNOWN' | 'NOT_ASKED' | 'DECLINED'

const unknownWords: Record<Unknown, string> = {
  NOT_KNOWN: 'Not known',
  NOT_ASKED: 'Not asked',
  DECLINED: 'Prefers not to say',
}

/** What a form shows or sent: a value for each name. */
export type Raw = Record<string, string | string[]>

export interface FieldError {
  /** The path of the field. */
  field: string
  text: string
}

// --- Places in a record --------------------------------------------------------------------------------------

type Node = Record<string, unknown>

// "perpetrators[0].name" -> ["perpetrators", 0, "name"].
function stepsOf(path: string): (string | number)[] {
  return path
    .split('.')
    .flatMap((part) => part.split(/[[\]]/).filter((step) => step !== ''))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
}

export function get(record: object, path: string): unknown {
  let node: unknown = record
  for (const step of stepsOf(path)) {
    if (typeof node !== 'object' || node === null) return undefined
    node = (node as Node)[step]
  }
  return node
}

export function set(record: object, path: string, value: unknown): void {
  const steps = stepsOf(path)
  const last = steps.pop()
  if (last === undefined) return
  let node = record as Node
  steps.forEach((step, at) => {
    if (typeof node[step] !== 'object' || node[step] === null) {
      node[step] = typeof (steps[at + 1] ?? last) === 'number' ? [] : {}
    }
    node = node[step] as Node
  })
  node[last] = value
}

// --- From a record to a form ---------------------------------------------------------------------------------

/** The fields themselves and those that follow an answer. */
export function flat(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...flat(field.followUps?.fields ?? [])])
}

export function rawOf(fields: readonly Field[], record: object): Raw {
  const raw: Raw = {}
  for (const field of flat(fields)) Object.assign(raw, rawOfOne(field, get(record, field.path)))
  return raw
}

function rawOfOne({ path, kind, options }: Field, value: unknown): Raw {
  switch (kind) {
    case 'text':
    case 'longtext': {
      const text = (value ?? {}) as { value?: string; unknown?: string }
      return { [path]: text.value ?? '', [`${path}.unknown`]: unknownOf(text.unknown) }
    }
    case 'dayanswer': {
      const answer = (value ?? {}) as { day?: Day | null; about_year?: number; unknown?: string }
      return {
        ...rawDay(path, answer.day),
        ...(answer.about_year ? { [`${path}.year`]: String(answer.about_year) } : {}),
        [`${path}.unknown`]: unknownOf(answer.unknown),
      }
    }
    case 'day':
      return rawDay(path, value as Day | null | undefined)
    case 'moment': {
      const shown = value ? clockInLondon(value) : undefined
      return { ...rawDay(path, shown?.day), [`${path}.time`]: shown?.clock ?? '' }
    }
    case 'days':
      return {
        [path]: ((value ?? []) as Day[]).map((day) => `${day.day}/${day.month}/${day.year}`).join('\n'),
      }
    case 'lines':
      return { [path]: ((value ?? []) as string[]).join('\n') }
    case 'yesno': {
      const answer = (value as string | undefined) ?? ''
      return { [path]: answer === 'YES_NO_UNSPECIFIED' ? '' : answer }
    }
    case 'tick':
      return { [path]: value === true ? 'yes' : '' }
    case 'choice':
    case 'select': {
      const chosen = (value as string | undefined) ?? ''
      // "Nothing of its own" is a choice only where it is offered as one.
      const offered = options?.some((option) => option.value === chosen) ?? false
      return { [path]: chosen.endsWith('_UNSPECIFIED') && !offered ? '' : chosen }
    }
    case 'ticks':
      return { [path]: (value ?? []) as string[] }
    case 'file':
      return { [path]: '' } // What a record holds is not sent back to be changed.
    case 'string':
    case 'longstring':
      return { [path]: (value as string | undefined) ?? '' }
  }
}

const unknownOf = (unknown: string | undefined): string =>
  unknown === undefined || unknown === 'UNKNOWN_UNSPECIFIED' ? '' : unknown

function rawDay(path: string, day: Day | null | undefined): Raw {
  const part = (value: number | undefined) => (value ? String(value) : '')
  return {
    [`${path}.day`]: part(day?.day),
    [`${path}.month`]: part(day?.month),
    [`${path}.year`]: part(day?.year),
  }
}

/** A short name for what a form showed, by which a save notices that somebody else saved in between. */
export function fingerprint(raw: Raw): string {
  const entries = Object.entries(raw).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url')
}

// --- From a form to a record ---------------------------------------------------------------------------------

/** What was typed into these fields. */
export function rawFrom(fields: readonly Field[], body: Body): Raw {
  const raw: Raw = {}
  for (const field of flat(fields)) {
    if (field.kind === 'ticks') raw[field.path] = many(body, field.path)
    else for (const name of namesOf(field)) raw[name] = one(body, name).replaceAll('\r\n', '\n').trim()
  }
  return raw
}

/** Nothing was typed into any of them. */
export const isEmpty = (raw: Raw): boolean => Object.values(raw).every((value) => value.length === 0)

function namesOf({ path, kind }: Field): string[] {
  switch (kind) {
    case 'text':
    case 'longtext':
      return [path, `${path}.unknown`]
    case 'dayanswer':
      return [`${path}.day`, `${path}.month`, `${path}.year`, `${path}.unknown`]
    case 'day':
      return [`${path}.day`, `${path}.month`, `${path}.year`]
    case 'moment':
      return [`${path}.day`, `${path}.month`, `${path}.year`, `${path}.time`]
    default:
      return [path]
  }
}

/**
 * Puts what was typed into the record. `shown` is what the record held: where somebody both typed an answer and
 * ticked a reason for having none, what they changed is what they mean.
 */
export function apply(fields: readonly Field[], raw: Raw, shown: Raw, record: object): FieldError[] {
  const errors: FieldError[] = []
  for (const field of flat(fields)) applyOne(field, raw, shown, record, errors)
  return errors
}

function applyOne(field: Field, raw: Raw, shown: Raw, record: object, errors: FieldError[]): void {
  const { path, kind } = field
  const typed = (name: string) => String(raw[name] ?? '')
  const put = (value: unknown) => set(record, path, value)
  const reason = () => {
    const given = typed(`${path}.unknown`)
    return /^UNKNOWN_(NOT_KNOWN|NOT_ASKED|DECLINED)$/.test(given) ? given : ''
  }
  const changed = (name: string) => typed(name) !== String(shown[name] ?? '')
  switch (kind) {
    case 'text':
    case 'longtext': {
      const value = typed(path)
      // One key: a question mark is "not known".
      if (value === '?') return put({ unknown: 'UNKNOWN_NOT_KNOWN' })
      if (value !== '' && (reason() === '' || changed(path) || !changed(`${path}.unknown`)))
        return put({ value })
      return put(reason() === '' ? null : { unknown: reason() })
    }
    case 'dayanswer': {
      const names = [`${path}.day`, `${path}.month`, `${path}.year`] as const
      if (names.some((name) => typed(name) === '?')) return put({ unknown: 'UNKNOWN_NOT_KNOWN' })
      const any = names.some((name) => typed(name) !== '')
      if (any && (reason() === '' || names.some(changed))) {
        if (typed(names[0]) === '' && typed(names[1]) === '') {
          const year = numberOf(typed(names[2]))
          if (year >= 1900 && year <= 2200) return put({ about_year: year })
          errors.push({ field: path, text: `${field.label}: enter the year with 4 numbers, like 1984` })
          return
        }
        const day = dayFrom(names.map(typed))
        if (day) return put({ day })
        errors.push({ field: path, text: `${field.label}: enter a real date, or only the year` })
        return
      }
      return put(reason() === '' ? null : { unknown: reason() })
    }
    case 'day': {
      const parts = [typed(`${path}.day`), typed(`${path}.month`), typed(`${path}.year`)]
      if (parts.every((part) => part === '')) return put(null)
      const day = dayFrom(parts)
      if (day) return put(day)
      errors.push({ field: path, text: `${field.label}: enter a real date, like 27 3 2026` })
      return
    }
    case 'moment': {
      const parts = [typed(`${path}.day`), typed(`${path}.month`), typed(`${path}.year`)]
      const time = typed(`${path}.time`)
      const isWithoutDay = parts.every((part) => part === '')
      if (isWithoutDay && time === '') return put(null)
      const day = dayFrom(parts)
      const minute = minuteFrom(time)
      if (day && minute !== undefined) return put(momentInLondon(day, minute))
      const wanted = isWithoutDay
        ? 'enter the day, or leave out the time'
        : day
          ? 'enter the time like 14:30, or leave it out'
          : 'enter a real date, like 27 3 2026'
      errors.push({ field: path, text: `${field.label}: ${wanted}` })
      return
    }
    case 'days': {
      const lines = linesOf(typed(path))
      const days = lines.map((line) => dayFrom(line.split(/[/. -]+/)))
      if (days.every((day) => day !== undefined)) return put(days)
      errors.push({ field: path, text: `${field.label}: enter one date a line, like 27/3/2026` })
      return
    }
    case 'lines':
      return put(linesOf(typed(path)))
    case 'yesno':
      return put(/^YES_NO_[A-Z_]+$/.test(typed(path)) ? typed(path) : 'YES_NO_UNSPECIFIED')
    case 'tick':
      return put(typed(path) === 'yes')
    case 'choice':
    case 'select':
      // Only what was offered; anything else leaves it as it was.
      if (field.options?.some((option) => option.value === typed(path))) put(typed(path))
      return
    case 'ticks':
      return put(tickedIn(field, raw).map(({ value }) => value))
    case 'file':
      return put(Buffer.from(typed(path), 'base64url'))
    case 'string':
    case 'longstring':
      return put(typed(path))
  }
}

function tickedIn({ path, options }: Field, raw: Raw): Option[] {
  const given = raw[path]
  return (options ?? []).filter(({ value }) => Array.isArray(given) && given.includes(value))
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const numberOf = (text: string): number => (/^\d{1,4}$/.test(text) ? Number(text) : Number.NaN)

/** Minutes after midnight of "14:30", "9.05" or "9:05am"; without a time the day begins. */
export function minuteFrom(text: string): number | undefined {
  if (text === '') return 0
  const [, hours, minutes, half] = /^(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?$/i.exec(text) ?? []
  if (hours === undefined || (minutes === undefined && half === undefined)) return undefined
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0) : Number(hours)
  return hour < 24 && Number(minutes ?? 0) < 60 ? hour * 60 + Number(minutes ?? 0) : undefined
}

function dayFrom(parts: string[]): Required<Day> | undefined {
  const [day, month, year] = parts.map(numberOf)
  if (parts.length !== 3 || day === undefined || month === undefined || year === undefined) return undefined
  const date = new Date(Date.UTC(2000, 0, 1))
  date.setUTCFullYear(year, month - 1, day)
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists && year >= 1900 && year <= 2200 ? { day, month, year } : undefined
}

// --- For the templates ---------------------------------------------------------------------------------------

export interface FieldView {
  id: string
  path: string
  kind: Kind
  label: string
  hint: string | undefined
  raw: Record<string, string>
  error: string | undefined
  items: Option[]
  /** Of ticks: the options under their headings. */
  groups: { title: string; items: (Option & { checked: boolean })[] }[]
  unknowns: Option[]
  followUps: { on: string; views: FieldView[] } | undefined
  autocomplete: string | undefined
  width: string | undefined
}

const yesNoItems: Record<'YES' | 'NO' | Unknown, string> = { YES: 'Yes', NO: 'No', ...unknownWords }

export function viewsOf(fields: readonly Field[], raw: Raw, errors: readonly FieldError[] = []): FieldView[] {
  return fields.map((field) => {
    const unknowns = field.unknowns ?? ['NOT_KNOWN']
    return {
      id: idOfField(field.path),
      path: field.path,
      kind: field.kind,
      label: field.label,
      hint: field.hint,
      raw: Object.fromEntries(
        namesOf(field).map((name) => [name.slice(field.path.length) || '.', String(raw[name] ?? '')]),
      ),
      error: errors.find((error) => error.field === field.path)?.text,
      items:
        field.kind === 'yesno'
          ? (['YES', 'NO', ...unknowns] as const).map((key) => ({
              value: `YES_NO_${key}`,
              text: yesNoItems[key],
            }))
          : (field.options ?? []),
      groups: field.kind === 'ticks' ? groupsIn(field, raw) : [],
      unknowns: unknowns.map((key) => ({ value: `UNKNOWN_${key}`, text: unknownWords[key] })),
      followUps: field.followUps && {
        on: field.followUps.on,
        views: viewsOf(field.followUps.fields, raw, errors),
      },
      autocomplete: field.autocomplete,
      width: field.width,
    }
  })
}

function groupsIn(field: Field, raw: Raw): FieldView['groups'] {
  const ticked = tickedIn(field, raw)
  const options = field.options ?? []
  return [...new Set(options.map(({ group }) => group ?? ''))].map((title) => ({
    title,
    items: options
      .filter(({ group }) => (group ?? '') === title)
      .map((option) => ({ ...option, checked: ticked.includes(option) })),
  }))
}

/** Errors with the labels of their fields, as those of this file have: maracd says what to do, and not where. */
export const withLabels = (fields: readonly Field[], errors: readonly FieldError[]): FieldError[] =>
  errors.map(({ field, text }) => {
    const label = flat(fields).find(({ path }) => path === field)?.label
    return { field, text: label === undefined || text.startsWith(label) ? text : `${label}: ${text}` }
  })

/** The id of the element that an error links to. */
export const idOfField = (path: string): string => path.replaceAll(/[^A-Za-z0-9_]+/g, '-').replace(/-$/, '')

const dayOf = (raw: Raw, path: string): string => {
  const part = (name: string) => Number(raw[`${path}.${name}`] ?? 0)
  return dayInWords({ day: part('day'), month: part('month'), year: part('year') })
}

/** What a record holds at a field, in words; empty when nobody answered. */
export function inWords(field: Field, record: object): string {
  const raw = rawOfOne(field, get(record, field.path))
  const text = (name: string) => String(raw[name] ?? '')
  const unknown = text(`${field.path}.unknown`).replace('UNKNOWN_', '') as Unknown | ''
  if (unknown !== '') return unknownWords[unknown]
  switch (field.kind) {
    case 'dayanswer':
    case 'day': {
      const year = text(`${field.path}.year`)
      return year && !text(`${field.path}.day`) ? `About ${year}` : dayOf(raw, field.path)
    }
    case 'moment': {
      const day = dayOf(raw, field.path)
      return day && `${day} at ${text(`${field.path}.time`)}`
    }
    case 'yesno': {
      const answer = text(field.path).replace('YES_NO_', '') as keyof typeof yesNoItems | ''
      return answer === '' ? '' : yesNoItems[answer]
    }
    case 'tick':
      return text(field.path) === 'yes' ? 'Yes' : ''
    case 'ticks':
      return tickedIn(field, raw)
        .map((option) => option.text)
        .join('\n')
    case 'choice':
    case 'select':
      return field.options?.find((option) => option.value === text(field.path))?.text ?? text(field.path)
    default:
      return text(field.path)
  }
}
