import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastQuarter } from './gradingRules.js'

test('the last quarter is the whole one before, over the end of a year and of a short month', () => {
  const of = (year: number, month: number, day: number) => {
    const { first_day: first, last_day: last } = lastQuarter({ year, month, day })
    return `${first.year}-${first.month}-${first.day} to ${last.year}-${last.month}-${last.day}`
  }
  assert.equal(of(2026, 11, 23), '2026-7-1 to 2026-9-30')
  assert.equal(of(2026, 1, 1), '2025-10-1 to 2025-12-31')
  assert.equal(of(2026, 3, 31), '2025-10-1 to 2025-12-31')
  assert.equal(of(2026, 4, 1), '2026-1-1 to 2026-3-31')
})
