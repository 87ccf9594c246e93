import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import { changesFrom, isRecorded } from './attendance.js'

const line = (more: object) => ({
  lines: '1',
  'r0.agency': 'agencies/police',
  'r0.account': 'accounts/1',
  ...more,
})
const here = 'ATTENDANCE_STATE_PRESENT'

test('a signature on paper is recorded, and whoever signed is here', () => {
  const [signed] = changesFrom(line({ 'r0.was': here, 'r0.state': here, 'r0.signed': 'yes' }))
  assert.deepEqual(signed?.entry, {
    agency: 'agencies/police',
    account: 'accounts/1',
    person: '',
    state: here,
    signed: true,
  })
  const [unrecorded] = changesFrom(line({ 'r0.signed': 'yes' }))
  assert.equal(unrecorded?.chosen, here)
  assert.deepEqual(changesFrom(line({ 'r0.was': here, 'r0.state': here })), [])
})

test('what somebody else has recorded just so is not sent, but for a signature that is not there yet', () => {
  const meeting = (signed: boolean) =>
    ({
      attendance: [{ agency: 'agencies/police', account: 'accounts/1', person: '', state: here, signed }],
    }) as unknown as Meeting__Output
  const [present] = changesFrom(line({ 'r0.state': here }))
  const [signing] = changesFrom(line({ 'r0.state': here, 'r0.signed': 'yes' }))
  assert.ok(present && signing)
  assert.ok(isRecorded(present, meeting(false)))
  assert.ok(!isRecorded(signing, meeting(false)))
  assert.ok(isRecorded(signing, meeting(true)))
})
