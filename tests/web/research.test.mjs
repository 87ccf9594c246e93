// Research before a meeting, in the browser: a nil return by one key for each person, what is known and what is kept in
// the agency, and who has not returned (marac.md 4.2).
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { cutOff, launch, notForKeyboards, Person } from './browser.mjs'
import { House } from './house.mjs'
import { send, whole } from './referrals.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['oakbarrow'] })
const as = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()
const of = (person, name) => person.page.getByRole('group', { name: new RegExp(`: ${name}`) })

let meeting
let name

/** The worksheet of the agency of this login, as the API has it. */
const listed = (login) => house.office.call(login, 'ResearchService', 'ListResearch', { parent: name })
const saveAs = async (login, notes) => {
  const { notes: now, notes_name } = await listed(login)
  return house.office.call(login, 'ResearchService', 'SaveResearch', {
    notes: { ...now, ...notes, name: notes_name },
    request_id: randomUUID(),
  })
}

const setMode = async (mode) => {
  const area = await house.office.call('admin', 'DirectoryService', 'GetArea', { name: 'areas/mk' })
  area.settings.research_mode = mode
  await house.office.call('admin', 'DirectoryService', 'UpdateArea', { area })
}

before(async () => {
  await setMode('RESEARCH_MODE_SHARED')
  ;[meeting] = await house.office.meeting({ weeks: 4 })
  name = await house.office.acceptedCase({
    victim: 'Mirela Oakbarrow',
    harm: 'Garth Oakbarrow',
    child: 'Tilda Oakbarrow',
    newAddress: '3 Sheltered Row',
  })
  const call = (method, request) => house.office.call('coordinator', 'MeetingService', method, request)
  const { meeting: proposed } = await call('ProposeAgenda', { name: meeting.name })
  await call('CirculateAgenda', { name: meeting.name, etag: proposed.etag })
})

for (const [login, script] of [
  ['housing', true],
  ['probation', false],
]) {
  test(`a nil return takes one key for each person, ${script ? 'with' : 'without'} script`, async () => {
    const person = await as(login, { script })
    assert.match(await textOf(person), /1 case waits for what your agency knows/)
    await person.follow('1 case waits for what your agency knows')
    assert.equal(await person.heading(), 'Research')
    await check(person.page, 'research of an agency')
    await person.page.goto(urls.caseResearch(name))
    await check(person.page, 'worksheet')
    // What is kept apart is not on the page, and there is no way to answer for everybody at once.
    assert.doesNotMatch(await person.page.content(), /Sheltered Row/)
    assert.equal(await person.page.getByText(/everybody is|select all/i).count(), 0)
    await of(person, 'Mirela').getByLabel('Not known').check()
    await of(person, 'Mirela').getByLabel('What was searched').fill('Case system')
    await of(person, 'Garth').getByLabel('Not known').check()
    await person.press('Return it')
    // Nobody is returned who was not looked for; what was chosen is saved and still there.
    assert.match(await textOf(person), /Tilda Oakbarrow: say whether your agency knows this person/)
    await check(person.page, 'worksheet, with errors')
    assert.ok(await of(person, 'Garth').getByLabel('Not known').isChecked())
    await of(person, 'Tilda').getByLabel('Not known').check()
    await person.press('Return it')
    assert.equal(await person.heading(), 'Research')
    assert.match(await textOf(person), /Returned/)
    const coordinator = await as('coordinator')
    await coordinator.page.goto(urls.case(name))
    assert.match(await textOf(coordinator), /Knows nobody of this case/)
    assert.match(await textOf(coordinator), /Searched: Case system/)
    await check(coordinator.page, 'case, with research')
  })
}

test('what is shared is read by the others, and what is withheld by nobody', async () => {
  const police = await as('police-sergeant')
  await police.page.goto(urls.caseResearch(name))
  for (const one of ['Mirela', 'Garth', 'Tilda'])
    await of(police, one).getByLabel('Known', { exact: true }).check()
  await of(police, 'Mirela').getByLabel('What was searched').fill('Crime and custody')
  const fill = async (nth, text, decision) => {
    await police.page.getByLabel(`${nth}. What we know`).fill(text)
    await police.page
      .getByRole('group', { name: `${nth}. Fact or opinion` })
      .getByLabel('Fact')
      .check()
    const day = police.page.getByRole('group', { name: `${nth}. Of which day` })
    await day.getByLabel('Day').fill('1')
    await day.getByLabel('Month').fill('2')
    await day.getByLabel('Year').fill('2024')
    await police.page
      .getByRole('group', { name: `${nth}. Share it?` })
      .getByLabel(decision)
      .check()
  }
  await fill(1, 'Two calls. Ring 01632 960777.', 'Share it')
  await police.press('Save')
  assert.match(await textOf(police), /1\. What we know: this looks like a telephone number/)
  await check(police.page, 'worksheet, with a warning')
  await fill(1, 'Two calls to the house.', 'Share it')
  await fill(2, 'A neighbour told us.', 'Keep it in our agency')
  await police.press('Return it')
  assert.match(await textOf(police), /Say why it is not shared/)
  await police.page.getByLabel('2. If not, why').fill('It would name them.')
  await police.press('Return it')
  assert.equal(await police.heading(), 'Research')

  for (const login of ['housing', 'coordinator', 'chair', 'idva']) {
    const reader = await as(login)
    await reader.page.goto(urls.case(name))
    const text = await textOf(reader)
    assert.match(text, /Knows Mirela Oakbarrow, Garth Oakbarrow, Tilda Oakbarrow/)
    assert.match(text, /fact of 1 February 2024\s+Two calls to the house/)
    assert.doesNotMatch(await reader.page.content(), /neighbour|would name them/, login)
  }
})

test('two of an agency who write at once are shown both texts, and nothing typed is lost', async () => {
  // Without script: what one types is not kept on the way, and so not offered to the other.
  const one = await as('hospital', { script: false })
  await one.page.goto(urls.caseResearch(name))
  await of(one, 'Mirela').getByLabel('What was searched').fill('Emergency department')
  await of(one, 'Mirela').getByLabel('Not known').check()
  await one.page.getByLabel('1. What we know').fill('Mine')
  const { notes_name: own, notes: none } = await listed('hospital')
  assert.equal(none, null)
  const parties = await house.office.case('hospital', name)
  const colleague = await house.office.call('hospital', 'ResearchService', 'SaveResearch', {
    notes: {
      name: own,
      searches: [{ party_id: parties.victim.party_id, result: 'SEARCH_RESULT_KNOWN', searched: 'Maternity' }],
      entries: ['First', 'Second', 'Third'].map((text) => ({ text })),
    },
    request_id: randomUUID(),
  })
  await one.press('Save')
  const shown = await textOf(one)
  assert.match(shown, /Somebody else saved this in the meantime[^]*Emergency department[^]*Maternity/)
  assert.ok(await of(one, 'Mirela').getByLabel('Not known').isChecked())
  // Every entry of both is there, each with whose it is.
  for (const [at, text] of ['First', 'Second', 'Third', 'Mine'].entries()) {
    assert.equal(await one.page.getByLabel(`${at + 1}. What we know`).inputValue(), text)
  }
  assert.match(shown, /Yours, not saved yet/)
  // A mistyped day takes nothing of what is known of the other's text: they save again, and are not overwritten.
  await one.page.getByRole('group', { name: '4. Of which day' }).getByLabel('Day').fill('40')
  await one.press('Save')
  assert.match(await textOf(one), /enter a real date/)
  await house.office.call('hospital', 'ResearchService', 'SaveResearch', {
    notes: { ...colleague, entries: [...colleague.entries, { text: 'Fourth' }] },
    request_id: randomUUID(),
  })
  await one.page.getByRole('group', { name: '4. Of which day' }).getByLabel('Day').fill('')
  await one.press('Save')
  assert.match(await textOf(one), /Somebody else saved this in the meantime/)
  assert.equal(await one.page.getByLabel('4. What we know').inputValue(), 'Fourth')
  assert.equal(await one.page.getByLabel('5. What we know').inputValue(), 'Mine')
  await one.press('Save')
  const { notes } = await listed('hospital')
  assert.deepEqual(
    notes.entries.map(({ text }) => text),
    ['First', 'Second', 'Third', 'Fourth', 'Mine'],
  )
  assert.equal(notes.searches[0].searched, 'Emergency department')
})

test('what is typed is kept until it is saved, and what looks like a detail is shown before it is returned', async () => {
  const typing = await as('hospital')
  await typing.page.goto(urls.caseResearch(name))
  const kept = typing.page.waitForResponse((answer) => answer.url().includes(urls.typed))
  await typing.page.getByLabel('1. What we know').fill('Ring 01632 960777.')
  assert.equal((await kept).status(), 204)
  await typing.leave()
  const person = await as('hospital')
  await person.page.goto(urls.caseResearch(name))
  assert.equal(await person.heading(), 'You have text here that was not saved')
  await Promise.all([
    person.page.waitForURL(/kept=yes/),
    person.page.getByRole('button', { name: 'Go on with it' }).click(),
  ])
  assert.equal(await person.page.getByLabel('1. What we know').inputValue(), 'Ring 01632 960777.')
  for (const one of ['Mirela', 'Garth', 'Tilda'])
    await of(person, one).getByLabel('Known', { exact: true }).check()
  const entry = person.page.getByRole('group', { name: /^What we know, 1$/ })
  await entry.getByLabel('Opinion').check()
  await entry.getByLabel('Share it with everybody').check()
  const day = entry.getByRole('group', { name: 'Of which day' })
  for (const [label, value] of [
    ['Day', '1'],
    ['Month', '2'],
    ['Year', '2024'],
  ])
    await day.getByLabel(label).fill(value)
  for (const at of [2, 3, 4, 5]) await person.page.getByLabel(`${at}. What we know`).fill('')
  await person.press('Return it')
  assert.match(await textOf(person), /Look at this before you return it[^]*looks like a telephone number/)
  await check(person.page, 'worksheet, before it is returned')
  assert.deepEqual(
    (await listed('coordinator')).research.filter(({ agency }) => /hospital|acute/.test(agency)),
    [],
  )
  await person.press('Return it as it is')
  assert.equal(await person.heading(), 'Research')
  assert.match(await textOf(person), /Returned last on/)
})

test('the worksheet is used by the keyboard alone, and whole at twice the size', async () => {
  const person = await as('mental-health')
  await person.page.goto(urls.caseResearch(name))
  assert.deepEqual(await notForKeyboards(person.page), [])
  assert.equal(await person.page.locator('#notes-entries').count(), 1, 'what is too long leads there')
  const large = await launch({ textSize: 32 })
  try {
    const reader = await Person.sitDown(large, house.stack.origin)
    await reader.signIn('mental-health', password)
    await reader.page.goto(urls.caseResearch(name))
    assert.deepEqual(await cutOff(reader.page), [])
  } finally {
    await large.close()
  }
})

test('the coordinator sees who has not returned, and whom to ring', async () => {
  const coordinator = await as('coordinator')
  await coordinator.page.goto(urls.meeting(meeting.name))
  await coordinator.follow('9 agencies have not returned all their research')
  assert.equal(await coordinator.heading(), 'Research')
  await check(coordinator.page, 'research of every agency')
  const text = await textOf(coordinator)
  assert.match(text, /Education\s+0 of 1 case returned\.\s+Ring Mairead Coppull about MK-/)
  assert.match(text, /Housing and homelessness\s+Returned\s+1 of 1 case returned/)
  // Begun or not is the agency's own matter.
  assert.match(text, /Education\s+0 of 1 case returned/)
  assert.doesNotMatch(text, /Begun/)
  const minutes = await as('minutes')
  assert.equal((await minutes.page.goto(urls.research)).status(), 403)
})

test('where research stays in the agency, sharing is not asked about, and stays as it was decided', async () => {
  await setMode('RESEARCH_MODE_PRIVATE')
  const education = await as('education')
  await education.page.goto(urls.caseResearch(name))
  assert.match(await textOf(education), /It stays in your agency/)
  assert.doesNotMatch(await education.page.content(), /Everybody with a part in the case sees this/)
  assert.equal(await education.page.getByText('Share it?').count(), 0)
  await check(education.page, 'worksheet, private')
  const before = (await listed('police-sergeant')).notes.entries
  const police = await as('police-sergeant')
  await police.page.goto(urls.caseResearch(name))
  assert.match(await textOf(police), /Your agency is asked anew/)
  await police.page.getByLabel('1. What we know').fill('Three calls to the house.')
  await police.press('Save')
  const after = (await listed('police-sergeant')).notes.entries
  assert.deepEqual(
    after.map(({ sharing, withheld_reason }) => [sharing, withheld_reason]),
    before.map(({ sharing, withheld_reason }) => [sharing, withheld_reason]),
  )
  assert.equal(after[0].text, 'Three calls to the house.')
  const coordinator = await as('coordinator')
  await coordinator.page.goto(urls.case(name))
  assert.match(await textOf(coordinator), /What it knows is spoken in the meeting/)
  // The area collects it by now: nothing goes out that was meant to stay.
  await setMode('RESEARCH_MODE_SHARED')
  await police.press('Return it')
  assert.match(await textOf(police), /The area collects research by now/)
  assert.equal(await police.page.getByText('1. Share it?').count(), 1)
  await police.press('Return it')
  assert.equal(await police.heading(), 'Research')
})

test('somebody who comes to the case while it is written is told of, and moves nobody’s answers', async () => {
  const person = await as('education', { script: false })
  await person.page.goto(urls.caseResearch(name))
  await of(person, 'Mirela').getByLabel('What was searched').fill('Pupil records')
  await of(person, 'Mirela').getByLabel('Not known').check()
  await of(person, 'Garth').getByLabel('Not known').check()
  await of(person, 'Tilda').getByLabel('Known', { exact: true }).check()
  const call = (...what) => house.office.call(...what)
  const like = whole('Oakbarrow')
  const { name: referral, etag } = await send(
    { call: (...what) => call('idva', ...what) },
    {
      ...like,
      perpetrators: [
        ...like.perpetrators,
        {
          ...like.perpetrators[0],
          name: { value: 'Rolf Oakbarrow' },
          aliases: [],
          has_aliases: 'YES_NO_NO',
          birth_date: { day: { year: 1961, month: 4, day: 5 } },
        },
      ],
    },
  )
  await call('coordinator', 'ReferralService', 'AcceptReferral', { name: referral, etag, join_case: name })
  await person.press('Save')
  assert.match(await textOf(person), /Rolf Oakbarrow[^\n]* came to this case while you wrote/)
  assert.ok(await of(person, 'Tilda').getByLabel('Known', { exact: true }).isChecked())
  assert.equal(await of(person, 'Rolf').getByRole('radio', { checked: true }).count(), 0)
  await person.press('Save')
  const { notes, not_searched } = await listed('education')
  const record = await house.office.case('education', name)
  const resultOf = (party) => notes.searches.find(({ party_id }) => party_id === party.party_id)?.result
  assert.equal(resultOf(record.perpetrators[0]), 'SEARCH_RESULT_NOT_KNOWN')
  assert.equal(resultOf(record.children[0]), 'SEARCH_RESULT_KNOWN')
  assert.ok(
    not_searched.includes(record.perpetrators.find(({ name: one }) => /Rolf/.test(one.value)).party_id),
  )
  // Who returned it before is asked anew.
  const housing = await as('housing')
  await housing.page.goto(urls.research)
  assert.match(await textOf(housing), /Returned last on .*You are asked anew: look again, and return it/)
})

test('somebody without a part in it finds no worksheet', async () => {
  const police = await as('police')
  assert.equal((await police.page.goto(urls.caseResearch(name))).status(), 404)
  const coordinator = await as('coordinator')
  assert.equal((await coordinator.page.goto(urls.caseResearch(name))).status(), 404)
})

test('a case that is put off or closed while somebody writes loses nothing that was typed', async () => {
  const person = await as('education')
  await person.page.goto(urls.caseResearch(name))
  await person.page.getByLabel('1. What we know').fill('She left school early that day.')
  const call = (service, method, request) => house.office.call('chair', service, method, request)
  const { items } = await call('MeetingService', 'GetAgenda', { name: meeting.name })
  const [item] = items.filter(({ case_name }) => case_name === name)
  await call('MeetingService', 'DeferItem', {
    name: item.name,
    etag: item.etag,
    reason: 'The IDVA is ill',
    safety_plan: 'Locks were changed',
  })
  await person.press('Return it')
  assert.match(
    await textOf(person),
    /This case is no longer on an agenda, so research cannot be returned\. What you wrote is saved/,
  )
  await check(person.page, 'worksheet of a case that was put off')
  assert.equal(await person.page.getByRole('button', { name: 'Return it' }).count(), 0)
  assert.equal((await listed('education')).notes.entries[0].text, 'She left school early that day.')
  await person.page.getByLabel('1. What we know').fill('She left school early, and was fetched.')

  const coordinator = await as('coordinator')
  await coordinator.page.goto(urls.case(name))
  assert.match(await textOf(coordinator), /What agencies know[^]*Housing and homelessness/)
  await coordinator.page.goto(urls.meeting(meeting.name))
  assert.doesNotMatch(await textOf(coordinator), /returned (all )?(its|their) research/)

  const { etag } = await house.office.case('coordinator', name)
  await house.office.call('coordinator', 'CaseService', 'CloseCase', {
    name,
    etag,
    ground: 'CLOSE_GROUND_VICTIM_MOVED',
    reason: 'She moved to another area',
    victim_told: true,
    victim_update: 'Told by the IDVA',
    request_id: randomUUID(),
  })
  await person.press('Save')
  assert.equal(await person.heading(), 'This could not be saved')
  assert.match(await textOf(person), /The case was closed[^]*She left school early, and was fetched/)
  await check(person.page, 'worksheet that cannot be saved')

  // And whoever had begun reads the whole of it.
  const police = await as('police-sergeant')
  await police.page.goto(urls.caseResearch(name))
  const text = await textOf(police)
  assert.match(text, /Mirela Oakbarrow\s+Known\s+Searched: Crime and custody/)
  assert.match(text, /A neighbour told us\.\s+Not shared\. It would name them/)
  await check(police.page, 'worksheet of a closed case')
})
