// Rules for grading as pages show them: maracd's policies, and what of them can be told without their files.
import type { AreaPolicy__Output } from '../../generated/marac/v1/AreaPolicy.js'
import type { Day } from '../../generated/marac/v1/Day.js'
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

export interface RulesView {
  policy: string
  inUse: boolean
  rows: { label: string; value: string }[]
  /** Against those in use, a sentence each. */
  differs: string[]
}

/** Those in use first. */
export async function rulesViews(marac: MaracClient, area: string): Promise<RulesView[]> {
  const [all, forms] = await Promise.all([rulesOf(marac, area), instrumentsOf(marac, area)])
  const titles = titlesOf(forms)
  const titleOf = (instrument: string) => titles.get(instrument) ?? instrument
  const inUse = all.find(({ about }) => about.in_use)?.about
  return all
    .map(({ about, installed }) => ({
      policy: about.policy,
      inUse: about.in_use,
      rows: [
        { label: 'High risk by the count', value: `From ${about.high_threshold} yes answers` },
        { label: 'Forms it grades', value: about.instruments.map(titleOf).join('\n') },
        {
          label: 'May be used',
          value: about.valid_from ? `From ${dayInWords(about.valid_from)}` : 'From any day',
        },
        { label: 'Installed', value: installed === '' ? 'Built in' : installed },
      ],
      differs: inUse && inUse !== about ? differences(inUse, about, titleOf) : [],
    }))
    .sort((a, b) => Number(b.inUse) - Number(a.inUse))
}

function differences(
  inUse: PolicyAbout__Output,
  other: PolicyAbout__Output,
  titleOf: (instrument: string) => string,
): string[] {
  const only = (one: PolicyAbout__Output, two: PolicyAbout__Output) =>
    one.instruments.filter((instrument) => !two.instruments.includes(instrument)).map(titleOf)
  const [more, less] = [only(other, inUse), only(inUse, other)]
  return [
    other.high_threshold === inUse.high_threshold
      ? ''
      : `High risk from ${other.high_threshold} yes answers instead of ${inUse.high_threshold}`,
    more.length > 0 ? `Also grades ${more.join(', ')}` : '',
    less.length > 0 ? `Does not grade ${less.join(', ')}` : '',
  ].filter(Boolean)
}

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
