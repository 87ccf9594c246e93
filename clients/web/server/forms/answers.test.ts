import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer__Output } from '../../generated/marac/v1/Answer.js'
import type { Item__Output } from '../../generated/marac/v1/Item.js'
import { answerInWords } from '../services/answering.js'
import { givenFrom, givenIn, isSame, itemView, toAnswer } from './answers.js'

const item = {
  code: 'HURTS',
  question: 'How badly?',
  not_applicable_allowed: false,
  options: [
    { code: 'PAIN', label: 'It hurt', symbol: '' },
    { code: 'DOCTOR', label: 'A doctor was needed', symbol: '' },
  ],
} as unknown as Item__Output
const answer = {
  item: 'HURTS',
  code: 'ANSWER_CODE_OPTION',
  option: 'DOCTOR',
  details: [],
  note: '',
  verbatim: false,
  source: 'SOURCE_ROLE_VICTIM',
  source_ref: '',
  currency: 'CURRENCY_UNSPECIFIED',
  seq: '3',
} as unknown as Answer__Output

await test('a question with options offers them in the place of yes and no', () => {
  const values = itemView(item, undefined).codes.map(({ value }) => value)
  assert.deepEqual(values, [
    'ANSWER_CODE_OPTION.PAIN',
    'ANSWER_CODE_OPTION.DOCTOR',
    'ANSWER_CODE_DONT_KNOW',
    'ANSWER_CODE_DECLINED',
  ])
})

await test('an option comes back as it was sent', () => {
  const sent = givenFrom([item], { 'a.HURTS.seq': '0', 'a.HURTS.code': 'ANSWER_CODE_OPTION.DOCTOR' })
  const given = sent.get('HURTS')?.given
  assert.ok(given)
  assert.ok(isSame(given, givenIn(answer)))
  const event = toAnswer('HURTS', given)
  assert.equal(event.code, 'ANSWER_CODE_OPTION')
  assert.equal(event.option, 'DOCTOR')
})

await test('an option is shown in its own words', () => {
  assert.equal(answerInWords(item, answer), 'A doctor was needed')
  assert.equal(
    answerInWords(item, { ...answer, code: 'ANSWER_CODE_DECLINED', option: '' }),
    'would rather not say',
  )
  assert.equal(answerInWords(item, undefined), 'not asked')
})
