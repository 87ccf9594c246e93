// Saves answers as they were given. Sending the same form again changes nothing; an answer that somebody else gave
// since the form was shown is not overwritten in silence.
import type { Answer__Output } from '../../generated/marac/v1/Answer.js'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { Item__Output } from '../../generated/marac/v1/Item.js'
import type { Body } from '../context.js'
import { MaracError, type MaracClient } from '../data/index.js'
import type { FieldError } from '../forms/fields.js'
import { dropKept, findKept } from './kept.js'
import { currencies, givenFrom, givenIn, isSame, toAnswer, type Given } from '../forms/answers.js'
import { sentence } from '../utils/format.js'

const triesMax = 4

export interface Saved {
  assessment: Assessment__Output
  /** By "ITEM.part". */
  errors: FieldError[]
  /** What was typed, by item. */
  typed: Map<string, Given>
}

export async function saveAnswers(
  marac: MaracClient,
  name: string,
  pack: InstrumentPack__Output,
  body: Body,
): Promise<Saved> {
  const sent = givenFrom(pack.items, body)
  const typed = new Map([...sent].map(([code, { given }]) => [code, given]))
  const itemOf = (code: string) => pack.items.find((item) => item.code === code)
  const numbered = (code: string, text: string) => {
    const number = itemOf(code)?.number
    return number === undefined ? text : `Question ${number}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`
  }
  for (let tries = 1; ; ++tries) {
    const assessment = await marac.call('AssessmentService', 'GetAssessment', { name })
    const errors: FieldError[] = []
    const events: { item: string; given: Given }[] = []
    for (const [code, { given, seq }] of sent) {
      const current = assessment.answers.find(({ item }) => item === code)
      if (isSame(given, givenIn(current))) continue
      if ((current?.seq ?? '0') !== seq) {
        errors.push({
          field: `${code}.code`,
          text: numbered(
            code,
            `Somebody else answered this in the meantime. Their answer: ${answerInWords(itemOf(code), current)}${
              current?.note ? `, “${current.note}”` : ''
            }. Yours is still below: save again to keep yours`,
          ),
        })
        continue
      }
      if (given.source !== 'SOURCE_ROLE_VICTIM' && given.source_ref === '') {
        errors.push({
          field: `${code}.source_ref`,
          text: numbered(code, 'Say who told you, or which record holds it'),
        })
        continue
      }
      events.push({ item: code, given })
    }
    if (events.length === 0) return { assessment, errors, typed }
    try {
      const after = await marac.call('AssessmentService', 'AppendAnswers', {
        name,
        answers: events.map(({ item, given }) => toAnswer(item, given)),
        expected_seq: assessment.last_seq,
      })
      return { assessment: after, errors, typed }
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      // Somebody answered between our look and our save: look again.
      if (error.code === 'ABORTED' && tries < triesMax) continue
      if (error.code !== 'INVALID_ARGUMENT' || error.violations.length === 0) throw error
      for (const { field, description } of error.violations) {
        const [, at, part] = /^answers\[(\d+)\]\.(\w+)/.exec(field) ?? []
        const item = events[Number(at)]?.item
        errors.push(
          item
            ? { field: `${item}.${part}`, text: numbered(item, description) }
            : { field, text: description },
        )
      }
      return { assessment, errors, typed }
    }
  }
}

/** What a form of answers held when its session was locked, where it says more than what was saved. */
export async function keptAnswers(
  marac: MaracClient,
  path: string,
  assessment: Assessment__Output,
  pack: InstrumentPack__Output,
): Promise<Body | undefined> {
  const kept = await findKept(marac, path)
  if (!kept) return undefined
  for (const [code, { given }] of givenFrom(pack.items, kept.body)) {
    const current = assessment.answers.find(({ item }) => item === code)
    if (!isSame(given, givenIn(current))) return kept.body
  }
  await dropKept(marac, path)
  return undefined
}

const codesInWords: Record<string, string> = {
  ANSWER_CODE_YES: 'yes',
  ANSWER_CODE_NO: 'no',
  ANSWER_CODE_DONT_KNOW: 'don’t know',
  ANSWER_CODE_DECLINED: 'would rather not say',
  ANSWER_CODE_NOT_APPLICABLE: 'does not apply',
}

/** The answer to an item in a word, or in the words of the option that was chosen. */
export const answerInWords = (item: Item__Output | undefined, answer: Answer__Output | undefined): string =>
  item?.options.find(({ code }) => code === answer?.option)?.label ??
  codesInWords[answer?.code ?? ''] ??
  'not asked'

/** The same with what belongs to a yes, and what was written beside it. */
export function saidTo(item: Item__Output, answer: Answer__Output | undefined): string {
  const details = item.details.filter(({ code }) => answer?.details.includes(code)).map(({ label }) => label)
  const when = currencies.find(({ value }) => value === answer?.currency)?.text
  const said = [
    sentence(answerInWords(item, answer)),
    ...details,
    ...(when ? [when.toLowerCase()] : []),
  ].join(', ')
  return answer?.note ? `${said}\n${answer.note}` : said
}
