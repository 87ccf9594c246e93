import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  apply,
  fingerprint,
  get,
  idOfField,
  inWords,
  rawFrom,
  rawOf,
  set,
  viewsOf,
  type Field,
  type Kind,
} from './fields.js'

const field = (kind: Kind, more: Partial<Field> = {}): Field => ({
  path: 'victim.it',
  kind,
  label: 'It',
  ...more,
})

/** What a form that shows `record` and sends `typed` makes of it. */
function save(one: Field, typed: Record<string, string>, record: object = {}) {
  const shown = rawOf([one], record)
  const errors = apply([one], rawFrom([one], typed), shown, record)
  return { value: get(record, one.path), errors }
}

describe('a place in a record', () => {
  test('is found and made by the path that maracd uses', () => {
    const record = {}
    set(record, 'perpetrators[1].address.lines', { value: 'x' })
    assert.deepEqual(get(record, 'perpetrators[1].address.lines'), { value: 'x' })
    assert.equal(get(record, 'perpetrators[0].address.lines'), undefined)
    assert.equal(get(record, 'children[0].name.value'), undefined)
  })

  test('has an id that an error can link to', () => {
    assert.equal(idOfField('referral.perpetrators[0].birth_date'), 'referral-perpetrators-0-birth_date')
  })
})

describe('a text', () => {
  test('is kept as typed, a question mark is "not known", and nothing is nothing', () => {
    assert.deepEqual(save(field('text'), { 'victim.it': ' Ada ' }).value, { value: 'Ada' })
    assert.deepEqual(save(field('text'), { 'victim.it': '?' }).value, { unknown: 'UNKNOWN_NOT_KNOWN' })
    assert.deepEqual(save(field('text'), { 'victim.it.unknown': 'UNKNOWN_DECLINED' }).value, {
      unknown: 'UNKNOWN_DECLINED',
    })
    assert.equal(save(field('text'), {}).value, null)
  })

  test('and a reason for having none: what was changed is what is meant', () => {
    const both = { 'victim.it': 'Ada', 'victim.it.unknown': 'UNKNOWN_NOT_KNOWN' }
    const wasUnknown = { victim: { it: { unknown: 'UNKNOWN_NOT_KNOWN' } } }
    const wasAda = { victim: { it: { value: 'Ada' } } }
    assert.deepEqual(save(field('text'), both, wasUnknown).value, { value: 'Ada' })
    assert.deepEqual(save(field('text'), both, wasAda).value, { unknown: 'UNKNOWN_NOT_KNOWN' })
  })

  test('refuses a reason that nobody offers', () => {
    assert.equal(save(field('text'), { 'victim.it.unknown': 'UNKNOWN_UNSPECIFIED' }).value, null)
    assert.equal(save(field('text'), { 'victim.it.unknown': '__proto__' }).value, null)
  })
})

describe('a day', () => {
  const typed = (day: string, month: string, year: string) => ({
    'victim.it.day': day,
    'victim.it.month': month,
    'victim.it.year': year,
  })
  const cases: [string, Record<string, string>, unknown][] = [
    ['a whole day', typed('29', '2', '2024'), { day: { day: 29, month: 2, year: 2024 } }],
    ['only a year', typed('', '', '1984'), { about_year: 1984 }],
    ['a question mark', typed('?', '', ''), { unknown: 'UNKNOWN_NOT_KNOWN' }],
    ['nothing', typed('', '', ''), null],
  ]
  for (const [what, given, expected] of cases) {
    test(`may be ${what}`, () => assert.deepEqual(save(field('dayanswer'), given).value, expected))
  }
  for (const wrong of [
    typed('31', '2', '2024'),
    typed('29', '2', '2023'),
    typed('1', '', '2023'),
    typed('', '', '84'),
    typed('a', 'b', 'c'),
  ]) {
    test(`is refused as ${Object.values(wrong).join('/')}, and the record stays`, () => {
      const record = { victim: { it: { about_year: 1990 } } }
      const { errors, value } = save(field('dayanswer'), wrong, record)
      assert.equal(errors.length, 1)
      assert.equal(errors[0]?.field, 'victim.it')
      assert.deepEqual(value, { about_year: 1990 })
    })
  }

  test('of a list is one a line', () => {
    const two = [
      { day: 1, month: 2, year: 2026 },
      { day: 3, month: 4, year: 2026 },
    ]
    assert.deepEqual(save(field('days'), { 'victim.it': '1/2/2026\n\n3.4.2026' }).value, two)
    assert.equal(save(field('days'), { 'victim.it': '31/2/2026' }).errors.length, 1)
  })
})

describe('a choice', () => {
  test('takes only what was offered', () => {
    const options = [{ value: 'A', text: 'a' }]
    assert.equal(save(field('select', { options }), { 'victim.it': 'A' }).value, 'A')
    assert.equal(save(field('select', { options }), { 'victim.it': 'B' }, { victim: { it: 'A' } }).value, 'A')
    assert.equal(save(field('yesno'), { 'victim.it': 'GRADE_HIGH' }).value, 'YES_NO_UNSPECIFIED')
  })
})

describe('what a form shows', () => {
  const follow = field('yesno', {
    followUps: { on: 'YES_NO_YES', fields: [{ path: 'victim.why', kind: 'string', label: 'Why' }] },
  })

  test('goes there and back unchanged, whatever the kind', () => {
    const record = {
      a: { value: 'x' },
      b: { unknown: 'UNKNOWN_NOT_ASKED' },
      c: 'YES_NO_DECLINED',
      d: { day: { day: 1, month: 2, year: 1990 } },
      e: ['one', 'two'],
      f: true,
      g: 'line one\nline two',
    }
    const kinds: Kind[] = ['text', 'longtext', 'yesno', 'dayanswer', 'lines', 'tick', 'longstring']
    const fields = kinds.map((kind, at): Field => ({ path: 'abcdefg'.charAt(at), kind, label: kind }))
    const after = structuredClone(record)
    const raw = rawOf(fields, record)
    assert.deepEqual(apply(fields, raw, raw, after), [])
    assert.deepEqual(after, record)
  })

  test('includes what follows an answer', () => {
    const record = { victim: {} }
    apply([follow], rawFrom([follow], { 'victim.it': 'YES_NO_YES', 'victim.why': 'because' }), {}, record)
    assert.deepEqual(record, { victim: { it: 'YES_NO_YES', why: 'because' } })
    assert.equal(viewsOf([follow], rawOf([follow], record))[0]?.followUps?.views[0]?.raw['.'], 'because')
  })

  test('has the same fingerprint only when it shows the same', () => {
    const of = (text: string) => fingerprint(rawOf([field('string')], { victim: { it: text } }))
    assert.equal(of('a'), of('a'))
    assert.notEqual(of('a'), of('b'))
  })

  test('is put in words for checking', () => {
    assert.equal(inWords(field('text'), { victim: { it: { unknown: 'UNKNOWN_NOT_KNOWN' } } }), 'Not known')
    assert.equal(inWords(field('dayanswer'), { victim: { it: { about_year: 1990 } } }), 'About 1990')
    assert.equal(inWords(field('yesno'), { victim: { it: 'YES_NO_UNSPECIFIED' } }), '')
  })
})

describe('several of a list', () => {
  const ticks = field('ticks', {
    path: 'accounts',
    options: [
      { value: 'accounts/1', text: 'Ada', group: 'Police' },
      { value: 'accounts/10', text: 'Bea', group: 'Housing' },
      { value: 'accounts/2', text: 'Cleo', group: 'Police' },
    ],
  })

  test('are those that were ticked, however many, and only what was offered', () => {
    const saved = (given: string | string[] | undefined) => {
      const record = {}
      apply([ticks], rawFrom([ticks], { accounts: given }), rawOf([ticks], {}), record)
      return get(record, 'accounts')
    }
    assert.deepEqual(saved(undefined), [])
    assert.deepEqual(saved('accounts/10'), ['accounts/10'], 'and not 1, which is a part of it')
    assert.deepEqual(saved(['accounts/2', 'accounts/1', 'accounts/9']), ['accounts/1', 'accounts/2'])
  })

  test('stand under their headings, ticked as the record has them', () => {
    const record = { accounts: ['accounts/2'] }
    const [view] = viewsOf([ticks], rawOf([ticks], record))
    const shown = view?.groups.map(({ title, items }) => [
      title,
      items.map((item) => [item.text, item.checked]),
    ])
    assert.deepEqual(shown, [
      [
        'Police',
        [
          ['Ada', false],
          ['Cleo', true],
        ],
      ],
      ['Housing', [['Bea', false]]],
    ])
    assert.equal(inWords(ticks, record), 'Cleo')
  })
})
