import assert from 'node:assert/strict'
import { test } from 'node:test'
import { marksOf, merge } from './merge.js'

const shown = { presenter: 'Police', views: '' }

test('what only one of two people changed is kept as they changed it', () => {
  const { raw, conflicts } = merge(
    marksOf(shown),
    { presenter: 'Police', views: 'To stay' },
    { presenter: 'Police, DS Stell', views: '' },
  )
  assert.deepEqual(raw, { presenter: 'Police, DS Stell', views: 'To stay' })
  assert.deepEqual(conflicts, [])
})

test('where both changed the same, a person decides; the same change twice is none to decide', () => {
  const { raw, conflicts } = merge(
    marksOf(shown),
    { presenter: 'Housing', views: 'To stay' },
    { presenter: 'IDVA', views: 'To stay' },
  )
  assert.equal(raw['presenter'], 'IDVA')
  assert.deepEqual(conflicts, ['presenter'])
})

test('a form whose marks were lost or spoilt asks rather than overwrites', () => {
  for (const marks of ['', 'nonsense', 'null', '{"presenter":1}']) {
    const { conflicts } = merge(marks, { presenter: 'Housing' }, { presenter: 'IDVA' })
    assert.deepEqual(conflicts, ['presenter'])
  }
})
