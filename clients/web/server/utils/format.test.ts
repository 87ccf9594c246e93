import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ageInWords,
  clockInLondon,
  dayInWords,
  dayOfMoment,
  momentInLondon,
  momentInWords,
  weekdayOfMoment,
  words,
} from './format.js'

const at = (text: string) => ({ seconds: String(Date.parse(text) / 1000) })

test('moments are told by the clock in London, in summer and in winter', () => {
  assert.equal(momentInWords(at('2026-07-01T11:05:00Z')), '1 July 2026 at 12:05pm')
  assert.equal(momentInWords(at('2026-07-01T11:00:00Z')), '1 July 2026 at midday')
  assert.equal(momentInWords(at('2026-01-01T00:00:00Z')), '1 January 2026 at midnight')
  assert.equal(dayOfMoment(at('2026-06-30T23:30:00Z')), '1 July 2026')
  assert.equal(momentInWords(null), '')
})

test('days and codes are told in words', () => {
  assert.equal(dayInWords({ day: 17, month: 5, year: 1991 }), '17 May 1991')
  assert.equal(dayInWords(null), '')
  assert.equal(words('REFERRAL_STATE_SUBMITTED', 'REFERRAL_STATE_'), 'Submitted')
})

test('an age counts the days on which people work', () => {
  const monday = at('2026-01-12T09:00:00Z')
  assert.equal(ageInWords(at('2026-01-12T08:00:00Z'), monday), 'today')
  assert.equal(ageInWords(at('2026-01-11T23:00:00Z'), monday), '1 working day')
  assert.equal(ageInWords(at('2026-01-09T17:00:00Z'), monday), '1 working day')
  assert.equal(ageInWords(at('2026-01-08T17:00:00Z'), monday), '2 working days')
  assert.equal(ageInWords(at('2026-01-10T09:00:00Z'), at('2026-01-11T09:00:00Z')), 'since the weekend')
  // Half past midnight on Tuesday in London is still Monday in UTC.
  assert.equal(ageInWords(at('2026-06-08T22:30:00Z'), at('2026-06-08T23:30:00Z')), '1 working day')
  assert.equal(weekdayOfMoment(monday), 'Monday 12 January')
})

test('a day and a clock in London are a moment, in summer and in winter, and back', () => {
  for (const [day, minute, time] of [
    [{ year: 2026, month: 7, day: 1 }, 14 * 60 + 5, '2026-07-01T13:05:00Z'],
    [{ year: 2026, month: 1, day: 1 }, 14 * 60 + 5, '2026-01-01T14:05:00Z'],
    [{ year: 2026, month: 7, day: 1 }, 0, '2026-06-30T23:00:00Z'],
  ] as const) {
    assert.deepEqual(momentInLondon(day, minute), at(time))
    assert.deepEqual(clockInLondon(at(time)).day, day)
  }
  assert.equal(clockInLondon(at('2026-07-01T13:05:00Z')).clock, '14:05')
})
