// Assessment forms as pages show them: where each stands, until when it may be used, and what differs between two.
import type { AreaInstrument__Output } from '../../generated/marac/v1/AreaInstrument.js'
import type { InstrumentAbout__Output } from '../../generated/marac/v1/InstrumentAbout.js'
import type { InstrumentChange__Output } from '../../generated/marac/v1/InstrumentChange.js'
import type { InstrumentChangeKind__Output } from '../../generated/marac/v1/InstrumentChangeKind.js'
import type { InstrumentState__Output } from '../../generated/marac/v1/InstrumentState.js'
import type { MaracClient } from '../data/index.js'
import { dayInWords } from '../utils/format.js'
import { listWhole } from './lists.js'

export interface AreaInstruments {
  installed: AreaInstrument__Output[]
  builtIn: InstrumentAbout__Output[]
}

export async function instrumentsOf(marac: MaracClient, area: string): Promise<AreaInstruments> {
  const builtIn: InstrumentAbout__Output[] = []
  const installed = await listWhole(async (page) => {
    const answer = await marac.call('InstrumentService', 'ListInstruments', { parent: area, ...page })
    builtIn.push(...answer.built_in)
    return answer
  }, 'instruments')
  return { installed, builtIn }
}

export interface FormChoice {
  /** As an address can hold it: "plain24_1.0". */
  value: string
  instrument: string
  text: string
}

export const choicesOf = ({ installed, builtIn }: AreaInstruments): FormChoice[] =>
  [...installed.flatMap(({ about }) => about ?? []), ...builtIn].map(({ instrument, title }) => ({
    value: instrument.replace('@', '_'),
    instrument,
    text: `${title} (${instrument})`,
  }))

/** "plain24@1.0" -> "Plain questions (plain24@1.0)". */
export const titlesOf = (all: AreaInstruments): Map<string, string> =>
  new Map(choicesOf(all).map(({ instrument, text }) => [instrument, text]))

const states: Record<InstrumentState__Output, { text: string; classes: string }> = {
  INSTRUMENT_STATE_UNSPECIFIED: { text: 'Not known', classes: 'govuk-tag--grey' },
  INSTRUMENT_STATE_INSTALLED: { text: 'Not in use yet', classes: 'govuk-tag--blue' },
  INSTRUMENT_STATE_ACTIVE: { text: 'In use', classes: 'govuk-tag--green' },
  INSTRUMENT_STATE_RETIRED: { text: 'Not used any more', classes: 'govuk-tag--grey' },
}

export interface FormView {
  form: AreaInstrument__Output
  state: { text: string; classes: string }
  /** Until when it may be used, and whether that is soon or over. */
  permission: string
  warning: string
  isNew: boolean
  isRetired: boolean
}

export function viewOf(form: AreaInstrument__Output): FormView {
  const until = [
    form.about?.permission_expires && `Permission until ${dayInWords(form.about.permission_expires)}`,
    form.pilot_last_day && `In a pilot until ${dayInWords(form.pilot_last_day)}`,
  ].filter(Boolean)
  const warnings: Record<string, string> = {
    PERMISSION_STANDING_ENDS_SOON: 'This ends soon: ask the owner for a longer one, or choose another form.',
    PERMISSION_STANDING_ENDED: 'This is over: no new assessment begins with it.',
  }
  return {
    form,
    state: states[form.state],
    permission: until.join('. ') || 'Without an end',
    warning: warnings[form.permission] ?? '',
    isNew: form.state === 'INSTRUMENT_STATE_INSTALLED',
    isRetired: form.state === 'INSTRUMENT_STATE_RETIRED',
  }
}

const kinds: Record<InstrumentChangeKind__Output, string> = {
  INSTRUMENT_CHANGE_KIND_UNSPECIFIED: 'Differs',
  INSTRUMENT_CHANGE_KIND_ADDED: 'New',
  INSTRUMENT_CHANGE_KIND_REMOVED: 'Gone',
  INSTRUMENT_CHANGE_KIND_CHANGED: 'Changed',
  INSTRUMENT_CHANGE_KIND_MOVED: 'In another place',
}

export interface ChangeView {
  place: string
  kind: string
  before: string
  after: string
}

export const changesOf = (changes: InstrumentChange__Output[]): ChangeView[] =>
  changes.map(({ item, field, kind, before, after }) => ({
    place: [item, field.replaceAll('_', ' ')].filter(Boolean).join(', '),
    kind: kinds[kind],
    before,
    after,
  }))
