// Pilots as pages show them: what their plans say, in words.
import type { Pilot__Output } from '../../generated/marac/v1/Pilot.js'
import type { PilotDesign__Output } from '../../generated/marac/v1/PilotDesign.js'
import type { PilotIncidentKind__Output } from '../../generated/marac/v1/PilotIncidentKind.js'
import type { PilotMeasure__Output } from '../../generated/marac/v1/PilotMeasure.js'
import type { PilotRule__Output } from '../../generated/marac/v1/PilotRule.js'
import type { PilotState__Output } from '../../generated/marac/v1/PilotState.js'
import type { MaracClient } from '../data/index.js'
import { dayInWords } from '../utils/format.js'
import { instrumentsOf, titlesOf } from './assessmentForms.js'
import { listWhole } from './lists.js'

export const pilotsOf = (marac: MaracClient, area: string): Promise<Pilot__Output[]> =>
  listWhole((page) => marac.call('PilotService', 'ListPilots', { parent: area, ...page }), 'pilots')

export const incidentKinds: { value: PilotIncidentKind__Output; text: string }[] = [
  { value: 'PILOT_INCIDENT_KIND_DISTRESS', text: 'The questions distressed the person' },
  { value: 'PILOT_INCIDENT_KIND_SAFETY', text: 'Somebody was less safe for it, or nearly' },
  { value: 'PILOT_INCIDENT_KIND_OTHER', text: 'Something else' },
]

export const designWords: Record<PilotDesign__Output, string> = {
  PILOT_DESIGN_UNSPECIFIED: 'Not said',
  PILOT_DESIGN_BLIND_SECOND_RATER:
    'A second practitioner completes a form on a sample, without having seen the first',
  PILOT_DESIGN_SAME_TALK:
    'The person answers the piloted form, and the practitioner completes the usual one from the same talk',
  PILOT_DESIGN_CROSSOVER: 'The person answers both forms, one after the other, if they agree to it',
}

interface Measure {
  /** What the rule asks, to choose from. */
  text: string
  /** What its limit is. */
  limit: string
  /** The rule with its limit. */
  rule: (limit: number) => string
  /** What the number that was measured means. */
  means: string
  /** The unit after a number. */
  unit: string
}

export const measures: Record<PilotMeasure__Output, Measure> = {
  PILOT_MEASURE_UNSPECIFIED: { text: 'Not said', limit: '', rule: String, means: '', unit: '' },
  PILOT_MEASURE_BAND_KAPPA_QUADRATIC: {
    text: 'The grades agree, big differences counting most',
    limit: 'The lowest kappa, from -1 to 1. For example, 0.6',
    rule: (limit) => `The grades agree, big differences counting most: kappa surely at least ${limit}`,
    means:
      'Kappa is 1 when every pair has the same grade, and 0 when they agree no more than by chance. The low end decides.',
    unit: '',
  },
  PILOT_MEASURE_BAND_KAPPA_LINEAR: {
    text: 'The grades agree, each step counting the same',
    limit: 'The lowest kappa, from -1 to 1. For example, 0.6',
    rule: (limit) => `The grades agree, each step counting the same: kappa surely at least ${limit}`,
    means:
      'Kappa is 1 when every pair has the same grade, and 0 when they agree no more than by chance. The low end decides.',
    unit: '',
  },
  PILOT_MEASURE_NOT_UNDERSTOOD_PERCENT: {
    text: 'The questions are understood',
    limit: 'The most who may not understand a question, in percent. For example, 5',
    rule: (limit) => `The questions are understood: none is not understood by more than ${limit}%`,
    means: 'Of those who were asked, how many did not understand the question that did worst.',
    unit: '%',
  },
  PILOT_MEASURE_DONT_KNOW_RATIO: {
    text: '“Don’t know” is not much more common',
    limit: 'How many times as common it may be. For example, 2',
    rule: (limit) => `“Don’t know” is at most ${limit} times as common as on the usual form`,
    means: 'How many times as common “don’t know” is with the piloted form, at the question that did worst.',
    unit: ' times',
  },
  PILOT_MEASURE_NO_DOWNWARD_SHIFT: {
    text: 'Yes answers are not lost',
    limit: 'The most yes answers that may be lost on average. For example, 1',
    rule: (limit) => `Yes answers are not lost: on average fewer than ${limit}`,
    means: 'How many yes answers more the piloted form has on average. Below 0 it loses some.',
    unit: ' yes answers',
  },
  PILOT_MEASURE_MOVED_OUT_OF_HIGH_PERCENT: {
    text: 'High risk is not missed',
    limit: 'The most who may drop out of the high grade, in percent. For example, 5',
    rule: (limit) => `High risk is not missed: at most ${limit}% drop out of the high grade`,
    means: 'Of those who are high with the usual form, how many are lower with the piloted one.',
    unit: '%',
  },
}

/** "The grades agree ...: kappa at least 0.6. Judged on at least 50 pairs". */
export function ruleInWords({ measure, limit, pairs_min, false_alarm_percent }: PilotRule__Output): string {
  const alarm =
    false_alarm_percent > 0
      ? `, and at most ${false_alarm_percent}% of pilots may find a loss that is not there`
      : ''
  return `${measures[measure].rule(limit)}. Judged on at least ${pairs_min} pairs${alarm}`
}

export const stateTags: Record<PilotState__Output, { text: string; classes: string }> = {
  PILOT_STATE_UNSPECIFIED: { text: 'Not known', classes: 'govuk-tag--grey' },
  PILOT_STATE_REGISTERED: { text: 'No pairs yet', classes: 'govuk-tag--blue' },
  PILOT_STATE_RUNNING: { text: 'Running', classes: 'govuk-tag--green' },
}

const counted = (count: number | undefined, singular: string, plural: string): string =>
  count ? `${count} ${count === 1 ? singular : plural}` : ''

export interface PilotView {
  /** What went wrong, with what came of it once somebody looked into it. */
  incidents: { id: string; title: string; text: string; finding: string }[]
  pilot: Pilot__Output
  title: string
  state: { text: string; classes: string }
  /** "3 of 20". */
  pairs: string
  /** "9 September 2026 to 3 August 2027". */
  days: string
  isFixed: boolean
  isFull: boolean
  rows: { label: string; value: string }[]
  rules: string[]
}

export async function titleOfForms(
  marac: MaracClient,
  area: string,
): Promise<(instrument: string) => string> {
  const titles = titlesOf(await instrumentsOf(marac, area))
  return (instrument) => titles.get(instrument) ?? instrument
}

export function pilotView(pilot: Pilot__Output, titleOf: (instrument: string) => string): PilotView {
  const { plan } = pilot
  const looks = plan?.looks ?? []
  const last = looks.at(-1) ?? 0
  const days = `${dayInWords(plan?.first_day)} to ${dayInWords(plan?.last_day)}`
  const only = [
    plan?.sample_percent ? `${plan.sample_percent}% of assessments are taken twice` : '',
    plan?.crossover_days_max ? `Both within ${plan.crossover_days_max} days` : '',
  ].filter(Boolean)
  const extra = [
    counted(
      plan?.practice.length,
      'practice question with its true answer',
      'practice questions with their true answers',
    ),
    counted(
      plan?.contradictions.length,
      'set of answers that cannot all be true',
      'sets of answers that cannot all be true',
    ),
  ].filter(Boolean)
  return {
    pilot,
    incidents: pilot.incidents.map(({ id, day, kind, text, review }) => ({
      id,
      title: `${dayInWords(day)}: ${incidentKinds.find(({ value }) => value === kind)?.text ?? ''}`,
      text,
      finding: review?.finding ?? '',
    })),
    title: plan?.title ?? '',
    state: stateTags[pilot.state],
    pairs: `${pilot.pairs} of ${last}`,
    days,
    isFixed: pilot.state !== 'PILOT_STATE_REGISTERED',
    isFull: pilot.pairs >= last,
    rows: [
      { label: 'Pairs', value: `${pilot.pairs} of ${last}` },
      {
        label: 'How a pair comes about',
        value: [designWords[plan?.design ?? 'PILOT_DESIGN_UNSPECIFIED'], ...only].join('\n'),
      },
      { label: 'Usual form', value: titleOf(plan?.reference_instrument ?? '') },
      { label: 'Piloted form', value: titleOf(plan?.variant_instrument ?? '') },
      { label: 'Rules for grading', value: plan?.policy ?? '' },
      { label: 'Assessments of', value: days },
      { label: 'Looked at after', value: `${looks.join(', ')} pairs` },
      {
        label: 'Approved by',
        value: `${plan?.approval?.steering_group ?? ''}, ${dayInWords(plan?.approval?.approved_on)}`,
      },
      ...(extra.length > 0 ? [{ label: 'Checks of the answers', value: extra.join('\n') }] : []),
    ],
    rules: (plan?.rules ?? []).map(ruleInWords),
  }
}
