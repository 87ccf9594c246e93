import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayInWords, dayOfMoment, momentInWords, words } from './format.js'

const at = (text: string) => ({ seconds: String(Date.parse(text) / 1000) })

test('moments are told by the clock in London, in summer and in winter', () => {
  assert.equal(momentInWords(at('2026-07-01T11:05:00Z')), '1 July 2026 at 12:05pm')
  assert.equal(momentInWords(at('2026-01-01T00:00:00Z')), '1 January 2026 at 12:00am')
  assert.equal(dayOfMoment(at('2026-06-30T23:30:00Z')), '1 July 2026')
  assert.equal(momentInWords(null), '')
})

test('days and codes are told in words', () => {
  assert.equal(dayInWords({ day: 17, month: 5, year: 1991 }), '17 May 1991')
  assert.equal(dayInWords(null), '')
  assert.equal(words('REFERRAL_STATE_SUBMITTED', 'REFERRAL_STATE_'), 'Submitted')
})
