// Two assessments side by side, in words: what changed, and what did not.
import type { AnswerChange } from '../../generated/marac/v1/AnswerChange.js'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { AssessmentComparison__Output } from '../../generated/marac/v1/AssessmentComparison.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { Item__Output } from '../../generated/marac/v1/Item.js'
import { urls } from '../urls.js'
import { dayInWords } from '../utils/format.js'
import { saidTo } from './answering.js'

export interface ComparedView {
  question: string
  /** The earlier form's question, where it is another. */
  before: string
  earlier: string
  later: string
  tag: string
}

const tags: Partial<Record<AnswerChange, string>> = {
  ANSWER_CHANGE_CHANGED: 'Changed',
  ANSWER_CHANGE_WORDS: 'In other words',
  ANSWER_CHANGE_ONLY_LATER: 'New',
  ANSWER_CHANGE_ONLY_EARLIER: 'Not asked again',
  ANSWER_CHANGE_NOT_COMPARED: 'Another question in part',
}

const itemsOf = (pack: InstrumentPack__Output): Item__Output[] => [
  ...pack.items,
  ...pack.sections.flatMap(({ items }) => items),
]

const saidIn = (assessment: Assessment__Output, item: Item__Output | undefined): string =>
  item === undefined
    ? 'Not on this form'
    : saidTo(
        item,
        [...assessment.answers, ...assessment.section_answers].find(({ item: code }) => code === item.code),
      )

/** Each question in the order of the later form; `changed` has those of which both sides must be read. */
export function comparedViews(
  { earlier, later, items }: AssessmentComparison__Output,
  earlierPack: InstrumentPack__Output,
  laterPack: InstrumentPack__Output,
): { changed: ComparedView[]; same: ComparedView[] } {
  const before = itemsOf(earlierPack)
  const now = itemsOf(laterPack)
  const changed: ComparedView[] = []
  const same: ComparedView[] = []
  for (const { item, earlier_item, change } of items) {
    if (change === 'ANSWER_CHANGE_NEITHER') continue
    const asked = now.find(({ code }) => code === item)
    const askedBefore = before.find(({ code }) => code === earlier_item)
    const question = asked?.question ?? askedBefore?.question ?? ''
    const view = {
      question,
      before: askedBefore && askedBefore.question !== question ? askedBefore.question : '',
      earlier: earlier ? saidIn(earlier, askedBefore) : '',
      later: later ? saidIn(later, asked) : '',
      tag: tags[change] ?? 'The same',
    }
    ;(change === 'ANSWER_CHANGE_SAME' ? same : changed).push(view)
  }
  return { changed, same }
}

const nameKey = ({ victim }: Assessment__Output): string =>
  (victim?.name?.value ?? '').toLocaleLowerCase('en-GB').replace(/\s+/g, ' ').trim()

/** What an assessment may be compared with: its own earlier editions, and others that seem to be of the same person. */
export function choicesFor(
  assessment: Assessment__Output,
  others: Assessment__Output[],
): { href: string; text: string }[] {
  const editions = Array.from({ length: assessment.edition - 1 }, (_, at) => assessment.edition - 1 - at)
  const isOfSamePerson = (other: Assessment__Output): boolean =>
    other.name !== assessment.name &&
    ((other.case_name !== '' && other.case_name === assessment.case_name) ||
      (other.referral !== '' && other.referral === assessment.referral) ||
      (nameKey(other) !== '' && nameKey(other) === nameKey(assessment)))
  return [
    ...editions.map((edition) => ({
      href: urls.compareEdition(assessment.name, edition),
      text: `Edition ${edition} of this assessment`,
    })),
    ...others.filter(isOfSamePerson).map((other) => ({
      href: urls.compareWith(assessment.name, other.name),
      text: `Assessment of ${dayInWords(other.assessment_date)}`,
    })),
  ]
}
