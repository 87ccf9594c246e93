import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Request } from 'express'
import { urls } from '../urls.js'
import { formNamed, typedIn } from './kept.js'

test('a form is named by its address, without what only leads to it', () => {
  assert.equal(formNamed('/referrals/x1/reason?kept=yes'), 'referrals/x1/reason')
  for (const path of ['/', '/?next=/', '/referrals/ä', `/${'x'.repeat(201)}`]) {
    assert.equal(formNamed(path), undefined, path)
  }
})

test('what was typed is kept, the token of the form is not, and of a form with a password nothing', () => {
  const body = { _token: 'x', text: 'hers', password: 'secret' }
  assert.deepEqual(typedIn({ path: '/actions/a1/report', body } as Request), {
    text: 'hers',
    password: 'secret',
  })
  for (const path of [urls.signIn, urls.unlock, urls.password, urls.accountCode, urls.confirmCode]) {
    assert.deepEqual(typedIn({ path, body } as Request), {}, path)
  }
  assert.deepEqual(typedIn({ path: `${urls.password.toUpperCase()}/`, body } as Request), {})
})
