// Rules for grading as pages show them: maracd's policies, and what of them can be told without their files.
import type { AreaPolicy__Output } from '../../generated/marac/v1/AreaPolicy.js'
import type { ClusterAction__Output } from '../../generated/marac/v1/ClusterAction.js'
import type { Day } from '../../generated/marac/v1/Day.js'
import type { Grade__Output } from '../../generated/marac/v1/Grade.js'
import type { Policy__Output } from '../../generated/marac/v1/Policy.js'
import type { PolicyAbout__Output } from '../../generated/marac/v1/PolicyAbout.js'
import type { MaracClient } from '../data/index.js'
import type { Option } from '../forms/fields.js'
import { dayInWords, dayOfMoment } from '../utils/format.js'
import { instrumentsOf, titlesOf } from './assessmentForms.js'
import { listWhole } from './lists.js'

export interface Rules {
  about: PolicyAbout__Output
  /** When it was installed; empty for what is part of the server. */
  installed: string
}

export async function rulesOf(marac: MaracClient, area: string): Promise<Rules[]> {
  const builtIn: PolicyAbout__Output[] = []
  const installed = await listWhole(async (page) => {
    const answer = await marac.call('InstrumentService', 'ListPolicies', { parent: area, ...page })
    builtIn.push(...answer.built_in)
    return answer
  }, 'policies')
  return [
    ...installed.flatMap(({ about, install_time }: AreaPolicy__Output) =>
      about ? [{ about, installed: dayOfMoment(install_time) }] : [],
    ),
    ...builtIn.map((about) => ({ about, installed: '' })),
  ]
}

export const rulesOptions = (all: Rules[]): Option[] =>
  all.map(({ about }) => ({ value: about.policy, text: about.policy + (about.in_use ? ' (in use)' : '') }))

interface Row {
  label: string
  value: string
}

export interface RulesView {
  policy: string
  inUse: boolean
  rows: Row[]
  /** Patterns in the answers that ask for something: what the practitioner is told, and what is asked. */
  patterns: Row[]
  /** Against those in use, a sentence each. */
  differs: string[]
}

const grades: Record<Grade__Output, string> = {
  GRADE_UNSPECIFIED: 'Not graded',
  GRADE_STANDARD: 'Standard',
  GRADE_MEDIUM: 'Medium',
  GRADE_HIGH: 'High',
}

const asks: Record<ClusterAction__Output, string> = {
  CLUSTER_ACTION_UNSPECIFIED: '',
  CLUSTER_ACTION_PROMPT: 'It is shown',
  CLUSTER_ACTION_SUGGEST_REFER: 'It suggests a referral',
  CLUSTER_ACTION_REQUIRE_REASON: 'Signing needs a referral, or a reason why there is none',
  CLUSTER_ACTION_REQUIRE_STEP: 'Signing needs a step that was taken',
}

function bandsInWords({ bands }: Policy__Output): string {
  let from = 0
  return bands
    .map(({ to, open, grade }) => {
      const range = open ? `From ${from}` : `${from} to ${to}`
      from = to + 1
      return `${range}: ${grades[grade].toLowerCase()}`
    })
    .join('\n')
}

function repeatInWords({ repeat }: Policy__Output): string {
  const anchor =
    repeat?.anchor === 'REPEAT_ANCHOR_HEARD' ? 'the case was last heard' : 'the last referral was sent'
  return `${repeat?.criminal_only ? 'What would be a crime' : 'Any abuse'} of the same two people within ${repeat?.months ?? 0} months after ${anchor}`
}

/** What counts, a row each, so that two versions can be told apart row by row. */
const ruleRows = (policy: Policy__Output, titleOf: (instrument: string) => string): Row[] => [
  { label: 'Grades by the count of yes', value: bandsInWords(policy) },
  { label: 'High risk by the count', value: `From ${policy.high_threshold} yes answers` },
  {
    label: 'Growing abuse',
    value: `${policy.escalation?.count ?? 0} reports within ${policy.escalation?.months ?? 0} months`,
  },
  { label: 'Repeat', value: repeatInWords(policy) },
  {
    label: 'A practitioner’s grade below that of the answers',
    value: policy.allow_downgrade ? 'With a reason and a supervisor’s agreement' : 'Never',
  },
  { label: 'Least length of a judgement', value: `${policy.judgement_min_chars} letters` },
  { label: 'Signs of control that are counted', value: policy.control_codes.join(', ') },
  { label: 'Least age', value: `${policy.min_age_years} years` },
  {
    label: 'Review of a signed assessment',
    value: [`After ${policy.review_days} days`, ...policy.review_changes.map(({ label }) => label)].join(
      '\n',
    ),
  },
  { label: 'Forms it grades', value: policy.instruments.map(titleOf).join('\n') },
]

interface Pattern extends Row {
  /** What it tests, to tell two versions of it apart. */
  when: string
}

const patternRows = ({ clusters }: Policy__Output): Pattern[] =>
  clusters.map(({ prompt, action, when }) => ({
    label: prompt,
    value: asks[action],
    when: JSON.stringify(when),
  }))

/** Those in use first. */
export async function rulesViews(marac: MaracClient, area: string): Promise<RulesView[]> {
  const [all, forms] = await Promise.all([rulesOf(marac, area), instrumentsOf(marac, area)])
  const titles = titlesOf(forms)
  const titleOf = (instrument: string) => titles.get(instrument) ?? instrument
  const whole = await Promise.all(
    all.map(async ({ about, installed }) => {
      const policy = await marac.call('InstrumentService', 'GetPolicy', {
        parent: area,
        policy: about.policy,
      })
      return { about, installed, rules: ruleRows(policy, titleOf), patterns: patternRows(policy) }
    }),
  )
  const inUse = whole.find(({ about }) => about.in_use)
  return whole
    .map((one) => ({
      policy: one.about.policy,
      inUse: one.about.in_use,
      rows: [
        ...one.rules,
        {
          label: 'May be used',
          value: one.about.valid_from ? `From ${dayInWords(one.about.valid_from)}` : 'From any day',
        },
        { label: 'Installed', value: one.installed === '' ? 'Built in' : one.installed },
      ],
      patterns: one.patterns,
      differs: inUse && inUse !== one ? differences([inUse, one]) : [],
    }))
    .sort((a, b) => Number(b.inUse) - Number(a.inUse))
}

interface Whole {
  rules: Row[]
  patterns: Pattern[]
}

function differences([inUse, other]: [Whole, Whole]): string[] {
  const sameIn = ({ patterns }: Whole, { label }: Row) => patterns.find((one) => one.label === label)
  return [
    ...other.rules.flatMap(({ label, value }) => {
      const before = inUse.rules.find((one) => one.label === label)?.value ?? ''
      return before === value ? [] : [`${label}: ${line(value)}, instead of ${line(before)}`]
    }),
    ...other.patterns.flatMap((one) => {
      const before = sameIn(inUse, one)
      if (!before) return [`A pattern more: ${one.label}`]
      if (before.when !== one.when)
        return [`A pattern with the same words fires on other answers: ${one.label}`]
      return before.value === one.value ? [] : [`${one.label} ${one.value}, instead of: ${before.value}`]
    }),
    ...inUse.patterns.filter((one) => !sameIn(other, one)).map(({ label }) => `A pattern less: ${label}`),
  ]
}

const line = (value: string): string => value.replaceAll('\n', '; ')

/** The quarter of a year before the one of this day, which is when reports are made. */
export function lastQuarter({ year, month }: Required<Day>): { first_day: Day; last_day: Day } {
  const quarter = Math.floor((month - 1) / 3)
  const first = quarter === 0 ? { year: year - 1, month: 10 } : { year, month: quarter * 3 - 2 }
  const end = new Date(Date.UTC(first.year, first.month + 2, 0))
  return {
    first_day: { ...first, day: 1 },
    last_day: { year: first.year, month: first.month + 2, day: end.getUTCDate() },
  }
}
