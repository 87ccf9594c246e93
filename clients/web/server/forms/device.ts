// The form that the person holds, as its pages show it: places in their order, questions with their choices, and what
// was answered. Pure; the wording is the pack's, and what comes next is maracd's to say.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../../generated/marac/v1/Answer.js'
import type { Handover__Output } from '../../generated/marac/v1/Handover.js'
import type { HandoverAnswer__Output } from '../../generated/marac/v1/HandoverAnswer.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { Item__Output } from '../../generated/marac/v1/Item.js'
import type { Probe__Output } from '../../generated/marac/v1/Probe.js'
import type { Section__Output } from '../../generated/marac/v1/Section.js'
import type { Choice } from '../services/servicesDirectory.js'

/** As many sentences as stand on a page of an explainer, an announcement or an ending (ACC-24). */
export const sentencesAPage = 2

/** What a person is asked on one page. Without a section it is one of the questions that count. */
export interface Place {
  section: Section__Output | undefined
  item: Item__Output
  probe: Probe__Output | undefined
}

export interface Shown extends Place {
  /** "ISOLATED/ISOLATED_FAMILY": says on a form which question it answers. */
  key: string
  heading: string
  /** What is said before it, and what its words mean. */
  before: string[]
  explanation: string
  progress: string
  choices: AnswerChoice[]
  /** A picture of its set, by concept; empty: there is none. */
  picture: string
  /** The question that is shown is in other words than the first. */
  reworded: boolean
}

export interface AnswerChoice {
  value: string
  text: string
  /** A shape of its own beside the word; empty for the smaller ones. */
  shape: string
  picture: string
  small: boolean
}

const before = ['SECTION_KIND_TEACH_BACK', 'SECTION_KIND_PRACTICE']
const after = ['SECTION_KIND_UNSCORED']

/** Every place of a form in the order in which it is put; check-ins stand where they are met. */
export function placesOf(pack: InstrumentPack__Output): Place[] {
  const inSections = (kinds: string[]) =>
    pack.sections
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap((section) => section.items.flatMap((item) => placesIn(item, section)))
  return [
    ...inSections(before),
    ...pack.items.flatMap((item) => placesIn(item, undefined)),
    ...inSections(after),
    ...inSections(['SECTION_KIND_AFTER', 'SECTION_KIND_CHECK_IN']),
  ]
}

const placesIn = (item: Item__Output, section: Section__Output | undefined): Place[] =>
  item.probes.length === 0
    ? [{ section, item, probe: undefined }]
    : item.probes.map((probe) => ({ section, item, probe }))

export const keyOf = ({ item, probe }: Place): string => `${item.code}/${probe?.code ?? ''}`

export function placeAt(pack: InstrumentPack__Output, key: string): Place | undefined {
  return placesOf(pack).find((place) => keyOf(place) === key)
}

/** Where maracd says that the person is. */
export function placeNow(pack: InstrumentPack__Output, { position }: Handover__Output): Place | undefined {
  return position ? placeAt(pack, `${position.item}/${position.probe}`) : undefined
}

/** The same question as a whole, in the words of the form that this one is derived from (ACC-04). */
export function inPlainWords(place: Place, plain: InstrumentPack__Output | undefined): Place | undefined {
  const item = place.section ? undefined : plain?.items.find(({ code }) => code === place.item.code)
  return item && { section: undefined, item, probe: undefined }
}

/** What was answered there; of a probe that was not met, what was answered to its item as a whole. */
export function answerAt({ answers }: Handover__Output, { item, probe }: Place) {
  const find = (code: string) => answers.find((given) => given.item === item.code && given.probe === code)
  return find(probe?.code ?? '') ?? find('')
}

export const isLeftOut = (answer: HandoverAnswer__Output | undefined): boolean =>
  answer?.code === 'ANSWER_CODE_NOT_ASKED'

/** What the person can go back to: questions that count or follow, with an answer of their own. */
export function lastBefore(
  pack: InstrumentPack__Output,
  handover: Handover__Output,
  place: Place | undefined,
): Place | undefined {
  const places = placesOf(pack).filter(({ section }) => !isCheckIn(section))
  const at = place ? places.findIndex((one) => keyOf(one) === keyOf(place)) : places.length
  return places
    .slice(0, at < 0 ? places.length : at)
    .findLast((one) => isTheirs(handover.answers.find((given) => keyOfAnswer(given) === keyOf(one))))
}

/** The next that was left out, when those before it were put again (ACC-25). */
export function nextLeftOut(
  pack: InstrumentPack__Output,
  handover: Handover__Output,
  place: Place,
): Place | undefined {
  const places = placesOf(pack)
  const at = places.findIndex((one) => keyOf(one) === keyOf(place))
  return places
    .slice(at + 1)
    .find((one) => !isLast(one.section) && !isCheckIn(one.section) && isOpen(handover, one))
}

// Left out, and not settled by a yes to another part of the same question.
const isOpen = (handover: Handover__Output, place: Place): boolean =>
  isLeftOut(handover.answers.find((given) => keyOfAnswer(given) === keyOf(place))) &&
  !handover.answers.some(({ item, code }) => item === place.item.code && code === 'ANSWER_CODE_YES')

const keyOfAnswer = ({ item, probe }: HandoverAnswer__Output): string => `${item}/${probe}`

const isTheirs = (answer: HandoverAnswer__Output | undefined): boolean =>
  answer !== undefined && answer.code !== 'ANSWER_CODE_UNSPECIFIED'

export const isCheckIn = (section: Section__Output | undefined): boolean =>
  section?.kind === 'SECTION_KIND_CHECK_IN'
export const isLast = (section: Section__Output | undefined): boolean =>
  section?.kind === 'SECTION_KIND_AFTER'
export const isTeachBack = (section: Section__Output | undefined): boolean =>
  section?.kind === 'SECTION_KIND_TEACH_BACK'

/** Whether the person has looked over their answers: what follows that was begun. */
export function isChecked(pack: InstrumentPack__Output, { answers }: Handover__Output): boolean {
  const codes = pack.sections
    .filter(isLast)
    .flatMap(({ items }) => items)
    .map(({ code }) => code)
  return answers.some(({ item }) => codes.includes(item))
}

// --- Words -------------------------------------------------------------------------------------------------------

/** What the person calls those whom they fear (ACC-14); nobody's name takes the place of a word that is not known. */
export function nameIn({ people }: { people: { word: string }[] }): string {
  const words = [...new Set(people.map(({ word }) => word).filter((word) => word !== ''))]
  if (words.length === 0) return 'this person'
  return words.length === 1 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}

export const filled = (text: string, name: string): string => text.replaceAll('{name}', name)

/** Texts in pages of so many sentences. */
export function pagesOf(sentences: string[]): string[][] {
  const pages: string[][] = []
  for (let at = 0; at < sentences.length; at += sentencesAPage) {
    pages.push(sentences.slice(at, at + sentencesAPage))
  }
  return pages
}

const yes = { value: 'ANSWER_CODE_YES', text: 'Yes', shape: 'yes', picture: '', small: false }
const no = { value: 'ANSWER_CODE_NO', text: 'No', shape: 'no', picture: '', small: false }
const notSure = {
  value: 'ANSWER_CODE_DONT_KNOW',
  text: 'Not sure',
  shape: 'not-sure',
  picture: '',
  small: false,
}
const small = (value: string, text: string): AnswerChoice => ({
  value,
  text,
  shape: '',
  picture: '',
  small: true,
})
export const notUnderstood = 'not-understood'
export const later = 'later'

// In one order on every page, and never more than five (ACC-20, ACC-21).
function choicesOf({ item, probe }: Place, reworded: boolean): AnswerChoice[] {
  if (item.options.length > 0) {
    return item.options.map(({ code, label, symbol }) => ({
      value: `ANSWER_CODE_OPTION.${code}`,
      text: label,
      shape: '',
      picture: pictureOf(symbol),
      small: false,
    }))
  }
  if (reworded) {
    return [yes, no, notSure, small(later, 'Ask me later'), small(notUnderstood, 'I still do not understand')]
  }
  return [
    yes,
    no,
    notSure,
    small('ANSWER_CODE_DECLINED', 'I do not want to say'),
    ...(probe?.reword ? [small(notUnderstood, 'I do not understand')] : []),
  ]
}

// Pictures are a set of their own, a file for each concept, that can be swapped (ACC-42). What it lacks is not shown.
const set = join(import.meta.dirname, '../../assets/symbols')
const known = new Map<string, boolean>()

export function pictureOf(concept: string): string {
  if (!/^[a-z0-9_]+$/.test(concept)) return ''
  if (!known.has(concept)) known.set(concept, existsSync(join(set, `${concept}.svg`)))
  return known.get(concept) === true ? concept : ''
}

export function shownAt(
  place: Place,
  pack: InstrumentPack__Output,
  handover: Handover__Output,
  { reworded = false }: { reworded?: boolean } = {},
): Shown {
  const { section, item, probe } = place
  const name = nameIn(handover)
  const isFirst = section?.items[0]?.code === item.code && !isCheckIn(section)
  return {
    ...place,
    key: keyOf(place),
    heading: filled((reworded ? probe?.reword : probe?.question) || item.question, name),
    before: isFirst && section ? section.intro : [],
    explanation: filled(probe?.explanation ?? '', name),
    progress: progressAt(place, pack),
    choices: choicesOf(place, reworded),
    picture: pictureOf(probe?.symbol ?? ''),
    reworded,
  }
}

// In words and digits, and moving with every page (ACC-24).
export function progressAt({ section, item, probe }: Place, pack: InstrumentPack__Output): string {
  const parts = item.probes.length
  const part =
    probe && parts > 1
      ? `, part ${item.probes.findIndex(({ code }) => code === probe.code) + 1} of ${parts}`
      : ''
  if (!section) return `Question ${item.number} of ${pack.items.length}${part}`
  if (isCheckIn(section) || isTeachBack(section)) return section.title
  return `${section.title}, ${item.number} of ${section.items.length}${part}`
}

// --- Answers -----------------------------------------------------------------------------------------------------

/** When something happened, by what the person knows (ACC-23). */
export const anchors: Choice<NonNullable<Answer['time_anchor']> & string>[] = [
  { value: 'TIME_ANCHOR_TODAY', text: 'Today' },
  { value: 'TIME_ANCHOR_THIS_WEEK', text: 'This week' },
  { value: 'TIME_ANCHOR_SINCE_KNOWN_DAY', text: 'Since a day I know' },
  { value: 'TIME_ANCHOR_LONG_AGO', text: 'A long time ago' },
]

/** What a choice of a page comes to as an answer; nothing for a choice that the page does not have. */
export function answerFrom(
  shown: Shown,
  chosen: string,
  instrument: string,
  wasReworded: boolean,
): Answer | undefined {
  if (!shown.choices.some(({ value }) => value === chosen)) return undefined
  const base: Answer = {
    item: shown.item.code,
    probe: shown.probe?.code ?? '',
    reworded: wasReworded || shown.reworded,
    shown_instrument: instrument,
  }
  if (chosen === later) return { ...base, code: 'ANSWER_CODE_NOT_ASKED', reason: 'ANSWER_REASON_LATER' }
  if (chosen === notUnderstood)
    return { ...base, code: 'ANSWER_CODE_DONT_KNOW', reason: 'ANSWER_REASON_NOT_UNDERSTOOD' }
  const [code, option] = chosen.split('.')
  return { ...base, code: code as NonNullable<Answer['code']>, option: option ?? '' }
}

/** An answer as the page of its question would have chosen it. */
export function chosenIn(answer: HandoverAnswer__Output | undefined): string {
  if (!answer || isLeftOut(answer)) return ''
  if (answer.reason === 'ANSWER_REASON_NOT_UNDERSTOOD') return ''
  return answer.option === '' ? answer.code : `${answer.code}.${answer.option}`
}

export interface CheckRow {
  key: string
  question: string
  answer: string
  isOpen: boolean
}

/** Every question that was put, with what was answered, those without an answer among them (ACC-28). */
export function rowsOf(pack: InstrumentPack__Output, handover: Handover__Output): CheckRow[] {
  const name = nameIn(handover)
  return placesOf(pack)
    .filter(({ section }) => section === undefined || section.kind === 'SECTION_KIND_UNSCORED')
    .flatMap((place) => {
      const { item, probe } = place
      const whole = handover.answers.find((given) => given.item === item.code && given.probe === '')
      const given = handover.answers.find((answer) => keyOfAnswer(answer) === keyOf(place))
      // Answered as a whole: one row stands for its parts.
      if (whole && probe && probe.code !== item.probes[0]?.code) return []
      const answer = given ?? whole
      if (!answer || !isTheirs(answer)) return []
      return [
        {
          key: keyOf(place),
          question: whole ? item.question : filled(probe?.short_text ?? item.question, name),
          answer: inWords(place, answer),
          isOpen: isLeftOut(answer),
        },
      ]
    })
}

/** An answer in the words in which the person chose it. */
export function inWords(
  { item }: Place,
  answer: Pick<HandoverAnswer__Output, 'code' | 'option' | 'reason'>,
): string {
  const option = item.options.find(({ code }) => code === answer.option)
  if (option) return option.label
  if (answer.reason === 'ANSWER_REASON_NOT_UNDERSTOOD') return 'I did not understand'
  const words: Record<string, string> = {
    ANSWER_CODE_YES: 'Yes',
    ANSWER_CODE_NO: 'No',
    ANSWER_CODE_DONT_KNOW: 'Not sure',
    ANSWER_CODE_DECLINED: 'I do not want to say',
  }
  return words[answer.code] ?? 'No answer yet'
}
