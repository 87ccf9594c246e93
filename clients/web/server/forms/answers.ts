// The questions of an assessment as a form shows them, and what was answered on it.
import type { Answer } from '../../generated/marac/v1/Answer.js'
import type { Answer__Output } from '../../generated/marac/v1/Answer.js'
import type { AnswerCode } from '../../generated/marac/v1/AnswerCode.js'
import type { Item__Output } from '../../generated/marac/v1/Item.js'
import type { SourceRole } from '../../generated/marac/v1/SourceRole.js'
import { many, one, type Body } from '../context.js'
import type { FieldError } from './fields.js'

const codes = [
  { value: 'ANSWER_CODE_YES', text: 'Yes' },
  { value: 'ANSWER_CODE_NO', text: 'No' },
  { value: 'ANSWER_CODE_DONT_KNOW', text: 'Don’t know' },
  { value: 'ANSWER_CODE_DECLINED', text: 'Would rather not say' },
]
const notApplicable = { value: 'ANSWER_CODE_NOT_APPLICABLE', text: 'Does not apply' }
// Takes back an answer that was given by mistake; nothing to choose before there is one.
const notAsked = { value: 'ANSWER_CODE_NOT_ASKED', text: 'Not asked' }

export const sources = [
  { value: 'SOURCE_ROLE_VICTIM', text: 'The person themselves' },
  { value: 'SOURCE_ROLE_POLICE', text: 'Police' },
  { value: 'SOURCE_ROLE_OTHER_PROFESSIONAL', text: 'Another professional' },
  { value: 'SOURCE_ROLE_RECORD_SEARCH', text: 'A search of records' },
  { value: 'SOURCE_ROLE_THIRD_PARTY', text: 'Somebody else' },
  { value: 'SOURCE_ROLE_PRACTITIONER_OBSERVATION', text: 'I saw it myself' },
]

/** Whether what was answered yes is so now: "ever" hides change. */
export const currencies: { value: NonNullable<Answer['currency']> & string; text: string }[] = [
  { value: 'CURRENCY_CURRENT', text: 'In the last 3 months' },
  { value: 'CURRENCY_PAST', text: 'Longer ago, not since' },
  { value: 'CURRENCY_BOTH', text: 'Both: longer ago and still' },
]

export interface Given {
  /** The answer's code; of an option "ANSWER_CODE_OPTION.OFTEN". */
  code: string
  details: string[]
  note: string
  verbatim: boolean
  source: string
  source_ref: string
  /** When, with a yes; empty where it was not asked. */
  currency: string
}

export interface ItemView {
  item: Item__Output
  given: Given
  /** Number of the answer that is shown, 0 for none. */
  seq: string
  codes: typeof codes
  errors: { field: string; text: string }[]
  /** Notes and source are open when they hold something. */
  open: boolean
}

const none: Given = {
  code: '',
  details: [],
  note: '',
  verbatim: false,
  source: 'SOURCE_ROLE_VICTIM',
  source_ref: '',
  currency: '',
}

export function givenIn(answer: Answer__Output | undefined): Given {
  if (!answer) return none
  return {
    code: answer.option === '' ? answer.code : `${answer.code}.${answer.option}`,
    details: answer.details,
    note: answer.note,
    verbatim: answer.verbatim,
    source: answer.source,
    source_ref: answer.source_ref,
    currency: currencyIn(answer),
  }
}

export const currencyIn = ({ currency }: Answer__Output): string =>
  currency === 'CURRENCY_UNSPECIFIED' ? '' : currency

const happened = (code: string): boolean =>
  code === 'ANSWER_CODE_YES' || code.startsWith('ANSWER_CODE_OPTION')

// What a question with options is answered by stands in the place of yes and no.
const codesOf = ({ options }: Item__Output): typeof codes =>
  options.length === 0
    ? codes
    : [
        ...options.map(({ code, label }) => ({ value: `ANSWER_CODE_OPTION.${code}`, text: label })),
        ...codes.slice(2),
      ]

export const isAnswered = (answer: Answer__Output | undefined): boolean =>
  answer !== undefined && answer.code !== 'ANSWER_CODE_NOT_ASKED'

export function itemView(
  item: Item__Output,
  answer: Answer__Output | undefined,
  given: Given = givenIn(answer),
  errors: FieldError[] = [],
): ItemView {
  const mine = errors.filter(({ field }) => field.startsWith(`${item.code}.`))
  return {
    item,
    given,
    seq: answer?.seq ?? '0',
    codes: [
      ...codesOf(item),
      ...(item.not_applicable_allowed ? [notApplicable] : []),
      ...(given.code !== '' ? [notAsked] : []),
    ],
    errors: mine,
    open:
      given.note !== '' ||
      given.currency !== '' ||
      given.source !== 'SOURCE_ROLE_VICTIM' ||
      mine.some(({ field }) => !field.endsWith('.code')),
  }
}

/** What was answered on the form, by item; items that the form did not show are left out. */
export function givenFrom(items: Item__Output[], body: Body): Map<string, { given: Given; seq: string }> {
  const found = new Map<string, { given: Given; seq: string }>()
  for (const { code } of items) {
    const name = (part: string) => `a.${code}.${part}`
    if (body[name('seq')] === undefined) continue
    const answer = one(body, name('code'))
    found.set(code, {
      seq: one(body, name('seq')),
      given: {
        code: answer,
        details: answer === 'ANSWER_CODE_YES' ? many(body, name('details')) : [],
        note: one(body, name('note')).replaceAll('\r\n', '\n').trim(),
        verbatim: one(body, name('verbatim')) === 'yes',
        source: one(body, name('source')) || 'SOURCE_ROLE_VICTIM',
        source_ref: one(body, name('source_ref')).trim(),
        currency: happened(answer) ? one(body, name('currency')) : '',
      },
    })
  }
  return found
}

export function isSame(a: Given, b: Given): boolean {
  const key = (given: Given) =>
    JSON.stringify([
      given.code,
      [...given.details].sort(),
      given.note,
      given.verbatim,
      given.source,
      given.source === 'SOURCE_ROLE_VICTIM' ? '' : given.source_ref,
      given.currency,
    ])
  return key(a) === key(b)
}

/** As it is sent. A note beside no answer is an answer that was not asked: what was written is never dropped. */
export function toAnswer(item: string, given: Given): Answer {
  const [code, option] = given.code.split('.')
  return {
    item,
    code: (code || 'ANSWER_CODE_NOT_ASKED') as AnswerCode,
    option: option ?? '',
    details: given.details,
    note: given.note,
    verbatim: given.verbatim,
    source: given.source as SourceRole,
    source_ref: given.source === 'SOURCE_ROLE_VICTIM' ? '' : given.source_ref,
    currency: currencies.find(({ value }) => value === given.currency)?.value ?? 'CURRENCY_UNSPECIFIED',
  }
}
