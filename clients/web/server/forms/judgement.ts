// What a practitioner adds to the answers of an assessment, as one form: the judgement, why it stops before the end, and
// why there is no referral. One form, so that no press of a button loses what was typed beside it.
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { Judgement } from '../../generated/marac/v1/Judgement.js'
import type { Field, FieldError, Option } from './fields.js'

const own: Field[] = [
  {
    path: 'professional_judgement',
    kind: 'tick',
    label: 'In my professional judgement the risk is high, whatever the count',
  },
  {
    path: 'grade',
    kind: 'choice',
    label: 'Your own grade, if it is higher than the count',
    options: [
      { value: 'GRADE_UNSPECIFIED', text: 'The same as the count' },
      { value: 'GRADE_MEDIUM', text: 'Medium' },
      { value: 'GRADE_HIGH', text: 'High' },
    ],
  },
  {
    path: 'text',
    kind: 'longstring',
    label: 'Your reasons, in your own words',
    hint: 'What makes this dangerous or less so: what the answers do not say',
  },
  {
    path: 'repeat',
    kind: 'yesno',
    label: 'Was there abuse between the same two people in the last 12 months before this?',
  },
  {
    path: 'report_days',
    kind: 'days',
    label: 'Days on which abuse was reported, in the last 12 months',
    hint: 'One on each line, like 27/3/2026',
  },
]

// Facts that no question asks and that patterns of the built-in policy look at.
const flags: Field[] = [
  { path: 'flags.VICTIM_SAYS_IN_DANGER', kind: 'tick', label: 'They say that they are in danger' },
  {
    path: 'flags.HONOUR_CONCERN',
    kind: 'tick',
    label: 'Family honour or a forced marriage may play a part',
  },
]

/** `steps`: one for each pattern that asks for a step. */
export type JudgementFields = Record<'own' | 'flags' | 'steps' | 'stop' | 'sign', Field[]>

export function judgementFields(
  { result }: Assessment__Output,
  supervisors: readonly Option[] = [],
): JudgementFields {
  return {
    own,
    flags,
    steps: (result?.clusters ?? [])
      .filter(({ action }) => action === 'CLUSTER_ACTION_REQUIRE_STEP')
      .map(({ id, prompt }) => ({
        path: `steps.${id}`,
        kind: 'longstring',
        label: 'Step you took',
        hint: prompt,
      })),
    stop: [
      {
        path: 'stop_reason',
        kind: 'longstring',
        label: 'Why it stops here',
        hint: 'Answers are kept and counted, and can still support a referral. No more can be added',
      },
    ],
    sign: [
      { path: 'non_referral.text', kind: 'longstring', label: 'Why there is no referral' },
      {
        path: 'non_referral.supervisor',
        kind: 'select',
        label: 'Supervisor who is asked to agree',
        hint: 'Needed when the grade is high',
        options: [{ value: '', text: 'Nobody yet' }, ...supervisors],
      },
    ],
  }
}

/** The judgement with a place for each field of the form. */
export const recordOf = (judgement: Judgement | null) => ({
  ...judgement,
  flags: Object.fromEntries((judgement?.flags ?? []).map((flag) => [flag, true])),
  steps: Object.fromEntries((judgement?.steps ?? []).map(({ cluster, text }) => [cluster ?? '', text ?? ''])),
})

export const judgementFrom = ({ flags, steps, ...rest }: ReturnType<typeof recordOf>): Judgement => ({
  ...rest,
  flags: Object.keys(flags).filter((flag) => flags[flag]),
  steps: Object.entries(steps).flatMap(([cluster, text]) => (text === '' ? [] : [{ cluster, text }])),
})

/** The field that an error of maracd's is about, in the places of the form. */
export function placeOf({ field, text }: FieldError, sent?: Judgement): FieldError {
  // A step by its place in what was sent, or by the pattern that asks for it.
  const [, at] = /^steps\[(\w+)\]/.exec(field) ?? []
  if (at !== undefined) return { field: `steps.${sent?.steps?.[Number(at)]?.cluster ?? at}`, text }
  if (field === 'non_referral') return { field: 'non_referral.text', text }
  return { field, text }
}
