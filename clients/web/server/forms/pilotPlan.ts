// The form of a pilot's plan. What a plan must say is maracd's to judge; here only what cannot be a number is an error.
import type { PilotPlan } from '../../generated/marac/v1/PilotPlan.js'
import type { PilotPlan__Output } from '../../generated/marac/v1/PilotPlan.js'
import type { Body } from '../context.js'
import { designWords, measures } from '../services/pilots.js'
import { sentence } from '../utils/format.js'
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
import { fieldFor } from './referral.js'

const ruleRows = 3
const ruleRowsMax = 20 // As many as maracd takes.

export interface PlanChoices {
  instruments: Option[]
  policies: Option[]
}

const optionsOf = (words: Record<string, string>): Option[] =>
  Object.entries(words)
    .filter(([value]) => !value.endsWith('_UNSPECIFIED'))
    .map(([value, text]) => ({ value, text }))

const choose = (options: Option[]): Option[] => [{ value: '', text: 'Choose one' }, ...options]

const about: Field[] = [
  { path: 'plan.title', kind: 'string', label: 'Title', autocomplete: 'off' },
  {
    path: 'plan.design',
    kind: 'choice',
    label: 'How does each pair of assessments come about?',
    options: optionsOf(designWords),
  },
  {
    path: 'plan.sample_percent',
    kind: 'string',
    label: 'Percent of assessments that are taken twice',
    hint: 'Only with a second practitioner',
    width: '4',
  },
  {
    path: 'plan.crossover_days_max',
    kind: 'string',
    label: 'Most days between the two',
    hint: 'Only where the person answers both',
    width: '4',
  },
]

const compared = ({ instruments, policies }: PlanChoices): Field[] => [
  {
    path: 'plan.reference_instrument',
    kind: 'select',
    label: 'Usual form, which is compared with',
    options: choose(instruments),
  },
  { path: 'plan.variant_instrument', kind: 'select', label: 'Piloted form', options: choose(instruments) },
  {
    path: 'plan.policy',
    kind: 'select',
    label: 'Rules for grading both',
    options: choose(policies),
  },
  {
    path: 'plan.first_day',
    kind: 'day',
    label: 'First day of the assessments it takes',
    hint: 'For example, 27 3 2026',
  },
  { path: 'plan.last_day', kind: 'day', label: 'Last day' },
]

const looks: Field[] = [
  {
    path: 'plan.looks',
    kind: 'string',
    label: 'After how many pairs are the rules looked at?',
    hint: 'Rising numbers, for example 50, 100, 200. In between nothing is decided, and after the last no pair is taken',
    autocomplete: 'off',
    width: '20',
  },
]

const approval: Field[] = [
  {
    path: 'plan.approval.steering_group',
    kind: 'string',
    label: 'Which steering group approved this plan?',
    autocomplete: 'off',
  },
  { path: 'plan.approval.approved_on', kind: 'day', label: 'Day of the approval' },
]

const ruleOf = (row: number): Field[] => [
  {
    path: `plan.rules[${row}].measure`,
    kind: 'select',
    label: 'What is asked',
    options: choose(
      optionsOf(Object.fromEntries(Object.entries(measures).map(([measure, { text }]) => [measure, text]))),
    ),
  },
  { path: `plan.rules[${row}].limit`, kind: 'string', label: 'Limit', width: '4' },
  { path: `plan.rules[${row}].pairs_min`, kind: 'string', label: 'Fewest pairs to judge it on', width: '4' },
  {
    path: `plan.rules[${row}].false_alarm_percent`,
    kind: 'string',
    label: 'How often may it find a loss that is not there, in percent?',
    hint: 'Only for lost yes answers: above 0, at most 20',
    width: '4',
  },
]
// Rules have ids, by which a report names them; a form that is sent again gives them back.
const idPath = (row: number): string => `plan.rules[${row}].id`

const rowsOf = (rows: number): Field[] => Array.from({ length: rows }, (_, row) => ruleOf(row)).flat()
const fieldsOf = (choices: PlanChoices): Field[] => [
  ...about,
  ...compared(choices),
  ...rowsOf(ruleRowsMax),
  ...looks,
  ...approval,
]

const isNumber =
  /^(plan\.(sample_percent|crossover_days_max)|plan\.rules\[\d+\]\.(limit|pairs_min|false_alarm_percent))$/

/** What a form shows of a plan, or an empty one. */
export function rawOfPlan(choices: PlanChoices, plan?: PilotPlan__Output): Raw {
  const raw = rawOf(fieldsOf(choices), { plan })
  for (const [path, value] of Object.entries(raw)) {
    // Only a limit can be 0; elsewhere that is how maracd says that there is none.
    if (isNumber.test(path))
      raw[path] = Number(value) || (path.endsWith('.limit') && value !== '') ? String(value) : ''
  }
  raw['plan.looks'] = plan?.looks.join(', ') ?? ''
  plan?.rules.forEach(({ id }, row) => (raw[idPath(row)] = id))
  return raw
}

export interface SentPlan {
  plan: PilotPlan
  raw: Raw
  errors: FieldError[]
  /** The row of the form of each rule; empty rows are left out. */
  rows: number[]
}

export function planFrom(choices: PlanChoices, body: Body): SentPlan {
  const fields = fieldsOf(choices)
  const raw = rawFrom(fields, body)
  const record: { plan: Record<string, unknown> } = { plan: {} }
  const errors = apply(fields, raw, {}, record)
  const typed = (path: string) => String(raw[path] ?? '')
  const number = (path: string): number => {
    if (/^-?\d*\.?\d*$/.test(typed(path)) && !Number.isNaN(Number(typed(path)))) return Number(typed(path))
    errors.push({ field: path, text: 'Enter a number, like 0.6 or 50' })
    return 0
  }
  const whole = (path: string): number => {
    if (/^\d{0,6}$/.test(typed(path))) return Number(typed(path))
    errors.push({ field: path, text: 'Enter a whole number, like 50' })
    return 0
  }
  const rows = Array.from({ length: ruleRowsMax }, (_, row) => row).filter((row) => isUsed(raw, row))
  const ids = new Set<string>()
  const plan: PilotPlan = {
    ...(record.plan as PilotPlan),
    sample_percent: whole('plan.sample_percent'),
    crossover_days_max: whole('plan.crossover_days_max'),
    looks: typed('plan.looks')
      .split(/[\s,]+/)
      .filter((part) => part !== '')
      .map((part) => (/^\d{1,6}$/.test(part) ? Number(part) : -1)),
    rules: rows.map((row) => {
      const path = `plan.rules[${row}]`
      const measure = typed(`${path}.measure`)
      raw[idPath(row)] = idFor(body[idPath(row)], measure, ids)
      return {
        id: typed(idPath(row)),
        measure: (measure || 'PILOT_MEASURE_UNSPECIFIED') as keyof typeof measures,
        limit: number(`${path}.limit`),
        pairs_min: whole(`${path}.pairs_min`),
        false_alarm_percent: number(`${path}.false_alarm_percent`),
      }
    }),
  }
  return { plan, raw, errors, rows }
}

/** "PILOT_MEASURE_BAND_KAPPA_QUADRATIC" -> "BAND_KAPPA_QUADRATIC", "BAND_KAPPA_QUADRATIC_2". */
function idFor(given: Body[string], measure: string, ids: Set<string>): string {
  const wanted =
    typeof given === 'string' && /^[A-Z0-9_]{1,64}$/.test(given)
      ? given
      : measure.replace('PILOT_MEASURE_', '') || 'RULE'
  let id = wanted
  for (let number = 2; ids.has(id); ++number) id = `${wanted}_${number}`
  ids.add(id)
  return id
}

const isUsed = (raw: Raw, row: number): boolean => ruleOf(row).some(({ path }) => (raw[path] ?? '') !== '')

/** What maracd says of a rule is about the row that it was given in; of the rules as a whole, about the first. */
export function planErrors(choices: PlanChoices, violations: FieldError[], rows: number[]): FieldError[] {
  return violations.map(({ field, text }) => ({
    field: fieldFor(
      fieldsOf(choices),
      field
        .replace(/^plan\.rules\[(\d+)\]/, (_, at) => `plan.rules[${rows[Number(at)] ?? 0}]`)
        .replace(/^plan\.rules$/, 'plan.rules[0]'),
    ),
    text: sentence(text),
  }))
}

/** What the limit of each rule is, to look up. */
const limits = Object.values(measures)
  .filter(({ limit }) => limit !== '')
  .map(({ text, limit }) => ({ label: text, value: limit }))

export interface PlanView {
  limits: { label: string; value: string }[]
  about: FieldView[]
  compared: FieldView[]
  rules: { number: number; idPath: string; id: string; fields: FieldView[] }[]
  looks: FieldView[]
  approval: FieldView[]
  rows: number
  mayAdd: boolean
}

/** `rows`: how many rules there is room for at least. */
export function planView(
  choices: PlanChoices,
  raw: Raw,
  errors: FieldError[] = [],
  rows = ruleRows,
): PlanView {
  const views = (fields: Field[]) => viewsOf(fields, raw, errors)
  const used = Array.from({ length: ruleRowsMax }, (_, row) => row).findLast((row) => isUsed(raw, row)) ?? -1
  const shown = Math.min(ruleRowsMax, Math.max(rows, used + 1))
  return {
    limits,
    about: views(about),
    compared: views(compared(choices)),
    rules: Array.from({ length: shown }, (_, row) => ({
      number: row + 1,
      idPath: idPath(row),
      id: String(raw[idPath(row)] ?? ''),
      fields: views(ruleOf(row)),
    })),
    looks: views(looks),
    approval: views(approval),
    rows: shown,
    mayAdd: shown < ruleRowsMax,
  }
}

/** Where each error leads: to its field, or to the top where it is about none. */
export const linksOf = (choices: PlanChoices, errors: FieldError[]) =>
  errors.map(({ field, text }) => ({
    text,
    href: fieldsOf(choices).some(({ path }) => path === field) ? `#${idOfField(field)}` : '#main-content',
  }))
