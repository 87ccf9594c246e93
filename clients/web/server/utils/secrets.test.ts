import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secrets } from './secrets.js'

const secrets = new Secrets(Buffer.alloc(48, 1))
const others = new Secrets(Buffer.alloc(48, 2))

describe('the token of a form', () => {
  test('is good for its own session and its own process only', () => {
    const token = secrets.formToken('session')
    assert.ok(secrets.isFormToken('session', token))
    assert.ok(!secrets.isFormToken('another', token))
    assert.ok(!others.isFormToken('session', token))
    for (const wrong of ['', token.slice(1), `${token}x`, undefined, [token]])
      assert.ok(!secrets.isFormToken('session', wrong))
  })
})

describe('what waits for a sign-in', () => {
  const kept = { account: 'accounts/a', path: '/p', body: { name: 'Ada', many: ['1', '2'] }, time: 5 }

  test('comes back whole', () => assert.deepEqual(secrets.open(secrets.seal(kept)), kept))

  test('is unreadable, never the same twice, and refused when one bit of it changed', () => {
    const sealed = secrets.seal(kept)
    assert.notEqual(sealed, secrets.seal(kept))
    assert.ok(!Buffer.from(sealed, 'base64url').toString('latin1').includes('Ada'))
    assert.equal(others.open(sealed), undefined)
    assert.equal(secrets.open(''), undefined)
    const bytes = Buffer.from(sealed, 'base64url')
    for (let at = 0; at < bytes.length; ++at) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(secrets.open(changed.toString('base64url')), undefined)
    }
  })
})
