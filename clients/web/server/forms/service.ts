// The form of one entry of the services directory. What an entry must say is maracd's to judge; here only what cannot
// be a value at all is an error.
import type { SupportService } from '../../generated/marac/v1/SupportService.js'
import { many, type Body } from '../context.js'
import { genders, grades, purposes } from '../services/servicesDirectory.js'
import {
  apply,
  idOfField,
  rawFrom,
  rawOf,
  viewsOf,
  type Field,
  type FieldError,
  type FieldView,
  type Option,
  type Raw,
} from './fields.js'

const numberRows = 2
const numberRowsMax = 5

const first: Field[] = [
  { path: 'service.display_name', kind: 'string', label: 'Name', autocomplete: 'off' },
  {
    path: 'service.description',
    kind: 'longstring',
    label: 'What it does',
    hint: 'A sentence or two',
  },
]

const hours: Field[] = [
  {
    path: 'service.hours',
    kind: 'string',
    label: 'When somebody answers',
    hint: 'For example, Monday to Friday, 9am to 5pm',
    autocomplete: 'off',
  },
]

const ages: Field[] = [
  { path: 'service.eligibility.age_min', kind: 'string', label: 'Youngest age', width: '4' },
  { path: 'service.eligibility.age_max', kind: 'string', label: 'Oldest age', width: '4' },
]

const others: Field[] = [
  {
    path: 'service.eligibility.note',
    kind: 'string',
    label: 'What else decides whom it takes',
    hint: 'For example, lives in the borough',
    autocomplete: 'off',
  },
  {
    path: 'service.access',
    kind: 'longstring',
    label: 'Languages, and other ways to reach it',
    hint: 'Interpreters, sign language, text relay, a way in without steps',
  },
]

const days: Field[] = [
  {
    path: 'service.verified_day',
    kind: 'day',
    label: 'When did somebody last make sure that all of this is right?',
    hint: 'For example, 27 3 2026',
  },
  {
    path: 'service.review_day',
    kind: 'day',
    label: 'Until which day does that count?',
    hint: 'From then on every page says that nobody has verified it',
  },
]

const numberOf = (row: number): Field[] => [
  {
    path: `service.numbers[${row}].number`,
    kind: 'string',
    label: 'Number',
    autocomplete: 'off',
    width: '20',
  },
  {
    path: `service.numbers[${row}].kind`,
    kind: 'select',
    label: 'What it is for',
    options: [
      { value: 'SERVICE_NUMBER_KIND_VOICE', text: 'Calls' },
      { value: 'SERVICE_NUMBER_KIND_TEXT', text: 'Text messages' },
    ],
  },
  {
    path: `service.numbers[${row}].note`,
    kind: 'string',
    label: 'What to know before using it',
    hint: 'For example, free, and not on the bill',
    autocomplete: 'off',
  },
]

const choices: Record<
  'service.purposes' | 'service.eligibility.grades' | 'service.eligibility.genders',
  Option[]
> = {
  'service.purposes': purposes,
  'service.eligibility.grades': grades,
  'service.eligibility.genders': genders,
}
const choicePaths = Object.keys(choices) as (keyof typeof choices)[]

const rowsOf = (rows: number): Field[] => Array.from({ length: rows }, (_, row) => numberOf(row)).flat()
const fieldsOf = (rows: number): Field[] => [...first, ...rowsOf(rows), ...hours, ...ages, ...others, ...days]

export interface Sent {
  service: SupportService
  raw: Raw
  errors: FieldError[]
  /** The row of the form in which each number was given; empty rows are left out. */
  rows: number[]
}

/** What a form shows of an entry, or an empty one. */
export function rawOfService(service: SupportService): Raw {
  const raw = rawOf(fieldsOf(numberRowsMax), { service })
  const age = (years: number | undefined) => (years ? String(years) : '')
  raw['service.eligibility.age_min'] = age(service.eligibility?.age_min)
  raw['service.eligibility.age_max'] = age(service.eligibility?.age_max)
  raw['service.purposes'] = service.purposes as string[]
  raw['service.eligibility.grades'] = (service.eligibility?.grades ?? []) as string[]
  raw['service.eligibility.genders'] = (service.eligibility?.genders ?? []) as string[]
  return raw
}

export function serviceFrom(body: Body): Sent {
  const fields = fieldsOf(numberRowsMax)
  const raw = rawFrom(fields, body)
  const record: { service: SupportService } = { service: {} }
  const errors = apply(fields, raw, {}, record)
  const { service } = record
  for (const path of choicePaths) raw[path] = many(body, path)
  const given = <Path extends keyof typeof choices>(path: Path) =>
    choices[path].map(({ value }) => value).filter((value) => raw[path]?.includes(value))
  service.purposes = given('service.purposes') as NonNullable<SupportService['purposes']>
  service.eligibility = {
    ...service.eligibility,
    grades: given('service.eligibility.grades') as [],
    genders: given('service.eligibility.genders') as [],
  }
  for (const { path, label } of ages) {
    const typed = String(raw[path] ?? '')
    const name = path.slice(path.lastIndexOf('.') + 1) as 'age_min' | 'age_max'
    service.eligibility[name] = Number(typed)
    if (!/^\d{0,3}$/.test(typed)) errors.push({ field: path, text: `${label}: enter whole years, like 16` })
  }
  const rows = (service.numbers ?? []).flatMap(({ number, note }, row) => (number || note ? [row] : []))
  service.numbers = rows.map((row) => service.numbers?.[row] ?? {})
  return { service, raw, errors, rows }
}

/** What maracd says of a number is about the row it was given in; of the numbers as a whole, about the first. */
export function errorsOf(violations: { field: string; description: string }[], rows: number[]): FieldError[] {
  return violations.map(({ field, description }) => ({
    field:
      field === 'service.numbers'
        ? 'service.numbers[0].number'
        : field
            .replace(/^service\.numbers\[(\d+)\]/, (_, at) => `service.numbers[${rows[Number(at)] ?? 0}]`)
            .replace(/^(service\.purposes|service\.eligibility\.(?:grades|genders))\[\d+\]$/, '$1'),
    text: description.charAt(0).toUpperCase() + description.slice(1),
  }))
}

export interface FormView {
  first: FieldView[]
  numbers: FieldView[][]
  hours: FieldView[]
  ages: FieldView[]
  others: FieldView[]
  days: FieldView[]
  choices: Record<string, { id: string; items: (Option & { checked: boolean })[]; error: string | undefined }>
}

export function formOf(raw: Raw, errors: FieldError[] = []): FormView {
  const views = (fields: Field[]) => viewsOf(fields, raw, errors)
  const used = Array.from({ length: numberRowsMax }, (_, row) => row).filter(
    (row) => raw[`service.numbers[${row}].number`] || raw[`service.numbers[${row}].note`],
  )
  const rows = Math.min(numberRowsMax, Math.max(numberRows, (used.at(-1) ?? -1) + 2))
  return {
    first: views(first),
    numbers: Array.from({ length: rows }, (_, row) => views(numberOf(row))),
    hours: views(hours),
    ages: views(ages),
    others: views(others),
    days: views(days),
    choices: Object.fromEntries(
      choicePaths.map((path) => [
        path.slice(path.lastIndexOf('.') + 1),
        {
          id: idOfField(path),
          items: choices[path].map((option) => ({
            ...option,
            checked: raw[path]?.includes(option.value) ?? false,
          })),
          error: errors.find(({ field }) => field === path)?.text,
        },
      ]),
    ),
  }
}
