import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResearchNotes } from '../../generated/marac/v1/ResearchNotes.js'
import type { ResearchNotes__Output } from '../../generated/marac/v1/ResearchNotes.js'
import type { Raw } from './fields.js'
import { marksOf } from './merge.js'
import {
  bothOf,
  errorsOf,
  newIn,
  notesFrom,
  rawOfNotes,
  rowsFor,
  rowsIn,
  searchFields,
  typedIn,
  warnedOf,
  warningsToShare,
  type Sheet,
} from './research.js'

const subject = (partyId: string, name: string) => ({ partyId, what: 'Child', name, rows: [] })
const sheet: Sheet = {
  subjects: [subject('p1', 'Ana'), subject('p2', 'Rob'), subject('p3', 'Sam')],
  rows: 2,
  isShared: true,
}
const today = { year: 2026, month: 11, day: 23 }
const before = { year: 2026, month: 11, day: 20 }

const known = (person: string) => ({ [`notes.searches[${person}].result`]: 'SEARCH_RESULT_KNOWN' })
const unknown = (person: string) => ({ [`notes.searches[${person}].result`]: 'SEARCH_RESULT_NOT_KNOWN' })
const day = (path: string, { year, month, day: of } = today) => ({
  [`${path}.day`]: String(of),
  [`${path}.month`]: String(month),
  [`${path}.year`]: String(year),
})
const search = (party_id: string, searched: string, on: object) => ({
  party_id,
  searched,
  day: on as typeof today,
  result: 'SEARCH_RESULT_KNOWN' as const,
  corrections: '',
})

/** What a browser sends of the form of these notes when somebody typed this into it. */
const sentWith = (typed: Raw, notes: ResearchNotes | null = null, on: Sheet = sheet) => {
  const raw = rawOfNotes(on, notes, today)
  return { ...raw, marks: marksOf(raw), ...typed }
}

test('what was searched is typed once, and stands for whoever is answered for behind it', () => {
  const { notes } = notesFrom(
    sheet,
    sentWith({ ...unknown('p1'), ...known('p2'), 'notes.searches[p1].searched': 'Case system' }),
    null,
  )
  const [ana, rob, sam] = notes.searches ?? []
  assert.equal(ana?.searched, 'Case system')
  assert.equal(rob?.searched, 'Case system')
  assert.deepEqual(rob?.day, today)
  // Nobody has looked for Sam: nothing is said of what was searched.
  assert.deepEqual(sam, { party_id: 'p3', corrections: '', searched: '', day: null })
})

test('what is typed of somebody who is not answered for stays, and what the form was filled with does not', () => {
  const typed = notesFrom(sheet, sentWith({ 'notes.searches[p1].searched': 'Archive' }), null).notes
  assert.equal(typed.searches?.[0]?.searched, 'Archive')
  assert.equal(typed.searches?.[0]?.day, null, 'today was there before anybody typed')
  // Saved like this it is there again, also when the form is sent untouched, or the day is typed.
  assert.equal(rawOfNotes(sheet, typed, today)['notes.searches[p1].searched'], 'Archive')
  assert.equal(notesFrom(sheet, sentWith({}, typed), typed).notes.searches?.[0]?.searched, 'Archive')
  const dated = sentWith(day('notes.searches[p1].day', before), typed)
  assert.deepEqual(notesFrom(sheet, dated, typed).notes.searches?.[0]?.day, before)
})

test('a worksheet that was saved shows again only what is otherwise', () => {
  const notes = {
    searches: [search('p2', 'Archive', before), search('p1', 'Case system', before)],
    entries: [],
  }
  const raw = rawOfNotes(sheet, notes, today)
  assert.equal(raw['notes.searches[p1].searched'], 'Case system')
  assert.equal(raw['notes.searches[p2].searched'], 'Archive')
  assert.equal(raw['notes.searches[p2].day.day'], '', 'the same day as with the person before')
  assert.equal(raw['notes.searches[p3].searched'], '')
  assert.equal(raw['notes.searches[p3].day.day'], '23', 'whom nobody has looked for is looked for today')
})

test('an answer whose day was taken out is not given today’s', () => {
  const raw = rawOfNotes(sheet, { searches: [{ ...search('p1', 'Archive', before), day: null }] }, today)
  assert.equal(raw['notes.searches[p1].day.day'], '')
})

test('somebody who comes to the case meanwhile moves nobody’s answers, and is told of', () => {
  const had: Sheet = { ...sheet, subjects: [subject('p1', 'Ana'), subject('p3', 'Sam')] }
  const body = { ...sentWith({ ...unknown('p1'), ...known('p3') }, null, had), people: 'p1 p3' }
  assert.deepEqual(
    newIn(sheet.subjects, body).map(({ name }) => name),
    ['Rob'],
  )
  const { notes } = notesFrom(sheet, body, null)
  assert.deepEqual(
    notes.searches?.map(({ result }) => result),
    ['SEARCH_RESULT_NOT_KNOWN', undefined, 'SEARCH_RESULT_KNOWN'],
  )
})

test('an empty row is no entry, and an error is shown in the row or of the person it is about', () => {
  const { notes, rows } = notesFrom(sheet, sentWith({ 'notes.entries[1].text': 'Two calls' }), null)
  assert.equal(notes.entries?.length, 1)
  assert.deepEqual(rows, [1])
  assert.deepEqual(
    errorsOf(
      [
        { field: 'notes.entries[0].basis', description: 'say whether it is fact or opinion' },
        { field: 'notes.searches[p2]', description: 'say whether your agency knows this person' },
        { field: 'notes.searches[2].day', description: 'give today or an earlier day' },
        { field: 'notes.entries', description: 'this is more than a meeting can hear' },
      ],
      sheet.subjects,
      notes.searches ?? [],
      rows,
    ),
    [
      { field: 'notes.entries[1].basis', text: 'Say whether it is fact or opinion' },
      { field: 'notes.searches[p2].result', text: 'Rob: say whether your agency knows this person' },
      { field: 'notes.searches[p3].day', text: 'Sam: give today or an earlier day' },
      { field: 'notes.entries', text: 'This is more than a meeting can hear' },
    ],
  )
})

test('a row of which only the person, the basis or the day was given is kept', () => {
  for (const typed of [
    { 'notes.entries[1].party_id': 'p2' },
    { 'notes.entries[1].basis': 'INFORMATION_BASIS_FACT' },
    day('notes.entries[1].day'),
  ]) {
    assert.deepEqual(notesFrom(sheet, sentWith(typed), null).rows, [1], JSON.stringify(typed))
  }
})

test('where research stays in the agency, what was decided of an entry stays as it was', () => {
  const kept = { sharing: 'SHARING_DECISION_DO_NOT_SHARE', withheld_reason: 'It would name them' } as const
  const notes: ResearchNotes = { searches: [], entries: [{ text: 'A neighbour told us', ...kept }] }
  const own = { ...sheet, isShared: false }
  const sent = notesFrom(own, sentWith({ 'notes.entries[0].worker': 'Tove' }, notes, own), notes)
  assert.equal(sent.notes.entries?.[0]?.worker, 'Tove')
  assert.equal(sent.notes.entries?.[0]?.sharing, kept.sharing)
  assert.equal(sent.notes.entries?.[0]?.withheld_reason, kept.withheld_reason)
  // Whoever empties all that is asked for takes it out.
  const emptied = sentWith({ 'notes.entries[0].text': '' }, notes, own)
  assert.deepEqual(notesFrom(own, emptied, notes).notes.entries, [])
})

test('what stays in the agency is said to stay there, and what others read to be read', () => {
  const hintOf = (isShared: boolean) =>
    searchFields(subject('p1', 'Ana'), true, isShared).find(({ path }) => path.endsWith('corrections'))?.hint
  assert.match(hintOf(true) ?? '', /Everybody with a part.*do not write where the person at risk lives now/)
  assert.match(hintOf(false) ?? '', /Nobody outside your agency/)
})

test('two who write at once: every entry of both is there, and what both answered is shown', () => {
  const base: ResearchNotes = {
    searches: [search('p1', 'Case system', before)],
    entries: [{ text: 'One' }, { text: 'Two' }],
  }
  const theirs: ResearchNotes = {
    searches: [search('p1', 'Maternity', before), search('p2', 'Maternity', before)],
    entries: [{ text: 'One' }, { text: 'Two, and more' }, { text: 'Three' }, { text: 'Four' }],
  }
  const on = { ...sheet, rows: 3 }
  const sent = notesFrom(
    on,
    sentWith(
      { 'notes.searches[p1].searched': 'Emergency', ...unknown('p3'), 'notes.entries[2].text': 'Mine' },
      base,
      on,
    ),
    theirs,
  )
  const both = bothOf(on, theirs, sent)
  assert.deepEqual(
    both.notes.entries?.map(({ text }) => text),
    // What I did not touch is as they have it by now.
    ['One', 'Two, and more', 'Three', 'Four', 'Mine'],
  )
  assert.equal(both.theirs, 4)
  const [ana, rob, sam] = both.notes.searches ?? []
  assert.deepEqual([ana?.searched, ana?.result], ['Emergency', 'SEARCH_RESULT_KNOWN'])
  assert.deepEqual([rob?.searched, rob?.result], ['Maternity', 'SEARCH_RESULT_KNOWN'])
  assert.deepEqual([sam?.searched, sam?.result], ['Emergency', 'SEARCH_RESULT_NOT_KNOWN'])
  assert.deepEqual(both.rows, [{ label: 'Ana: What was searched', theirs: 'Maternity', mine: 'Emergency' }])
})

test('an entry that both changed stands there twice, and one that was saved already once', () => {
  const base: ResearchNotes = { entries: [{ text: 'One' }] }
  const changed = notesFrom(sheet, sentWith({ 'notes.entries[0].text': 'One, mine' }, base), null)
  const textsOf = (theirs: ResearchNotes) =>
    bothOf(sheet, theirs, changed).notes.entries?.map(({ text }) => text)
  assert.deepEqual(textsOf({ entries: [{ text: 'One, theirs' }] }), ['One, theirs', 'One, mine'])
  assert.deepEqual(textsOf({ entries: [{ text: 'One, mine' }] }), ['One, mine'])
})

test('a form has as many rows as were sent, within reason, and offers as many as maracd takes', () => {
  assert.equal(rowsIn({}), 0)
  assert.equal(rowsIn({ 'notes.entries[3].text': '', 'notes.entries[1].day.day': '' }), 4)
  assert.equal(rowsIn({ 'notes.entries[100].text': '' }), 101, 'one too many is refused, and not left out')
  assert.equal(rowsIn({ 'notes.entries[999].text': '' }), 201)
  assert.deepEqual([0, 99, 100, 140].map(rowsFor), [1, 100, 100, 140])
})

test('who cannot save any more is shown all that they typed, with the names of those whom they may see', () => {
  const body = {
    ...sentWith({
      ...known('p1'),
      'notes.entries[0].text': 'Two calls',
      'notes.entries[0].day.day': '31',
      'notes.entries[0].day.month': '2',
    }),
    people: 'p1 p2 p3',
    mode: 'RESEARCH_MODE_SHARED',
  }
  const wordsOf = (lines: ReturnType<typeof typedIn>) => lines.map(({ label, text }) => `${label}: ${text}`)
  const named = wordsOf(typedIn(body, sheet.subjects))
  assert.ok(named.includes('Ana: Known to us?: Known'))
  assert.ok(named.includes('1. What we know: Two calls'))
  assert.ok(named.includes('1. Of which day: 31 2'), 'also what is no day')
  const strange = wordsOf(typedIn(body))
  assert.ok(strange.includes('Person 1: Known to us?: Known'))
  assert.doesNotMatch(strange.join(), /Ana|Rob|Sam/)
})

test('of what would be read by others its writer is warned, and again when it says something else', () => {
  const notes = (text: string) =>
    ({
      searches: [{ party_id: 'p1', searched: text, corrections: text }],
      entries: [{ text }],
      text_warnings: ['searches[0].searched', 'searches[0].corrections', 'entries[0].text'].map((field) => ({
        field,
        kind: 'TEXT_WARNING_KIND_TELEPHONE',
      })),
    }) as unknown as ResearchNotes__Output
  assert.equal(warningsToShare(notes('01632 960777'), true).length, 3)
  assert.deepEqual(
    warningsToShare(notes('01632 960777'), false).map(({ field }) => field),
    ['searches[0].searched'],
  )
  assert.equal(warnedOf(notes('01632 960777'), true), warnedOf(notes('01632 960777'), true))
  assert.notEqual(warnedOf(notes('01632 960777'), true), warnedOf(notes('01632 960778'), true))
  assert.equal(warnedOf({ ...notes(''), text_warnings: [] }, true), '')
})
