import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf } from './judgement.js'

const steps = [{ cluster: 'VICTIM_SUICIDE', text: 'a' }]

test('an error about a step is shown at the step, by its place or by its pattern', () => {
  const text = 'Say what was done'
  assert.equal(placeOf({ field: 'steps[0].text', text }, { steps }).field, 'steps.VICTIM_SUICIDE')
  assert.equal(placeOf({ field: 'steps[VICTIM_SUICIDE]', text }).field, 'steps.VICTIM_SUICIDE')
  assert.equal(placeOf({ field: 'steps[VICTIM_SUICIDE]', text }, { steps: [] }).field, 'steps.VICTIM_SUICIDE')
})

test('why there is no referral is asked for where it is written', () => {
  assert.equal(placeOf({ field: 'non_referral', text: 'x' }).field, 'non_referral.text')
  assert.equal(placeOf({ field: 'grade', text: 'x' }).field, 'grade')
})
