// What a pilot has shown, in words: each number with what it means. Nothing is counted or judged here.
import type { EquivalenceStatus__Output } from '../../generated/marac/v1/EquivalenceStatus.js'
import type { Pilot__Output } from '../../generated/marac/v1/Pilot.js'
import type { PilotBandAgreement__Output } from '../../generated/marac/v1/PilotBandAgreement.js'
import type { PilotEstimate__Output } from '../../generated/marac/v1/PilotEstimate.js'
import type { PilotExport__Output } from '../../generated/marac/v1/PilotExport.js'
import type { PilotExportSide__Output } from '../../generated/marac/v1/PilotExportSide.js'
import type { PilotOutcome__Output } from '../../generated/marac/v1/PilotOutcome.js'
import type { PilotReport__Output } from '../../generated/marac/v1/PilotReport.js'
import type { PilotRuleResult__Output } from '../../generated/marac/v1/PilotRuleResult.js'
import type { PilotScoreAgreement__Output } from '../../generated/marac/v1/PilotScoreAgreement.js'
import type { PilotSide__Output } from '../../generated/marac/v1/PilotSide.js'
import type { PilotSpread__Output } from '../../generated/marac/v1/PilotSpread.js'
import type { SectionKind__Output } from '../../generated/marac/v1/SectionKind.js'
import { words } from '../utils/format.js'
import { measures, ruleInWords } from './pilots.js'

export interface Fact {
  label: string
  value: string
  means: string
}
type Row = { text: string }[]

const none = 'Not known yet'

/** At most so many decimals, none that are not needed. */
const round = (value: number, decimals = 2): string => String(Number(value.toFixed(decimals)))
const orNone = (value: number | undefined, unit = ''): string =>
  value === undefined ? none : round(value) + unit
const percent = (value: number | undefined): string => (value === undefined ? none : `${round(value, 0)}%`)

/** "0.72 (with 95% confidence between 0.61 and 0.83)". */
function estimate(found: PilotEstimate__Output | null, unit = ''): string {
  if (!found) return none
  const { value, low, high } = found
  const decimals = unit === '%' ? 0 : 2
  const between =
    low === undefined || high === undefined
      ? ''
      : ` (with 95% confidence between ${round(low, decimals)}${unit} and ${round(high, decimals)}${unit})`
  return `${round(value, decimals)}${unit}${between}`
}

const chance = (probability: number): string =>
  probability < 0.001 ? 'Less than 1 in 1,000' : `${round(probability * 100, 1)}%`

// --- The rules --------------------------------------------------------------------------------------------------

const outcomes: Record<PilotOutcome__Output, { text: string; classes: string }> = {
  PILOT_OUTCOME_UNSPECIFIED: { text: 'Not said', classes: 'govuk-tag--grey' },
  PILOT_OUTCOME_MET: { text: 'Met', classes: 'govuk-tag--green' },
  PILOT_OUTCOME_NOT_MET: { text: 'Not met', classes: 'govuk-tag--red' },
  PILOT_OUTCOME_WITHHELD: { text: 'Not told yet', classes: 'govuk-tag--grey' },
  PILOT_OUTCOME_TOO_LITTLE_DATA: { text: 'Too little data yet', classes: 'govuk-tag--yellow' },
}

// Where it is no question.
const whereWords: Record<string, string> = { BAND: 'The grade', SCORE: 'The count' }

export interface RuleView {
  title: string
  outcome: { text: string; classes: string }
  facts: Fact[]
}

function ruleView({ plan }: Pilot__Output, result: PilotRuleResult__Output): RuleView {
  const planned = plan?.rules.find(({ id }) => id === result.id)
  const { rule, means, unit } = measures[result.measure]
  return {
    title: planned ? ruleInWords(planned) : rule(result.limit),
    outcome: outcomes[result.outcome],
    facts: [
      { label: 'Measured', value: estimate(result.value, unit), means },
      ...(result.where.length > 0
        ? [
            {
              label: 'Not met at',
              value: result.where.map((one) => whereWords[one] ?? one).join(', '),
              means: 'A question is named by its code on the form.',
            },
          ]
        : []),
    ],
  }
}

function lookInWords({ look, last_look }: PilotReport__Output, { plan }: Pilot__Output): string {
  if (look === 0) {
    return `The rules are looked at for the first time after ${plan?.looks[0] ?? 0} pairs. Until then nothing is decided.`
  }
  return `Judged on the first ${look} pairs${last_look ? ', the last time that the plan looks at them' : ''}.`
}

const statusWords: Record<EquivalenceStatus__Output, string> = {
  EQUIVALENCE_STATUS_UNSPECIFIED: 'not known. Take it as untested.',
  EQUIVALENCE_STATUS_UNTESTED:
    'untested. Nobody knows yet whether its count means what that of the usual form means.',
  EQUIVALENCE_STATUS_PILOT:
    'in a pilot. Its owner does not say yet that its count means what that of the usual form means.',
  EQUIVALENCE_STATUS_SUPPORTED: 'supported. Its owner says that there is evidence for it.',
  EQUIVALENCE_STATUS_WITHDRAWN: 'withdrawn. It is not to be used any more.',
}

// --- Agreement --------------------------------------------------------------------------------------------------

const grades = [
  ['GRADE_STANDARD', 'Standard'],
  ['GRADE_MEDIUM', 'Medium'],
  ['GRADE_HIGH', 'High'],
] as const

const bandView = (band: PilotBandAgreement__Output) => ({
  pairs: band.pairs,
  rows: grades.map(([before, text]): Row => [
    { text: `${text} with the usual form` },
    ...grades.map(([after]) => ({
      text: String(
        band.cells.find(({ reference, variant }) => reference === before && variant === after)?.pairs ?? 0,
      ),
    })),
  ]),
  facts: [
    { label: 'Raised', value: String(band.raised), means: 'Pairs with a higher grade on the piloted form.' },
    { label: 'Lowered', value: String(band.lowered), means: 'Pairs with a lower grade on the piloted form.' },
    {
      label: 'Moved into high',
      value: `${band.moved_into_high} (${percent(band.moved_into_high_percent)})`,
      means: 'High risk on the piloted form alone, and how many of all pairs that is.',
    },
    {
      label: 'Moved out of high',
      value: String(band.moved_out_of_high),
      means: 'High risk on the usual form alone: the piloted form would have missed these.',
    },
    {
      label: 'Kappa, big differences counting most',
      value: estimate(band.kappa_quadratic),
      means:
        '1 is full agreement about the grade, 0 is no more than chance. A difference of two grades counts four times.',
    },
    {
      label: 'Kappa, each step counting the same',
      value: estimate(band.kappa_linear),
      means: 'The same, where a difference of two grades counts twice.',
    },
    {
      label: 'By chance alone',
      value: chance(band.chance_of_shift),
      means: 'How likely so uneven a number raised and lowered is, if the forms are alike.',
    },
  ],
})

const scoreFacts = (score: PilotScoreAgreement__Output): Fact[] => [
  { label: 'Pairs', value: String(score.pairs), means: 'Pairs in which both forms were finished.' },
  {
    label: 'Mean difference',
    value: estimate(score.mean_difference),
    means: 'Yes answers of the piloted form less those of the usual one, on average. Below 0 it loses some.',
  },
  {
    label: 'Limits of agreement',
    value:
      score.limit_low === undefined || score.limit_high === undefined
        ? none
        : `${round(score.limit_low, 1)} to ${round(score.limit_high, 1)}`,
    means: '95 of 100 pairs differ by no more than this. It needs at least 5 pairs.',
  },
  {
    label: 'Agreement of the count (ICC)',
    value: orNone(score.icc),
    means:
      '1 is the same count in every pair. Near 0 the count says more about the form than about the person.',
  },
]

// --- How each form was answered ---------------------------------------------------------------------------------

const sectionWords: Record<SectionKind__Output, string> = {
  SECTION_KIND_UNSPECIFIED: 'Other',
  SECTION_KIND_TEACH_BACK: 'Was it understood?',
  SECTION_KIND_PRACTICE: 'Practice',
  SECTION_KIND_UNSCORED: 'Further questions',
  SECTION_KIND_CHECK_IN: 'How are you?',
  SECTION_KIND_AFTER: 'Afterwards',
}

function minutes({ median, quartile_low, quartile_high }: PilotSpread__Output): string {
  if (median === undefined) return none
  const half =
    quartile_low === undefined || quartile_high === undefined
      ? ''
      : `, and for half of them ${round(quartile_low, 0)} to ${round(quartile_high, 0)}`
  return `${round(median, 0)}${half}`
}

export const qualityHeads = [
  'Question',
  'Answered',
  'Missing',
  'Don’t know',
  'Declined',
  'Not understood',
  'Reworded',
  'Skipped',
  'Changed',
  'Yes alone',
]

const sideView = (title: string, instrument: string, side: PilotSide__Output) => ({
  title,
  instrument,
  quality: [...side.items, ...side.probes].map((one): Row =>
    [
      one.code,
      one.answered,
      one.missing,
      one.dont_know,
      one.declined,
      one.not_understood,
      one.reworded,
      one.skipped,
      one.changed,
      one.yes_alone,
    ].map((value) => ({ text: String(value) })),
  ),
  patterns: [
    {
      label: 'All yes',
      value: String(side.straight_line_yes),
      means:
        'Assessments with ten or more answers, all of them yes: a sign of agreeing to whatever is asked.',
    },
    {
      label: 'Practice gone wrong',
      value: String(side.practice_failures),
      means: 'Assessments with a wrong answer to a practice question, whose answer is known.',
    },
    ...side.contradictions.map(({ id, count }) => ({
      label: id === 'NO_OVER_YES' ? 'No over a yes' : words(id),
      value: String(count),
      means:
        id === 'NO_OVER_YES'
          ? 'Assessments with a question answered no, and a part of it answered yes.'
          : 'Assessments with these answers, which cannot all be true.',
    })),
  ],
  burden: [
    { label: 'Assessments', value: String(side.assessments), means: 'How many were taken on this form.' },
    { label: 'Stopped', value: String(side.stopped), means: 'How many were stopped before the end.' },
    {
      label: 'Minutes',
      value: side.minutes ? minutes(side.minutes) : none,
      means: 'From the first answer to the last, without breaks. Half took less than the first number.',
    },
    {
      label: 'Breaks',
      value: String(side.breaks),
      means: 'Times of more than ten minutes without an answer.',
    },
    {
      label: 'Sittings',
      value: String(side.sittings),
      means: 'How many times people sat down to it, all together.',
    },
  ],
  around: side.section_answers.map(({ kind, item, code, option, count }): Row => [
    { text: item },
    { text: sectionWords[kind] },
    { text: option === '' ? words(code, 'ANSWER_CODE_') : words(option) },
    { text: String(count) },
  ]),
})

export function reportView(
  report: PilotReport__Output,
  pilot: Pilot__Output,
  titleOf: (instrument: string) => string,
  status: EquivalenceStatus__Output | undefined,
) {
  const { plan } = pilot
  return {
    pairs: report.pairs,
    unreviewed: report.incidents_unreviewed,
    leftOut: report.pairs_in_error,
    look: lookInWords(report, pilot),
    status: statusWords[status ?? 'EQUIVALENCE_STATUS_UNSPECIFIED'],
    variant: titleOf(plan?.variant_instrument ?? ''),
    rules: report.rules.map((result) => ruleView(pilot, result)),
    band: report.band && bandView(report.band),
    score: report.score && scoreFacts(report.score),
    grounds: report.grounds,
    items: report.items.map((item): Row =>
      [
        item.item,
        String(item.pairs),
        percent(item.agreement_percent),
        item.kappa ? round(item.kappa.value) : item.pairs > 0 ? 'All alike' : none,
        orNone(item.pabak),
        String(item.lost),
        String(item.gained),
        chance(item.chance_of_shift),
      ].map((text) => ({ text })),
    ),
    qualityHeads,
    sides: [
      ...(report.reference
        ? [sideView('The usual form', titleOf(report.reference.instrument), report.reference)]
        : []),
      ...(report.variant
        ? [sideView('The piloted form', titleOf(report.variant.instrument), report.variant)]
        : []),
    ],
  }
}

// --- Rows for analysis elsewhere --------------------------------------------------------------------------------

// As the command line says it: "DONT_KNOW" -> "dont-know".
const code = (value: string, prefix: string): string =>
  value.endsWith('_UNSPECIFIED') ? '-' : value.replace(prefix, '').toLowerCase().replaceAll('_', '-')

/** A line a side, for a spreadsheet, as the command line writes it; codes hold no comma. */
export function exportAsCsv({ rows }: PilotExport__Output): string {
  const lineOf = (row: (typeof rows)[number], name: string, side: PilotExportSide__Output | null) =>
    side
      ? [
          row.row_id,
          row.month,
          code(row.order, 'PILOT_ORDER_'),
          name,
          side.stopped ? 1 : 0,
          side.score,
          side.not_asked,
          code(side.band, 'GRADE_'),
          side.referred ? 1 : 0,
          side.minutes,
          side.answers.map((answer) => `${answer.code}=${code(answer.answer, 'ANSWER_CODE_')}`).join(' '),
        ].join(',')
      : ''
  return [
    'row,month,order,side,stopped,score,not_asked,band,referred,minutes,answers',
    ...rows.flatMap((row) => [lineOf(row, 'reference', row.reference), lineOf(row, 'variant', row.variant)]),
    '',
  ].join('\n')
}
