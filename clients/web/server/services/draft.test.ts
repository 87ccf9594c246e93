import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBlank } from './draft.js'

test('an entry counts as never filled in when it holds only what the server gives', () => {
  assert.ok(
    isBlank({
      party_id: 'p2',
      name: null,
      aliases: [],
      has_aliases: 'YES_NO_UNSPECIFIED',
      address: { lines: null, protected_detail: false },
    }),
  )
  assert.ok(
    isBlank({
      name: 'areas/mk/excludedPeople/x',
      person: '',
      answer: 'EXCLUSION_ANSWER_UNSPECIFIED',
      referral: 'areas/mk/referrals/x',
    }),
  )
  assert.ok(!isBlank({ name: { unknown: 'UNKNOWN_NOT_KNOWN' } }))
  assert.ok(!isBlank({ person: 'Ada' }))
  assert.ok(!isBlank({ disability: 'YES_NO_NO' }))
})
