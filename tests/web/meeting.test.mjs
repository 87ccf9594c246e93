// A meeting from the proposal of its agenda to its close, in the browser: with script, without it, and when two people
// write at once.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['oakbarrow', 'farrowmere', 'wychcombe'] })
const as = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)

const textOf = (person) => person.page.locator('main').innerText()

const whoIs = (person, name) => person.page.getByRole('group', { name: new RegExp(name) })

async function discuss(person, incident) {
  const { page } = person
  await page.getByLabel('Who presents it').fill('Lantern, Amara Thistlewood')
  await page.getByLabel('The latest incident').fill(incident)
  await page.getByLabel('Their views and wishes').fill('To stay in the house, with it made safe')
  await page.getByLabel('Who brings them').fill('The IDVA')
  await page.getByLabel('The chair sums up').fill('Serious harm at the house, soon')
  await whoIs(person, 'Were children considered').getByLabel('Yes').check()
  await page.getByLabel('Who tells them what came of it').fill('Amara Thistlewood')
  await page.getByLabel('How, safely').fill('Telephone, at the safe times')
}

async function action(person, { text, kind, owner, due }) {
  const { page } = person
  await page.getByLabel('What will be done').fill(text)
  await page.getByLabel('Kind of action').selectOption(kind)
  await page.getByLabel('Who accepts it, or is asked').selectOption({ label: owner })
  const group = whoIs(person, 'Due by 5pm on')
  await group.getByLabel('Day').fill(String(due.getUTCDate()))
  await group.getByLabel('Month').fill(String(due.getUTCMonth() + 1))
  await group.getByLabel('Year').fill(String(due.getUTCFullYear()))
  await person.press('Save and add another action')
}

const inDays = async (days) => new Date((await house.office.now()).getTime() + days * 24 * 60 * 60 * 1000)

for (const script of [true, false]) {
  test(`a fortnight's meeting is held ${script ? 'with' : 'without'} script, from its agenda to its actions`, async () => {
    // In an area of its own: what one meeting puts off is on the agenda of the next.
    if (house.figures.journeys > 0) await house.beginAnew()
    const [meeting] = await house.office.meeting({ weeks: 3 })
    const first = await house.office.acceptedCase({
      victim: 'Mirela Oakbarrow',
      harm: 'Garth Oakbarrow',
      child: 'Tilda Oakbarrow',
    })
    await house.office.acceptedCase({ victim: 'Ines Farrowmere', harm: 'Colm Farrowmere' })

    // The coordinator proposes and circulates.
    const coordinator = await as('coordinator', { script })
    await coordinator.follow('Meetings')
    await check(coordinator.page, 'meetings')
    await coordinator.page.goto(urls.meeting(meeting.name))
    await check(coordinator.page, 'meeting, nothing on it')
    await coordinator.press('Propose the agenda')
    assert.match(await textOf(coordinator), /1\. Mirela Oakbarrow[^]*2\. Ines Farrowmere/) // children first.
    await check(coordinator.page, 'meeting, proposed')
    await coordinator.follow('Record apologies')
    await check(coordinator.page, 'apologies')
    await coordinator.page
      .getByLabel('Agency', { exact: true })
      .selectOption({ label: 'Acute hospital trust' })
    await coordinator.page.getByLabel('They sent what they know').check()
    await coordinator.press('Save')
    assert.match(await textOf(coordinator), /Give the day on which the information came/)
    await check(coordinator.page, 'apologies, with errors')
    await coordinator.page.getByLabel('They sent what they know').uncheck()
    await coordinator.press('Save')
    assert.match(await textOf(coordinator), /Acute hospital trust: apologies/)
    const housing = await as('housing', { script })
    await housing.page.goto(urls.meeting(meeting.name))
    assert.doesNotMatch(await textOf(housing), /Oakbarrow/)
    await coordinator.press('Send the agenda out')
    await check(coordinator.page, 'send the agenda out, before the cut-off')
    await coordinator.press('Send it out now')
    await housing.page.reload()
    assert.match(await textOf(housing), /Oakbarrow/)
    await check(housing.page, 'meeting, for a representative')

    // The chair cannot start it before its day; on the day takes attendance and opens the first case.
    const chair = await as('chair', { script })
    await chair.page.goto(urls.meeting(meeting.name))
    assert.match(await textOf(chair), /It can be started on its day/)
    assert.equal(await chair.page.getByRole('button', { name: 'Start the meeting' }).count(), 0)
    await check(chair.page, 'meeting, too early')
    await house.office.advance(Number(meeting.start_time.seconds))
    await chair.page.reload()
    await chair.press('Start the meeting')
    await check(chair.page, 'meeting, being held')
    await chair.follow('Record who is here')
    await check(chair.page, 'attendance')
    for (const name of ['Amara Thistlewood', 'Lucja Fennimore', 'Imogen Stell']) {
      await whoIs(chair, name).getByLabel('Here').check()
    }
    await chair.page.getByLabel('Name').fill('Odette Marlpit')
    await whoIs(chair, 'How').getByLabel('Observing').check()
    await chair.press('Save')
    assert.match(await textOf(chair), /3 of 13 agencies are here/)
    assert.match(await textOf(chair), /Odette Marlpit.*observer/)
    await chair.press('Open the first case')
    assert.equal(await chair.heading(), 'Mirela Oakbarrow')
    await check(chair.page, 'case, open')

    // What is missing is named at its field; nothing that was typed is lost by that.
    await chair.page.getByLabel('The latest incident').fill('Last Friday, with a threat to come back')
    await chair.press('Close this case and open the next')
    assert.ok(await chair.page.getByRole('alert').isVisible())
    const ids = await chair.page
      .getByRole('alert')
      .getByRole('link')
      .evaluateAll((links) => links.map(({ hash }) => hash.slice(1)))
    for (const id of ids) assert.equal(await chair.page.locator(`[id="${id}"]`).count(), 1, id)
    await check(chair.page, 'case, with errors')
    assert.equal(
      await chair.page.getByLabel('The latest incident').inputValue(),
      'Last Friday, with a threat to come back',
    )
    await discuss(chair, 'Last Friday, with a threat to come back')
    await chair.page.getByLabel('1. Agency').selectOption({ label: 'Police' })
    await chair.page.getByLabel('1. What it told').fill('Two calls to the address since October')
    await whoIs(chair, '1. Fact or opinion').getByLabel('Fact').check()

    // Two actions: one accepted by an agency that is here, one asked of an agency that is not.
    const due = await inDays(7)
    await action(chair, {
      text: 'Fit new locks',
      kind: 'SANCTUARY',
      owner: 'Lucja Fennimore, Housing and homelessness: accepts it',
      due,
    })
    assert.match(await textOf(chair), /Fit new locks[^]*Accepted by Lucja Fennimore/)
    assert.equal(new URL(chair.page.url()).hash, '#actions', 'who adds actions goes on there')
    await check(chair.page, 'case, with an action')
    await action(chair, { text: 'Flag the file', kind: 'FLAG', owner: 'Acute hospital trust: is asked', due })
    assert.match(await textOf(chair), /Flag the file[^]*Asked of Acute hospital trust/)
    await chair.page.getByLabel('What will be done').fill('Something half said')
    await chair.press('Save')
    assert.match(await textOf(chair), /Choose who accepts it/)
    await check(chair.page, 'case, with an error in the action')
    await chair.page.getByLabel('What will be done').fill('')

    // One press: saved, closed, and the next is open.
    await chair.press('Close this case and open the next')
    assert.equal(await chair.heading(), 'Ines Farrowmere')

    // The meeting does not close over a case that was not heard.
    await chair.page.goto(urls.meeting(meeting.name))
    await chair.press('Close the meeting')
    assert.match(await chair.page.getByRole('alert').innerText(), /was not heard/)
    await check(chair.page, 'meeting, not to be closed')
    await chair.page.getByRole('alert').getByRole('link').first().click()
    await chair.page.getByRole('heading', { name: 'Ines Farrowmere' }).waitFor()
    await chair.follow('Put it off to the next meeting')
    await check(chair.page, 'put off')
    await chair.page.getByLabel('Why it is put off').fill('Nobody could brief')
    await chair.press('Put it off')
    assert.match(await textOf(chair), /safety plan/i)
    await check(chair.page, 'put off, with errors')
    await chair.page
      .getByLabel('What keeps them safe until then')
      .fill('Stays with her sister; IDVA calls daily')
    await chair.press('Put it off')
    await chair.press('Close the meeting')
    assert.match(await textOf(chair), /^Meeting of[^]*Held[^]*1 case was heard, 1 put off/)
    assert.match(await textOf(chair), /Who came[^]*Odette Marlpit: observer/)
    await check(chair.page, 'meeting, held')
    await chair.page.goto(urls.caseInMeeting(meeting.name, first))
    assert.match(await textOf(chair), /Two calls to the address since October/)
    await check(chair.page, 'case, heard')

    // The representative reports on the page of the action; the other agency is asked.
    await housing.page.goto(urls.actions)
    await housing.follow('Fit new locks')
    await housing.page.getByLabel('It is done').check()
    await housing.page.getByLabel('What was done, or why not').fill('Fitted on Tuesday')
    await housing.press('Report')
    assert.match(await textOf(housing), /Reported[^]*Fit new locks/)
    const hospital = await as('hospital', { script })
    await hospital.page.goto(urls.actions)
    await hospital.follow('Flag the file')
    await hospital.press('Accept it')

    // And the case knows what came of it, and asks for what is left.
    const idva = await as('idva', { script })
    await idva.page.goto(urls.case(first))
    assert.match(await textOf(idva), /Fit new locks[^]*Done/)
    await check(idva.page, 'case page, heard')
    await idva.press('Record what they were told')
    await idva.page.getByLabel('Yes', { exact: true }).check()
    await idva.page.getByLabel('How they were told, or why it would be unsafe').fill('By telephone')
    await idva.press('Save')
    assert.match(await textOf(idva), /By telephone/)
    await idva.page.goto(urls.home)
    await check(idva.page, 'my work, with cases')
    house.figures.journeys += 1
  })
}

test('an agenda does not go out before its cut-off by one press', async () => {
  const [meeting] = await house.office.meeting({ weeks: 3 })
  await house.office.acceptedCase({ victim: 'Odile Wychcombe', harm: 'Colm Wychcombe' })
  await house.office.call('coordinator', 'MeetingService', 'ProposeAgenda', { name: meeting.name })
  const coordinator = await as('coordinator')
  const stateNow = async () => {
    const found = await house.office.call('coordinator', 'MeetingService', 'GetMeeting', {
      name: meeting.name,
    })
    return found.state
  }
  await coordinator.page.goto(urls.meeting(meeting.name))
  await coordinator.press('Send the agenda out')
  assert.match(
    await textOf(coordinator),
    /\d+ cases? opens? to 13 agencies[^]*Referrals are still in time until \d+ \w+ \d+ at [^]*cannot undo/,
  )
  assert.equal(await stateNow(), 'MEETING_STATE_SCHEDULED')
  await coordinator.follow('Do not send it yet')
  // After the cut-off nothing more comes, and nothing is asked.
  await house.office.advance(Number(meeting.deadlines.cut_off_time.seconds) + 1)
  await coordinator.page.reload()
  await coordinator.press('Send the agenda out')
  assert.match(await coordinator.heading(), /^Meeting of/)
  assert.equal(await stateNow(), 'MEETING_STATE_CIRCULATED')
})

describe('two people at once', () => {
  let meeting
  let item

  before(async () => {
    ;[meeting] = await house.office.meeting({ weeks: 3 })
    await house.office.acceptedCase({ victim: 'Thea Wychcombe', harm: 'Ned Wychcombe' })
    const call = (login, method, request) => house.office.call(login, 'MeetingService', method, request)
    const { name } = meeting
    await call('coordinator', 'ProposeAgenda', { name })
    const agenda = await call('coordinator', 'GetAgenda', { name })
    const sent = await call('coordinator', 'CirculateAgenda', { name, etag: agenda.meeting.etag })
    item = sent.items.find(({ victim }) => victim.name.value === 'Thea Wychcombe')
    await house.office.advance(Number(meeting.start_time.seconds))
    await call('chair', 'StartMeeting', { name, etag: sent.meeting.etag })
    await call('chair', 'OpenItem', { name: item.name })
  })

  test('each keeps what only they changed, and both texts are shown where both changed the same', async () => {
    const [chair, minutes] = [await as('chair'), await as('minutes')]
    for (const person of [chair, minutes]) await person.page.goto(urls.agendaItem(item.name))
    await minutes.page.getByLabel('The latest incident').fill('Hers: on Friday')
    await minutes.page.getByLabel('Who presents it').fill('Police, DS Stell')
    await minutes.page.getByLabel('1. Agency').selectOption({ label: 'Police' })
    await minutes.page.getByLabel('1. What it told').fill('Told to the minute taker')
    await minutes.press('Save')
    await chair.page.getByLabel('The chair sums up').fill('Mine: serious harm, soon')
    await chair.page.getByLabel('1. Agency').selectOption({ label: 'Probation' })
    await chair.page.getByLabel('1. What it told').fill('Told to the chair')
    await chair.press('Save')
    // Nobody was asked anything: they wrote on different parts, and told different things.
    assert.equal(await chair.page.getByLabel('The latest incident').inputValue(), 'Hers: on Friday')
    assert.equal(await chair.page.getByLabel('The chair sums up').inputValue(), 'Mine: serious harm, soon')
    assert.equal(await chair.page.getByLabel('1. What it told').inputValue(), 'Told to the minute taker')
    assert.equal(await chair.page.getByLabel('2. What it told').inputValue(), 'Told to the chair')

    await minutes.page.reload()
    await chair.page.getByLabel('The latest incident').fill('Mine: on Saturday')
    await chair.press('Save')
    await minutes.page.getByLabel('The latest incident').fill('Hers: on Sunday')
    await minutes.press('Save')
    assert.match(await textOf(minutes), /Yours[^]*Hers: on Sunday[^]*Theirs[^]*Mine: on Saturday/)
    assert.equal(await minutes.page.getByLabel('The latest incident').inputValue(), 'Hers: on Sunday')
    await check(minutes.page, 'both texts')
    await minutes.press('Save')
    assert.equal(await minutes.page.getByLabel('The latest incident').inputValue(), 'Hers: on Sunday')
  })

  test('what was typed and not saved waits through a lock, and is put together with what others saved since', async () => {
    const [chair, minutes] = [await as('chair'), await as('minutes')]
    for (const person of [chair, minutes]) await person.page.goto(urls.agendaItem(item.name))
    await chair.page.getByLabel('Their views and wishes').fill('Mine: to be left in pea')
    await chair.page.getByLabel('What will be done').fill('Change the loc')
    await chair.press('Lock')
    await minutes.page.getByLabel('Who brings them').fill('Hers: the IDVA')
    await minutes.press('Save')
    await chair.page.getByLabel('Password', { exact: true }).fill(password)
    await chair.press('Unlock')
    assert.equal(await chair.heading(), 'Thea Wychcombe')
    for (const [label, value] of [
      ['Their views and wishes', 'Mine: to be left in pea'],
      ['What will be done', 'Change the loc'],
      ['Who brings them', 'Hers: the IDVA'],
    ]) {
      assert.equal(await chair.page.getByLabel(label).inputValue(), value)
    }

    // And through a lost browser: it is offered, and lies with nobody else.
    const kept = chair.page.waitForResponse((answer) => answer.url().includes(urls.typed))
    await chair.page.getByLabel('Their views and wishes').fill('Mine: to be left in peace')
    assert.equal((await kept).status(), 204)
    await chair.leave()
    await minutes.page.reload()
    assert.doesNotMatch(await minutes.page.content(), /left in pea/)
    const again = await as('chair')
    await again.page.goto(urls.agendaItem(item.name))
    assert.equal(await again.heading(), 'You have text here that was not saved')
    assert.match(await textOf(again), /left in peace[^]*Change the loc/)
    await check(again.page, 'kept, of a case')
    await Promise.all([
      again.page.waitForURL(/kept=yes/),
      again.page.getByRole('button', { name: 'Go on with it' }).click(),
    ])
    await again.page.getByLabel('What will be done').fill('')
    await again.press('Save')
    await again.page.goto(urls.agendaItem(item.name))
    assert.equal(await again.heading(), 'Thea Wychcombe')
    assert.equal(
      await again.page.getByLabel('Their views and wishes').inputValue(),
      'Mine: to be left in peace',
    )
  })

  test('attendance is recorded by two, and only the same person differently asks', async () => {
    const [chair, minutes] = [await as('chair'), await as('minutes')]
    const address = urls.meetingDo(meeting.name, 'attendance')
    for (const person of [chair, minutes]) await person.page.goto(address)
    await whoIs(minutes, 'Lucja Fennimore').getByLabel('Here').check()
    await whoIs(minutes, 'Efua Silverdene').getByLabel('Absent').check()
    await minutes.press('Save')
    await whoIs(chair, 'Amara Thistlewood').getByLabel('Here').check()
    await whoIs(chair, 'Efua Silverdene').getByLabel('Apologies').check()
    await chair.press('Save')
    assert.match(await textOf(chair), /Efua Silverdene: absent/)
    assert.ok(await whoIs(chair, 'Efua Silverdene').getByLabel('Apologies').isChecked())
    assert.ok(await whoIs(chair, 'Lucja Fennimore').getByLabel('Here').isChecked())
    await check(chair.page, 'attendance, both')
    await chair.press('Save')
    const text = await textOf(chair)
    for (const said of [/Lucja.*present/, /Amara.*present/, /Efua.*apologies/]) assert.match(text, said)
    // A mistake is taken out again.
    await chair.page.goto(address)
    await whoIs(chair, 'Efua Silverdene').getByLabel('Take out').check()
    await chair.press('Save')
    assert.doesNotMatch(await textOf(chair), /Efua Silverdene/)
  })

  test('a press that comes twice happens once', async () => {
    const chair = await as('chair')
    await chair.page.goto(urls.agendaItem(item.name))
    const due = await inDays(5)
    const { page } = chair
    await page.getByLabel('What will be done').fill('Serve a notice')
    await page.getByLabel('Kind of action').selectOption('DAPN')
    await page.getByLabel('Who accepts it, or is asked').selectOption({ label: 'Probation: is asked' })
    for (const [part, value] of [
      ['day', due.getUTCDate()],
      ['month', due.getUTCMonth() + 1],
      ['year', due.getUTCFullYear()],
    ])
      await page.locator(`[name="action.due.${part}"]`).fill(String(value))
    const form = Object.fromEntries(
      await page
        .locator('main form')
        .last()
        .evaluate((node) => [...new FormData(node)]),
    )
    for (let times = 0; times < 2; ++times) {
      const answer = await chair.context.request.post(urls.agendaItem(item.name), {
        form,
        headers: { 'Sec-Fetch-Site': 'same-origin' },
        maxRedirects: 0,
      })
      assert.equal(answer.status(), 303, await answer.text())
    }
    await page.reload()
    assert.equal(await page.getByRole('link', { name: 'Serve a notice' }).count(), 1)
  })

  test('an action that waits is found however many were answered before it', async () => {
    const call = (login, method, request) => house.office.call(login, 'ActionService', method, request)
    const propose = (text, days) =>
      call('chair', 'CreateAction', {
        agenda_item: item.name,
        text,
        kind: 'HOUSING_MOVE',
        agency: 'agencies/housing',
        due_time: { seconds: Number(meeting.start_time.seconds) + days * 24 * 60 * 60 },
        request_id: randomUUID(),
      })
    for (let before = 1; before <= 101; ++before) {
      const { name, etag } = await propose(`Ask for flat ${before}`, 2 + Math.floor(before / 10))
      await call('housing', 'RefuseAction', { name, etag, reason: 'It is let', request_id: randomUUID() })
    }
    await propose('Move them by Friday', 20)
    const housing = await as('housing')
    assert.match(await textOf(housing), /Move them by Friday/)
    await housing.page.goto(urls.actions)
    assert.match(await textOf(housing), /Move them by Friday[^]*Reported\s+Ask for flat 10[01]/)
    assert.equal(await housing.page.getByRole('link', { name: /Ask for flat/ }).count(), 20)
    await check(housing.page, 'my actions, many')
    // Those of the tests before this one are among them.
    await housing.follow(await housing.page.getByRole('link', { name: /^All 10\d that were/ }).innerText())
    assert.equal(await housing.page.getByRole('link', { name: /Ask for flat/ }).count(), 101)
    // And in the case.
    await housing.page.goto(urls.case(item.case_name))
    assert.equal(await housing.page.getByRole('link', { name: /Ask for flat/ }).count(), 101)
    assert.equal(await housing.page.getByRole('link', { name: 'Move them by Friday' }).count(), 1)
  })

  test('a report or a refusal typed in a second tab is not lost when the first was quicker', async () => {
    const due_time = { seconds: Number(meeting.start_time.seconds) + 30 * 24 * 60 * 60 }
    const propose = (text) =>
      house.office.call('chair', 'ActionService', 'CreateAction', {
        agenda_item: item.name,
        text,
        kind: 'HOUSING_MOVE',
        agency: 'agencies/housing',
        due_time,
        request_id: randomUUID(),
      })
    const refused = await propose('Find a flat in another town')
    const reported = await propose('Change the locks at the back')
    const { name, etag } = reported
    await house.office.call('housing', 'ActionService', 'AcceptAction', { name, etag })

    const [first, second] = [await as('housing'), await as('housing')]
    // An action says whose it is, for who may open the case.
    await first.page.goto(urls.action(reported.name))
    await first.follow(reported.case_number)
    assert.equal(await first.heading(), 'Thea Wychcombe')
    for (const person of [first, second]) await person.page.goto(urls.action(reported.name))
    await first.page.getByLabel('It is done').check()
    await first.page.getByLabel('What was done, or why not').fill('Changed on Monday')
    await first.press('Report')
    await second.page.getByLabel('It was not done').check()
    await second.page.getByLabel('What was done, or why not').fill('Nobody opened the door on Sunday')
    await second.page.getByLabel('Your agency').fill('HSG-4411')
    await second.press('Report')
    assert.match(await second.page.getByRole('alert').innerText(), /What you typed is not saved/)
    const beside = await second.page.locator('#action').innerText()
    assert.match(beside, /Not saved\s+Nobody opened the door on Sunday\s+Saved\s+Changed on Monday/)
    assert.match(beside, /HSG-4411/)
    await check(second.page, 'action, reported by somebody else')

    for (const person of [first, second]) await person.page.goto(urls.action(refused.name))
    await first.press('Accept it')
    await second.page.getByLabel('Or say why your agency cannot').fill('There is no flat before May')
    await second.press('Refuse it')
    assert.match(await second.page.locator('#action').innerText(), /There is no flat before May/)
    assert.equal(await second.page.getByRole('button', { name: 'Report', exact: true }).count(), 1)
    await check(second.page, 'action, accepted while it was refused')
  })

  test('a late case comes on the agenda by the chair alone, with a reason (R-06)', async () => {
    const [next] = await house.office.meeting({ weeks: 1 })
    await house.office.acceptedCase({ victim: 'Odile Brackenhurst', harm: 'Ned Brackenhurst' })
    const chair = await as('chair')
    await chair.page.goto(urls.meeting(next.name))
    await chair.follow('Admit a late case')
    await check(chair.page, 'late case')
    await chair.press('Admit it')
    await check(chair.page, 'late case, with errors')
    await chair.page.getByLabel('Case', { exact: true }).selectOption({ index: 1 })
    await chair.page.getByLabel('Why it cannot wait').fill('He is released on Tuesday')
    await chair.press('Admit it')
    assert.match(await textOf(chair), /Because: He is released on Tuesday/)
    const coordinator = await as('coordinator')
    await coordinator.page.goto(urls.meeting(next.name))
    assert.equal(await coordinator.page.getByRole('link', { name: 'Admit a late case' }).count(), 0)
  })
})
