import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOf, localPath } from './urls.js'

test('a way back leads to our own pages only', () => {
  assert.equal(localPath('/referrals/x?count=2'), '/referrals/x?count=2')
  for (const foreign of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/%2f%2fevil',
    'referrals',
    '',
    undefined,
    '/a\nb',
    '/sign-in',
    '/exit',
    '/lock?next=/',
    '/unlock',
    '/typed/discard',
  ]) {
    assert.equal(localPath(foreign), '/', String(foreign))
  }
})

test('an address carries an id and nothing that could lead elsewhere', () => {
  assert.equal(idOf('areas/mk/referrals/abc'), 'abc')
  assert.equal(idOf('areas/mk/referrals/a?b#c'), 'a%3Fb%23c')
})
