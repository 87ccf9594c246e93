import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Handover__Output } from '../../generated/marac/v1/Handover.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import { chosenIn, filled, lastBefore, nameIn, nextLeftOut, pagesOf, placeAt, keyOf } from './device.js'
import { keptFrom, screenOf } from './screen.js'

const probe = (code: string) => ({ code })
const item = (code: string, probes: string[] = []) => ({
  code,
  number: 1,
  options: [],
  probes: probes.map(probe),
})
const pack = {
  items: [item('ONE'), item('TWO', ['A', 'B']), item('THREE')],
  sections: [{ code: 'HOW', kind: 'SECTION_KIND_CHECK_IN', items: [item('HOW_1')] }],
} as unknown as InstrumentPack__Output

const given = (...answers: [string, string, string][]) =>
  ({
    answers: answers.map(([item, probe, code]) => ({ item, probe, code: `ANSWER_CODE_${code}`, option: '' })),
  }) as unknown as Handover__Output

const place = (key: string) => {
  const found = placeAt(pack, key)
  assert.ok(found, key)
  return found
}
const calling = (...words: string[]) => nameIn({ people: words.map((word) => ({ word })) })

describe('the form in somebody’s hands', () => {
  test('ACC-14: every question has a word, and never a name that nobody recorded', () => {
    assert.equal(filled('Does {name} watch you?', calling('my dad')), 'Does my dad watch you?')
    assert.equal(calling('Tam', 'Al', 'Tam'), 'Tam or Al')
    assert.equal(calling('', ''), 'this person')
  })

  test('goes back to what the person answered, and to nothing that somebody else did', () => {
    const answers = given(['ONE', '', 'NO'], ['TWO', 'A', 'UNSPECIFIED'], ['HOW_1', '', 'OPTION'])
    const before = lastBefore(pack, answers, place('TWO/B'))
    assert.equal(before && keyOf(before), 'ONE/')
    assert.equal(lastBefore(pack, answers, place('ONE/')), undefined)
  })

  test('ACC-25: what was left out returns in its order, but for what a yes has settled', () => {
    const answers = given(
      ['ONE', '', 'NOT_ASKED'],
      ['TWO', 'A', 'YES'],
      ['TWO', 'B', 'NOT_ASKED'],
      ['THREE', '', 'NOT_ASKED'],
    )
    const next = nextLeftOut(pack, answers, place('ONE/'))
    assert.equal(next && keyOf(next), 'THREE/')
    assert.equal(nextLeftOut(pack, answers, place('THREE/')), undefined)
  })

  test('shows what was chosen, and no choice for a question that is still open', () => {
    const [yes, open] = given(['ONE', '', 'YES'], ['TWO', 'A', 'NOT_ASKED']).answers
    assert.equal(chosenIn(yes), 'ANSWER_CODE_YES')
    assert.equal(chosenIn(open), '')
    assert.deepEqual(pagesOf(['a', 'b', 'c']), [['a', 'b'], ['c']])
  })

  test('ACC-11: the screen is as the profile says until the person changes it, to what there is', () => {
    const display = { theme: 'DISPLAY_THEME_DARK', text_percent: 160, pictures: 'PICTURE_USE_OFF' }
    const screen = screenOf(display as never, '')
    assert.deepEqual([screen.theme, screen.size, screen.pictures], ['dark', '200', 'off'])
    const changed = screenOf(display as never, keptFrom({ theme: 'cream', size: '9', pictures: 'on' }))
    assert.deepEqual([changed.theme, changed.size, changed.pictures], ['cream', '200', 'on'])
  })
})
