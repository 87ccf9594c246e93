// Who may see a case, in the browser: a restricted list, a conflict of interest, what workers register about themselves
// and the chair's written decision (marac.md 6, R-16), and signing before what is said is seen.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { send, whole } from './referrals.mjs'

const house = await House.open({
  names: [
    'oakbarrow',
    'farrowmere',
    'wychcombe',
    'larkspurne',
    'quernmore',
    'oxenholt',
    'penhallow',
    'ashgrovely',
  ],
})
const as = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)
const call = (...what) => house.office.call(...what)

const textOf = (person) => person.page.locator('main').innerText()
const statusOf = async (person, address) => (await person.page.goto(address)).status()
const group = (person, name) => person.page.getByRole('group', { name, exact: true })

/** What stands beside a name in a list. */
const lineOf = (person, name) =>
  person.page.getByRole('listitem').filter({ hasText: name }).first().innerText()

/** Sent by somebody who has nothing to do with what follows. */
const sent = (family, changes) =>
  send(
    { call: (...what) => call('probation', ...what) },
    whole(family, { has_excluded_people: 'YES_NO_NO', ...changes }),
  )

/** Cases on an agenda that went out: the agencies that are part of them see them. */
async function listed(weeks, people) {
  const [meeting] = await house.office.meeting({ weeks })
  const names = []
  for (const one of people) names.push(await house.office.acceptedCase(one))
  await call('coordinator', 'MeetingService', 'ProposeAgenda', { name: meeting.name })
  const { etag } = await call('coordinator', 'MeetingService', 'GetMeeting', { name: meeting.name })
  await call('coordinator', 'MeetingService', 'CirculateAgenda', { name: meeting.name, etag })
  return { meeting, names }
}

describe('a restricted case', () => {
  let name

  before(async () => {
    name = await house.office.acceptedCase({ victim: 'Mirela Oakbarrow', harm: 'Garth Oakbarrow' })
  })

  test('is open to those on the list and to the chair, and only the chair ends it', async () => {
    const [idva, coordinator] = [await as('idva'), await as('coordinator', { script: false })]
    assert.equal(await statusOf(idva, urls.case(name)), 200)
    assert.equal(await idva.page.getByRole('link', { name: 'Who may see this' }).count(), 0)
    assert.equal(await statusOf(idva, urls.caseAccess(name)), 403)

    await coordinator.page.goto(urls.case(name))
    await coordinator.follow('Who may see this')
    assert.match(await textOf(coordinator), /Everybody whose work it is/)
    await coordinator.page.getByRole('link', { name: /^Restrict/ }).click()
    await coordinator.page.getByLabel('Why').fill('He works with one of us')
    await coordinator.press('Restrict it')
    // Nothing that was typed is lost, and the error leads to the list.
    assert.match(await coordinator.page.getByRole('alert').innerText(), /Name who may see the case/)
    assert.equal(await coordinator.page.getByLabel('Why').inputValue(), 'He works with one of us')
    const lead = await coordinator.page.getByRole('alert').getByRole('link').getAttribute('href')
    assert.equal(await coordinator.page.locator(lead).count(), 1)
    // Without a coordinator nobody could see to it.
    await group(coordinator, 'Lantern IDVA service').getByLabel('Bronagh Velloway').check()
    await coordinator.press('Restrict it')
    assert.match(await coordinator.page.getByRole('alert').innerText(), /No coordinator could open it/)
    assert.ok(await coordinator.page.getByLabel('Bronagh Velloway').isChecked())

    await coordinator.page.getByLabel('Bronagh Velloway').uncheck()
    await group(coordinator, 'Council').getByLabel('Marged Penhallow').check()
    await group(coordinator, 'Housing and homelessness').getByLabel('Lucja Fennimore').check()
    await coordinator.press('Restrict it')
    const shown = await textOf(coordinator)
    assert.match(shown, /No IDVA may open it/)
    assert.match(shown, /Only the chair and:\s+Lucja Fennimore, Housing and homelessness/)
    assert.match(shown, /Restricted to the people on the list\s+Marged Penhallow\s+He works with one of us/)
    assert.equal(await statusOf(idva, urls.case(name)), 404)
    assert.doesNotMatch(await idva.page.content(), /Oakbarrow/)
    assert.equal(await coordinator.page.getByRole('link', { name: 'End the restriction' }).count(), 0)
    assert.equal(await statusOf(coordinator, urls.caseAccessDo(name, 'open')), 403)

    const chair = await as('chair')
    await chair.page.goto(urls.caseAccess(name))
    await check(chair.page, 'who may see it, restricted')
    await chair.follow('End the restriction')
    await check(chair.page, 'end the restriction')
    await chair.press('End the restriction')
    assert.match(await chair.page.getByRole('alert').innerText(), /Say why/)
    await chair.page.getByLabel('Why').fill('It was another man')
    await chair.press('End the restriction')
    assert.equal(await statusOf(idva, urls.case(name)), 200)
  })

  test('is changed by two at once, and neither list is lost', async () => {
    const [first, second] = [await as('chair'), await as('coordinator')]
    for (const { page } of [first, second]) await page.goto(urls.caseAccessDo(name, 'restrict'))
    await check(first.page, 'restrict it to a list')
    for (const [person, who] of [
      [first, 'Amara Thistlewood'],
      [second, 'Bronagh Velloway'],
    ]) {
      await person.page.getByLabel('Marged Penhallow').check()
      await person.page.getByLabel(who).check()
      await person.page.getByLabel('Why').fill(`For ${who}`)
      await person.press('Restrict it')
    }
    assert.match(await textOf(second), /Somebody else saved this in the meantime/)
    assert.match(await textOf(second), /Amara Thistlewood/)
    assert.ok(await second.page.getByLabel('Bronagh Velloway').isChecked())
    await check(second.page, 'restrict it, when somebody else did')
    await second.press('Save the list')
    assert.match(await textOf(second), /Bronagh Velloway, Lantern IDVA service/)
    assert.equal(await statusOf(await as('idva'), urls.case(name)), 404)
  })
})

describe('a conflict of interest', () => {
  test('hides the case from who declares it, everywhere, until the chair decides in writing', async () => {
    const { meeting, names } = await listed(2, [{ victim: 'Ines Farrowmere', harm: 'Colm Farrowmere' }])
    const housing = await as('housing')
    await housing.page.goto(urls.case(names[0]))
    await housing.follow('I have a conflict of interest')
    assert.match(await textOf(housing), /The chair decides in writing/)
    await check(housing.page, 'a conflict of interest')
    await housing.press('Stop showing it to me')
    assert.match(await housing.page.getByRole('alert').innerText(), /Say why/)
    await check(housing.page, 'a conflict of interest, with errors')
    await housing.page.getByLabel('What it is').fill('I grew up with him')
    await housing.press('Stop showing it to me')
    assert.equal(await housing.heading(), 'You do not see it any more')
    assert.doesNotMatch(await housing.page.content(), /Farrowmere|MK-\d\d-/)
    await check(housing.page, 'no longer shown')
    assert.equal(await statusOf(housing, urls.case(names[0])), 404)
    await housing.page.goto(urls.meeting(meeting.name))
    assert.doesNotMatch(await textOf(housing), /Farrowmere/)

    // It is not the coordinator's to lift.
    const coordinator = await as('coordinator')
    await coordinator.page.goto(urls.caseAccess(names[0]))
    assert.match(await lineOf(coordinator, 'Lucja Fennimore'), /I grew up with him/)
    assert.equal(await coordinator.page.getByRole('button', { name: 'Decide in writing' }).count(), 0)
    assert.equal(await statusOf(coordinator, urls.caseAccessDo(names[0], 'decide')), 403)

    const chair = await as('chair', { script: false })
    await chair.page.goto(urls.caseAccess(names[0]))
    await chair.press('Decide in writing')
    await chair.press('Save the decision')
    assert.equal(await chair.page.getByRole('alert').getByRole('link').count(), 2)
    await chair.page.getByLabel('Lucja Fennimore, Housing and homelessness').check()
    await chair.page.getByLabel('They may see it again').check()
    await chair.press('Save the decision')
    assert.match(await chair.page.getByRole('alert').innerText(), /Say why/)
    assert.ok(await chair.page.getByLabel('They may see it again').isChecked())
    await chair.page.getByLabel('Why').fill('It is thirty years ago')
    await chair.press('Save the decision')
    assert.match(await textOf(chair), /Lucja Fennimore, Housing and homelessness: may see it again/)
    assert.equal(await statusOf(housing, urls.case(names[0])), 200)
  })

  test('is not declared by the only coordinator, who is told what to do', async () => {
    const name = await house.office.acceptedCase({ victim: 'Thea Wychcombe', harm: 'Ned Wychcombe' })
    const coordinator = await as('coordinator')
    await coordinator.page.goto(urls.caseConflict(name))
    await coordinator.page.getByLabel('What it is').fill('My neighbour')
    await coordinator.press('Stop showing it to me')
    assert.match(await coordinator.page.getByRole('alert').innerText(), /make a second coordinator first/)
    assert.equal(await coordinator.page.getByLabel('What it is').inputValue(), 'My neighbour')
  })

  test('of an employer: everybody there is kept out, by one press', async () => {
    const name = await house.office.acceptedCase({ victim: 'Odile Wychcombe', harm: 'Piers Wychcombe' })
    const coordinator = await as('coordinator')
    await coordinator.page.goto(urls.caseAccess(name))
    await coordinator.press('Keep somebody out')
    await check(coordinator.page, 'keep somebody out')
    await coordinator.page.getByLabel('Why').fill('He works there')
    await coordinator.press('Keep them out')
    assert.match(await coordinator.page.getByRole('alert').innerText(), /Name one/)
    await check(coordinator.page, 'keep somebody out, with errors')
    await coordinator.page.getByLabel('Or a whole agency').selectOption({ label: 'Lantern IDVA service' })
    await coordinator.press('Keep them out')
    assert.match(await lineOf(coordinator, 'Everybody at Lantern IDVA service'), /He works there/)
    assert.match(await textOf(coordinator), /No IDVA may open it/)
    await check(coordinator.page, 'who may see it, with warnings')
    assert.equal(await statusOf(await as('idva'), urls.case(name)), 404)

    // A name alone is asked about, and the case says so.
    await coordinator.press('Keep somebody out')
    await coordinator.page.getByLabel('Or the name of somebody').fill('Edwin Wychcombe')
    await coordinator.page.getByLabel('Why').fill('His brother, who may be a nurse')
    await coordinator.press('Keep them out')
    await coordinator.page.goto(urls.case(name))
    await check(coordinator.page, 'a case with somebody to be answered for')
    await coordinator.follow('1 person is to be answered for')
    await coordinator.follow('Edwin Wychcombe')
    await coordinator.page.getByLabel('They do not work for any agency here').check()
    await coordinator.press('Save')
    assert.equal(await coordinator.heading(), 'Who may see this')
    assert.match(await lineOf(coordinator, 'Edwin Wychcombe'), /Does not work here/)
  })
})

describe('what follows about the same two people', () => {
  test('is kept from whoever was shut out before, and says where that comes from', async () => {
    const before = await sent('Wychcombe')
    const { accounts } = await call('coordinator', 'DirectoryService', 'ListAccounts', {
      parent: 'areas/mk',
      page_size: 100,
    })
    const account = accounts.find(({ login }) => login === 'adult-care').name
    const reason = 'Cousin of the husband'
    await call('coordinator', 'AccessService', 'ExcludePerson', { name: before.name, account, reason })
    const coordinator = await as('coordinator')
    await coordinator.page.goto(urls.caseAccess(before.name))
    assert.doesNotMatch(await lineOf(coordinator, 'Huw Brindlecombe'), /earlier/)
    await house.office.advance(60 + Math.ceil((await house.office.now()) / 1000))
    const after = await sent('Wychcombe')
    await coordinator.page.goto(urls.caseAccess(after.name))
    assert.match(
      await lineOf(coordinator, 'Huw Brindlecombe'),
      /Cousin of the husband\s+Comes from an earlier case of the same people/,
    )
    await check(coordinator.page, 'who may see it, shut out before')
    await coordinator.page.goto(urls.caseAccessDo(after.name, 'restrict'))
    assert.match(await textOf(coordinator), /Huw Brindlecombe \(kept out, also if they are on the list\)/)
  })
})

describe('a case that nobody is left to see to', () => {
  test('is on the first page of the coordinator and of the chair until it is seen to', async () => {
    const name = await house.office.acceptedCase({ victim: 'Bryony Ashgrovely', harm: 'Colm Ashgrovely' })
    const { accounts } = await call('coordinator', 'DirectoryService', 'ListAccounts', {
      parent: 'areas/mk',
      page_size: 100,
    })
    const account = (login) => accounts.find((one) => one.login === login).name
    const restrict = (...logins) =>
      call('coordinator', 'AccessService', 'RestrictCase', {
        name,
        restricted: true,
        accounts: logins.map(account),
        reason: 'He works with one of us',
      })
    await restrict('coordinator')
    for (const login of ['coordinator', 'chair']) {
      const person = await as(login)
      await person.page.getByRole('link', { name: /nobody to see to/ }).click()
      assert.match(await lineOf(person, 'Bryony Ashgrovely'), /No IDVA may open it: name one/)
      await check(person.page, 'what waits, with nobody to see to it')
    }
    await restrict('coordinator', 'idva')
    const chair = await as('chair')
    await chair.page.goto(urls.undecided)
    assert.doesNotMatch(await textOf(chair), /Bryony Ashgrovely/)
  })
})

describe('what a worker registers', () => {
  test('is added, changed and taken out, and hides a case until the chair decides (R-16)', async () => {
    const idva = await as('idva', { script: false })
    const { page } = idva
    await page.goto(urls.account)
    await page.getByRole('link', { name: /^See or change/ }).click()
    assert.match(await textOf(idva), /Nobody is on it yet/)
    await idva.press('Add somebody')
    await page.getByLabel('Address', { exact: true }).fill('12 Larkspurne Lane')
    await idva.press('Save')
    const errors = await page.getByRole('alert').getByRole('link').allInnerTexts()
    assert.equal(errors.length, 3, errors.join('; '))
    assert.equal(await page.getByLabel('Address', { exact: true }).inputValue(), '12 Larkspurne Lane')
    for (const link of await page.getByRole('alert').getByRole('link').all()) {
      assert.equal(await page.locator(await link.getAttribute('href')).count(), 1)
    }
    await page.getByLabel('A relative').check()
    await page.getByLabel('Name', { exact: true }).fill('Mirela Larkspurn')
    await page.getByLabel('Address', { exact: true }).fill('')
    await idva.press('Save')
    assert.match(await textOf(idva), /Mirela Larkspurn\s[^]*A relative[^]*Not given/)
    await idva.follow('Change (Mirela Larkspurn)')
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Mirela Larkspurn')
    await page.getByLabel('Name', { exact: true }).fill('Mirela Larkspurne')
    await page.getByLabel('Day').fill('17')
    await page.getByLabel('Month').fill('5')
    await page.getByLabel('Year').fill('1991')
    await idva.press('Save')
    assert.match(await textOf(idva), /Mirela Larkspurne\s[^]*17 May 1991/)

    const referral = await sent('Larkspurne')
    assert.equal(await statusOf(idva, urls.referral(referral.name)), 404)
    const chair = await as('chair')
    assert.match(await textOf(chair), /1 case or referral waits for your decision/)
    await check(chair.page, 'my work of a chair, with a decision')
    await chair.follow('1 case or referral waits for your decision')
    await check(chair.page, 'what waits for the chair')
    await chair.follow('Mirela Larkspurne')
    assert.match(await lineOf(chair, 'Amara Thistlewood'), /Chair to decide/i)
    await check(chair.page, 'who may see a referral')
    await chair.press('Decide in writing')
    await check(chair.page, 'decide in writing')
    const decide = async (what, why) => {
      await chair.page.getByLabel('Amara Thistlewood, Lantern IDVA service').check()
      await chair.page.getByLabel(what).check()
      await chair.page.getByLabel('Why').fill(why)
      await chair.press('Save the decision')
    }
    await decide('It stays hidden from them', 'She is her cousin')
    assert.doesNotMatch(await lineOf(chair, 'Amara Thistlewood'), /Chair to decide/i)
    assert.equal(await statusOf(idva, urls.referral(referral.name)), 404)
    await chair.page.goto(urls.home)
    assert.doesNotMatch(await textOf(chair), /your decision/)
    await chair.page.goto(urls.caseAccessDo(referral.name, 'decide'))
    await decide('They may see it again', 'It is another person of the name')
    assert.equal(await statusOf(idva, urls.referral(referral.name)), 200)

    // Nobody else has the list, and it is taken out again.
    await page.goto(urls.register)
    await idva.follow('Take out (Mirela Larkspurne)')
    await idva.press('Take it out')
    assert.match(await textOf(idva), /Nobody is on it yet/)
  })

  test('is changed in two tabs, and no entry takes the place of another', async () => {
    const person = (name) => ({ relation: 'REGISTERED_RELATION_OTHER', name: { value: name } })
    const register = (...names) =>
      call('hospital', 'AccessService', 'SaveOwnRegister', { register: { people: names.map(person) } })
    await register('Roland Quernmore', 'Edwin Quernmore')
    const hospital = await as('hospital')
    const { page } = hospital
    await page.goto(urls.register)
    await check(page, 'people I must not meet')
    await page.goto(urls.registered(1))
    await check(page, 'somebody I must not meet')
    await register('Edwin Quernmore') // The other tab took out the first.
    await page.getByLabel('Other names').fill('Ned Quernmore')
    await hospital.press('Save')
    const { people } = await call('hospital', 'AccessService', 'GetOwnRegister', {})
    assert.deepEqual(
      people.map(({ name, aliases }) => [name.value, aliases]),
      [['Edwin Quernmore', ['Ned Quernmore']]],
    )
    await page.goto(urls.removeRegistered(0))
    await check(page, 'take it out')
    assert.equal(await statusOf(hospital, urls.registered(7)), 404)
    assert.equal(await statusOf(await as('idva'), urls.registered(0)), 200, 'a new one, and not another’s')
  })

  test('with the name alone asks the coordinator, and nobody answers for themselves', async () => {
    const named = (name) => ({
      perpetrators: [{ ...whole('Quernmore').perpetrators[0], name: { value: name } }],
    })
    const ofWorker = await sent('Quernmore', named('Ravi Oxenholt'))
    const coordinator = await as('coordinator', { script: false })
    const { page } = coordinator
    await page.goto(urls.triageOf(ofWorker.name))
    assert.match(await textOf(coordinator), /Must not see it\s+1 to be answered for first/)
    assert.match(await lineOf(coordinator, 'Ravi Oxenholt'), /Found by name/)
    await coordinator.follow('Ravi Oxenholt')
    assert.match(await textOf(coordinator), /Works at Primary care/)
    await coordinator.press('Save')
    assert.match(await page.getByRole('alert').innerText(), /Say for one of them at least/)
    await page.getByLabel('It is them, or somebody close to them').check()
    await coordinator.press('Save')
    assert.match(await lineOf(coordinator, 'Ravi Oxenholt'), /Shut out/)
    await coordinator.follow('Who may see this')
    assert.match(await textOf(coordinator), /Kept from\s+Ravi Oxenholt, Primary care/)

    const ofHerself = await sent('Quernmore', named('Marged Penhallow'))
    await page.goto(urls.triagePeople(ofHerself.name))
    assert.match(
      await textOf(coordinator),
      /This asks about you. Another coordinator, or the chair, answers it/,
    )
    assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).count(), 0)
    await page.goto(urls.caseAccess(ofHerself.name))
    assert.equal(await page.getByRole('link', { name: 'Marged Penhallow' }).count(), 0)

    const chair = await as('chair')
    await chair.page.goto(urls.caseAccess(ofHerself.name))
    await check(chair.page, 'who may see it, somebody to be answered for')
    await chair.follow('Marged Penhallow')
    await check(chair.page, 'found by name')
    await chair.page.getByLabel('It is somebody else with the same name').check()
    await chair.press('Save')
    assert.equal(await chair.heading(), 'Who may see this')
    assert.match(await lineOf(chair, 'Marged Penhallow'), /Somebody else/)
  })
})

describe('in a meeting', () => {
  test('what is said shows to who has signed, and a representative reveals what they need (R-24)', async () => {
    const { meeting, names } = await listed(4, [
      { victim: 'Bryony Oakbarrow', harm: 'Miles Oakbarrow', newAddress: '4 Sheltered Row' },
    ])
    await house.office.advance(Number(meeting.start_time.seconds))
    const { etag } = await call('chair', 'MeetingService', 'GetMeeting', { name: meeting.name })
    await call('chair', 'MeetingService', 'StartMeeting', { name: meeting.name, etag })
    const agenda = await call('chair', 'MeetingService', 'GetAgenda', { name: meeting.name })
    const listedItem = agenda.items.find(({ case_name }) => case_name === names[0])
    const item = await call('chair', 'MeetingService', 'OpenItem', { name: listedItem.name })
    await call('chair', 'MeetingService', 'RecordDiscussion', {
      name: item.name,
      etag: item.etag,
      discussion: { latest_incident: 'On Sunday, at the gate of the school' },
    })

    const housing = await as('housing', { script: false })
    await housing.page.goto(urls.agendaItem(item.name))
    assert.match(await textOf(housing), /What is said about this case shows here when you have signed/)
    assert.doesNotMatch(await textOf(housing), /gate of the school/)
    await housing.follow('signed the confidentiality statement')
    await housing.press('Sign')
    assert.match(await textOf(housing), /Lucja Fennimore, Housing and homelessness: present, has signed/)
    assert.equal(await housing.page.getByRole('link', { name: /Sign the/ }).count(), 0)
    assert.equal(await statusOf(housing, urls.meetingDo(meeting.name, 'sign')), 200)
    assert.match(await housing.heading(), /^Meeting of/)
    await housing.page.goto(urls.agendaItem(item.name))
    assert.match(await textOf(housing), /gate of the school/)

    // On paper, for somebody who came without a computer; what is recorded stays.
    const chair = await as('chair')
    await chair.page.goto(urls.meetingDo(meeting.name, 'attendance'))
    await check(chair.page, 'attendance, with signatures')
    const line = chair.page.locator('.app-attendance').filter({ hasText: 'Imogen Stell' })
    await line.getByLabel(/Signed on paper/).check()
    await chair.press('Save')
    assert.match(await textOf(chair), /Imogen Stell, Police: present, has signed/)
    assert.match(await textOf(chair), /Lucja Fennimore, Housing and homelessness: present, has signed/)
    await check(chair.page, 'meeting, with signatures')
    await chair.page.goto(urls.meetingDo(meeting.name, 'sign'))
    await check(chair.page, 'sign')

    // Who is here and may not see a case leaves while it is talked about.
    await chair.page.goto(urls.agendaItem(item.name))
    assert.doesNotMatch(await textOf(chair), /Not to be in the room/)
    await call('police-sergeant', 'AccessService', 'DeclareConflict', { name: names[0], reason: 'A friend' })
    await chair.page.reload()
    assert.match(await textOf(chair), /Not to be in the room for this case: Imogen Stell, Police\./)
    await check(chair.page, 'case, with somebody who leaves the room')
    await call('chair', 'AccessService', 'DecideExclusion', {
      name: names[0],
      subject: (await call('police-sergeant', 'SessionService', 'GetCaller', {})).account.name,
      lift: true,
      reason: 'Not close enough',
    })
    const sergeant = await as('police-sergeant')
    await sergeant.page.goto(urls.agendaItem(item.name))
    assert.match(await textOf(sergeant), /gate of the school/)

    const hospital = await as('hospital')
    await hospital.page.goto(urls.agendaItem(item.name))
    await check(hospital.page, 'a case, not signed for')

    await housing.page.goto(urls.case(names[0]))
    await housing.page.getByRole('link', { name: 'Show address' }).click()
    await housing.press('Show it once')
    assert.match(await housing.page.getByRole('alert').innerText(), /Say why/)
    await housing.page.getByLabel('Why you need it').fill('To change the locks')
    await housing.press('Show it once')
    assert.match(await textOf(housing), /4 Sheltered Row/)
    await housing.press('I have finished')
    await housing.press('Show how to reach them')
    await housing.page.getByLabel('Why you need it').fill('To agree a day')
    await housing.press('Show it once')
    assert.match(await textOf(housing), /01632 960456/)
  })
})
