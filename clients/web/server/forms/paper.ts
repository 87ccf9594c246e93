// What was answered on paper, as it is keyed in (ACC-46): the questions in the order of the booklet, but for how the person
// was after something hard, which is asked once at the end; some to a page, each with the code in its foot.
import type { Answer } from '../../generated/marac/v1/Answer.js'
import type { Answer__Output } from '../../generated/marac/v1/Answer.js'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import { filled, keyOf, nameIn, notUnderstood, placesOf, progressAt, type Place } from './device.js'

const placesAPart = 12

export interface PaperQuestion {
  /** Of the form's field, and of the error's link. */
  field: string
  /** As it stands in the foot of its page. */
  code: string
  progress: string
  question: string
  choices: { value: string; text: string }[]
  /** What is ticked so far; empty: nothing. */
  value: string
  place: Place
}

export const partsOf = (pack: InstrumentPack__Output): number =>
  Math.ceil(placesOf(pack).length / placesAPart)

export function questionsOf(
  pack: InstrumentPack__Output,
  assessment: Assessment__Output,
  part: number,
): PaperQuestion[] {
  const name = nameIn({ people: assessment.communication?.person_words ?? [] })
  return placesOf(pack)
    .slice((part - 1) * placesAPart, part * placesAPart)
    .map((place, at) => ({
      field: `answer-${at}`,
      code: keyOf(place).replace(/\/$/, ''),
      progress: progressAt(place, pack),
      question: filled(place.probe?.question || place.item.question, name),
      choices: choicesOf(place),
      value: valueOf(answerAt(assessment, place)),
      place,
    }))
}

const choicesOf = ({ item }: Place): PaperQuestion['choices'] =>
  item.options.length > 0
    ? item.options.map(({ code, label }) => ({ value: `ANSWER_CODE_OPTION.${code}`, text: label }))
    : [
        { value: 'ANSWER_CODE_YES', text: 'Yes' },
        { value: 'ANSWER_CODE_NO', text: 'No' },
        { value: 'ANSWER_CODE_DONT_KNOW', text: 'Not sure' },
        { value: 'ANSWER_CODE_DECLINED', text: 'I do not want to say' },
        { value: notUnderstood, text: 'I do not understand' },
      ]

// What the parts of a question come to names the part that decided it, and is no answer to that part.
function answerAt(assessment: Assessment__Output, { item, probe }: Place): Answer__Output | undefined {
  const given = probe
    ? [...assessment.probe_answers, ...assessment.section_answers]
    : [...assessment.section_answers, ...assessment.answers]
  return given.find((one) => one.item === item.code && (!probe || one.probe === probe.code))
}

function valueOf(answer: Answer__Output | undefined): string {
  if (!answer || answer.code === 'ANSWER_CODE_NOT_ASKED') return ''
  if (answer.reason === 'ANSWER_REASON_NOT_UNDERSTOOD') return notUnderstood
  return answer.option === '' ? answer.code : `${answer.code}.${answer.option}`
}

/**
 * What somebody ticked otherwise than the page showed it, as answers of the sitting on paper; what the page does not offer
 * is left out. `sent` has what was ticked and, as "shown-FIELD", what the page showed: what was answered elsewhere since
 * is not overwritten by leaving it alone.
 */
export function answersFrom(
  questions: PaperQuestion[],
  sent: (field: string) => string,
  sitting: string,
): Answer[] {
  return questions.flatMap(({ field, choices, place: { item, probe } }): Answer[] => {
    const now = sent(field)
    if (now === sent(`shown-${field}`) || !choices.some((choice) => choice.value === now)) return []
    const base: Answer = { item: item.code, probe: probe?.code ?? '', sitting }
    if (now === notUnderstood)
      return [{ ...base, code: 'ANSWER_CODE_DONT_KNOW', reason: 'ANSWER_REASON_NOT_UNDERSTOOD' }]
    const [code, option] = now.split('.')
    return [{ ...base, code: code as NonNullable<Answer['code']>, option: option ?? '' }]
  })
}
