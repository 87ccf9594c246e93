// The worksheet of an agency for a case (marac.md 4.2): everybody of the case, whether they are known and what was
// searched, and what the agency knows. Paths are those of maracd's errors.
import type { Case__Output } from '../../generated/marac/v1/Case.js'
import type { Day } from '../../generated/marac/v1/Day.js'
import type { Party__Output } from '../../generated/marac/v1/Party.js'
import type { ResearchEntry } from '../../generated/marac/v1/ResearchEntry.js'
import type { ResearchNotes } from '../../generated/marac/v1/ResearchNotes.js'
import type { ResearchNotes__Output } from '../../generated/marac/v1/ResearchNotes.js'
import type { SubjectSearch } from '../../generated/marac/v1/SubjectSearch.js'
import { one, type Body } from '../context.js'
import {
  apply,
  fingerprint,
  get,
  inWords,
  isEmpty,
  rawFrom,
  rawOf,
  type Field,
  type FieldError,
  type Option,
  type Raw,
} from './fields.js'
import { dayInWords } from '../utils/format.js'
import { touchedIn } from './merge.js'
import { addressInWords, kindInWords } from './people.js'
import { differences } from './referral.js'

const entriesMax = 100 // As many as maracd takes.
const rowsMax = 2 * entriesMax + 1 // What two of an agency wrote at once, and an empty one: no page has more.

export const results: Option[] = [
  { value: 'SEARCH_RESULT_KNOWN', text: 'Known' },
  { value: 'SEARCH_RESULT_NOT_KNOWN', text: 'Not known' },
]
export const bases: Option[] = [
  { value: 'INFORMATION_BASIS_FACT', text: 'Fact' },
  { value: 'INFORMATION_BASIS_OPINION', text: 'Opinion' },
]
const decisions: Option[] = [
  { value: 'SHARING_DECISION_SHARE', text: 'Share it with everybody who has a part in the case' },
  { value: 'SHARING_DECISION_DO_NOT_SHARE', text: 'Keep it in our agency' },
]

/** Somebody who is looked for, as far as it takes to find them in other files. */
export interface Subject {
  partyId: string
  what: string
  name: string
  rows: { label: string; value: string }[]
}

export function subjectsOf(record: Case__Output): Subject[] {
  const of = (what: string, party: Party__Output): Subject => ({
    partyId: party.party_id,
    what,
    name: party.name?.value ?? party.description?.value ?? 'Name not known',
    rows: [
      { label: 'Also called', value: party.aliases.join(', ') },
      {
        label: 'Born',
        value: inWords({ path: 'party.birth_date', kind: 'dayanswer', label: 'Born' }, { party }),
      },
      { label: 'Address', value: addressInWords(party.address) },
      { label: 'Usual address', value: addressInWords(party.usual_home) },
      ...record.protected_details
        .filter(({ party_id, kind }) => party_id === party.party_id && kind !== 'PROTECTED_KIND_SAFE_CONTACT')
        .map(({ kind }) => ({ label: kindInWords(kind), value: 'Kept apart' })),
    ].filter(({ value }) => value !== ''),
  })
  return [
    ...(record.victim ? [of('The person at risk', record.victim)] : []),
    ...record.perpetrators.map((party) => of('Person causing harm', party)),
    ...record.children.map((party) => of('Child', party)),
  ]
}

const sameAsBefore = 'Left empty: the same as for the person before'
const pathOf = (partyId: string) => `notes.searches[${partyId}]`

/**
 * Fields of one person, under their party_id: people who come to the case meanwhile move nobody's answers. `whose`
 * stands before each label where a field is told apart from the others.
 */
export const searchFields = (
  { partyId }: Subject,
  isFirst: boolean,
  isShared: boolean,
  whose = '',
): Field[] => [
  { path: `${pathOf(partyId)}.result`, kind: 'choice', label: `${whose}Known to us?`, options: results },
  {
    path: `${pathOf(partyId)}.searched`,
    kind: 'string',
    label: `${whose}What was searched`,
    hint: isFirst ? 'For example, case system and archive since 2015' : sameAsBefore,
    autocomplete: 'off',
  },
  {
    path: `${pathOf(partyId)}.day`,
    kind: 'day',
    label: `${whose}On which day`,
    ...(isFirst ? {} : { hint: sameAsBefore }),
  },
  {
    path: `${pathOf(partyId)}.corrections`,
    kind: 'longstring',
    label: `${whose}What our files say differently`,
    hint: isShared
      ? 'Another spelling, date of birth or earlier address. Everybody with a part in the case sees this: do not write where the person at risk lives now'
      : 'Another spelling, date of birth or earlier address. Nobody outside your agency sees this',
  },
]

/** Of something that the agency knows. Whether it is shared is asked last, and only where the area shares research. */
export function entryFields(at: number, subjects: Subject[]): Field[] {
  const path = `notes.entries[${at}]`
  const nth = `${at + 1}`
  return [
    {
      path: `${path}.party_id`,
      kind: 'select',
      label: `${nth}. About whom`,
      options: [
        { value: '', text: 'The family as a whole' },
        ...subjects.map(({ partyId, name }) => ({ value: partyId, text: name })),
      ],
    },
    { path: `${path}.text`, kind: 'longstring', label: `${nth}. What we know` },
    { path: `${path}.basis`, kind: 'choice', label: `${nth}. Fact or opinion`, options: bases },
    { path: `${path}.day`, kind: 'day', label: `${nth}. Of which day` },
    {
      path: `${path}.worker`,
      kind: 'string',
      label: `${nth}. Worker who was spoken to`,
      hint: 'If there was one',
      autocomplete: 'off',
    },
    { path: `${path}.sharing`, kind: 'choice', label: `${nth}. Share it?`, options: decisions },
    {
      path: `${path}.withheld_reason`,
      kind: 'longstring',
      label: `${nth}. If not, why`,
      hint: 'Nobody outside your agency sees this, or that there is something',
    },
  ]
}

/** Of a decision about sharing. Where research stays in the agency it goes along unseen, as it was. */
export const isDecision = (path: string): boolean => /\.(sharing|withheld_reason)$/.test(path)

export interface Sheet {
  subjects: Subject[]
  /** Rows for what the agency knows. */
  rows: number
  isShared: boolean
}

const searchFieldsOf = ({ subjects, isShared }: Sheet): Field[] =>
  subjects.flatMap((subject, at) => searchFields(subject, at === 0, isShared, `${subject.name}: `))

export const fieldsOf = (sheet: Sheet): Field[] => [
  ...searchFieldsOf(sheet),
  ...Array.from({ length: sheet.rows }, (_none, at) => entryFields(at, sheet.subjects)).flat(),
]

/** Rows of a form for so many entries: an empty one more, as long as there may be one. */
export const rowsFor = (entries: number): number => Math.max(entries, Math.min(entries + 1, entriesMax))

/** How many rows a form that was sent has. */
export function rowsIn(body: Body): number {
  const rows = Object.keys(body).map((name) => Number(/^notes\.entries\[(\d{1,3})\]/.exec(name)?.[1] ?? -1))
  return Math.min(rowsMax, Math.max(0, ...rows.map((row) => row + 1)))
}

/** People of the case whom a form that was sent did not have yet. */
export function newIn(subjects: Subject[], body: Body): Subject[] {
  const had = one(body, 'people').split(' ')
  return subjects.filter(({ partyId }) => !had.includes(partyId))
}

/** What is saved of each person by party_id, as the paths of the fields have it. */
const byPerson = (searches: readonly SubjectSearch[] | undefined): Record<string, SubjectSearch> =>
  Object.fromEntries((searches ?? []).map((search) => [search.party_id ?? '', search]))

const isAnswered = ({ result }: SubjectSearch = {}): boolean => results.some(({ value }) => value === result)

/**
 * The form of a worksheet. What was searched and when stands with the first person, and with another only where it is
 * otherwise: so it is typed once. What was searched last and today stand where nobody has said anything yet.
 */
export function rawOfNotes(sheet: Sheet, notes: ResearchNotes | null, today: Day): Raw {
  const saved = byPerson(notes?.searches ?? [])
  const last = (notes?.searches ?? []).findLast(({ searched }) => searched)?.searched ?? ''
  const before = { searched: '', day: '' }
  const searches = sheet.subjects.map(({ partyId }): SubjectSearch => {
    const search = saved[partyId]
    const isKept = isAnswered(search)
    const searched = search?.searched || before.searched || (isKept ? '' : last)
    const day = search?.day ?? (isKept ? null : today)
    const isSame = { searched: searched === before.searched, day: dayInWords(day) === before.day }
    Object.assign(before, { searched, day: dayInWords(day) || before.day })
    return {
      ...search,
      party_id: partyId,
      searched: isSame.searched ? '' : searched,
      day: isSame.day ? null : day,
    }
  })
  return rawOf(fieldsOf(sheet), { notes: { searches: byPerson(searches), entries: notes?.entries ?? [] } })
}

export interface Sent {
  notes: ResearchNotes
  raw: Raw
  errors: FieldError[]
  /** The row of the form of each entry; empty rows are left out. */
  rows: number[]
  /** Whether somebody typed into the field of this name, or into one of the names of this field. */
  isTouched: (path: string) => boolean
}

/**
 * What was sent. `saved` is the worksheet as it is kept. Of somebody who is not answered for only what was typed or is
 * kept already is saved: what a form was filled with beforehand is nobody's answer.
 */
export function notesFrom(sheet: Sheet, body: Body, saved: ResearchNotes | null): Sent {
  const fields = fieldsOf(sheet)
  const raw = rawFrom(fields, body)
  const record: { notes: { searches?: Record<string, SubjectSearch>; entries?: ResearchEntry[] } } = {
    notes: {},
  }
  const errors = apply(fields, raw, {}, record)
  const touched = touchedIn(one(body, 'marks'), raw)
  const isTouched = (path: string) => touched.some((name) => name === path || name.startsWith(`${path}.`))
  const kept = byPerson(saved?.searches ?? [])
  let before: Pick<SubjectSearch, 'searched' | 'day'> = {}
  const searches = sheet.subjects.map(({ partyId }): SubjectSearch => {
    const { result, searched, day, corrections } = record.notes.searches?.[partyId] ?? {}
    before = { searched: searched || before.searched || '', day: day ?? before.day ?? null }
    const own = { party_id: partyId, corrections: corrections ?? '' }
    if (result) return { ...own, result, ...before }
    const path = pathOf(partyId)
    return {
      ...own,
      searched: (isTouched(`${path}.searched`) ? searched : kept[partyId]?.searched) ?? '',
      day: (isTouched(`${path}.day`) ? day : kept[partyId]?.day) ?? null,
    }
  })
  const all = record.notes.entries ?? []
  const rows = Array.from({ length: sheet.rows }, (_none, row) => row).filter(
    (row) => !isEmptyRow(raw, row, sheet),
  )
  return { notes: { searches, entries: rows.map((row) => all[row] ?? {}) }, raw, errors, rows, isTouched }
}

// Where a decision is not asked for, a row whose every field was emptied is one that was taken out.
const isEmptyRow = (raw: Raw, row: number, { subjects, isShared }: Sheet): boolean =>
  isEmpty(
    rawFrom(
      entryFields(row, subjects).filter(({ path }) => isShared || !isDecision(path)),
      raw,
    ),
  )

/** Two who wrote at once. */
export interface Both {
  /** Theirs, and what I typed: of a person in the place of theirs, of what is known behind it. */
  notes: ResearchNotes
  /** How many entries are theirs; the others are mine. */
  theirs: number
  /** Where mine stands in the place of what they answered. */
  rows: ReturnType<typeof differences>
}

/** Puts what I typed together with what a colleague saved meanwhile: nothing of either is lost. */
export function bothOf(sheet: Sheet, theirs: ResearchNotes | null, sent: Sent): Both {
  const saved = byPerson(theirs?.searches ?? [])
  const mine = byPerson(sent.notes.searches ?? [])
  // Where a field is left empty it says what the one before it says.
  const said = { searched: false, day: false }
  const searches = sheet.subjects.map(({ partyId }): SubjectSearch => {
    const path = pathOf(partyId)
    const own = mine[partyId] ?? {}
    const other = saved[partyId] ?? {}
    said.searched = isTouched('searched') || (said.searched && !sent.raw[`${path}.searched`])
    said.day = isTouched('day') || (said.day && !sent.raw[`${path}.day.day`])
    return {
      party_id: partyId,
      ...(isTouched('result') ? pick(own, 'result') : pick(other, 'result')),
      searched: (said.searched ? own.searched || other.searched : other.searched || own.searched) ?? '',
      day: (said.day ? (own.day ?? other.day) : (other.day ?? own.day)) ?? null,
      corrections: (isTouched('corrections') ? own.corrections : other.corrections) ?? '',
    }

    function isTouched(field: string): boolean {
      return sent.isTouched(`${path}.${field}`)
    }
  })
  const entries = theirs?.entries ?? []
  const wordsOf = (entry: ResearchEntry) =>
    JSON.stringify(rawOf(entryFields(0, sheet.subjects), { notes: { entries: [entry] } }))
  const there = new Set(entries.map(wordsOf))
  const behind = (sent.notes.entries ?? []).filter(
    (entry, at) => sent.isTouched(`notes.entries[${sent.rows[at]}]`) && !there.has(wordsOf(entry)),
  )
  const fields = searchFieldsOf(sheet)
  const rawWith = (list: readonly SubjectSearch[]) => rawOf(fields, { notes: { searches: byPerson(list) } })
  const answered = rawWith(theirs?.searches ?? [])
  return {
    notes: { searches, entries: [...entries, ...behind] },
    theirs: entries.length,
    rows: differences(
      fields.filter((field) => !isEmpty(rawFrom([field], answered))),
      answered,
      rawWith(searches),
    ),
  }
}

const pick = <T extends object, K extends keyof T>(from: T, key: K): Partial<Pick<T, K>> =>
  from[key] === undefined ? {} : ({ [key]: from[key] } as Pick<T, K>)

/** What a form sent, for somebody who cannot save it any more: to be copied, with whatever is known of the people. */
export function typedIn(body: Body, subjects: Subject[] = []): { label: string; text: string }[] {
  const people = one(body, 'people').split(' ').filter(Boolean)
  const sheet: Sheet = {
    subjects: people.map(
      (partyId, at) =>
        subjects.find((subject) => subject.partyId === partyId) ?? {
          partyId,
          what: '',
          name: `Person ${at + 1}`,
          rows: [],
        },
    ),
    rows: rowsIn(body),
    isShared: one(body, 'mode') === 'RESEARCH_MODE_SHARED',
  }
  const fields = fieldsOf(sheet)
  const raw = rawFrom(fields, body)
  const record = {}
  apply(fields, raw, {}, record)
  return fields.flatMap((field) => {
    // What is no day is shown as it was typed.
    const parts = Object.values(rawFrom([field], raw)).filter((part) => part.length > 0)
    const text = parts.length > 0 ? inWords(field, record) || parts.join(' ') : ''
    return text === '' ? [] : [{ label: field.label, text }]
  })
}

/** What in the saved texts looks like a protected detail and would be read by others: not what stays in the agency. */
export const warningsToShare = (notes: ResearchNotes__Output, isShared: boolean) =>
  notes.text_warnings.filter(({ field }) => isShared || field.endsWith('.searched'))

/** A short name for texts that their writer was warned of; empty: of none. Whoever changes one is warned again. */
export function warnedOf(notes: ResearchNotes__Output, isShared: boolean): string {
  const warned = warningsToShare(notes, isShared)
  return warned.length === 0
    ? ''
    : fingerprint(
        Object.fromEntries(warned.map(({ field, kind }) => [`${field} ${kind}`, String(get(notes, field))])),
      )
}

/**
 * What maracd says of an entry is about the row it was given in; of a person, about them and not about a place in a
 * list. `sent` are the people in the order in which they were sent.
 */
export function errorsOf(
  violations: { field: string; description: string }[],
  subjects: Subject[],
  sent: readonly SubjectSearch[],
  rows: readonly number[],
): FieldError[] {
  return violations.map(({ field, description }) => {
    const text = `${description.charAt(0).toUpperCase()}${description.slice(1)}`
    const [, person, what] = /^notes\.searches\[(\w+)\](?:\.(\w+))?/.exec(field) ?? []
    if (person === undefined) {
      const inRow = (_: string, row: string) => `notes.entries[${rows[Number(row)] ?? 0}]`
      return { field: field.replace(/^notes\.entries\[(\d+)\]/, inRow), text }
    }
    const partyId = /^\d+$/.test(person) ? sent[Number(person)]?.party_id : person
    const subject = subjects.find((one) => one.partyId === partyId)
    if (!subject) return { field: 'main-content', text }
    return {
      field: `${pathOf(subject.partyId)}.${what ?? 'result'}`,
      text: `${subject.name}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`,
    }
  })
}
