// The calendar of meetings in real Chromium before a real maracd: a series, a move, a meeting that is not held, and the
// dates for somebody's own calendar.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'

const house = await House.open({ names: ['oakbarrow'] })
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()
const meetings = (method, request) => house.office.call('coordinator', 'MeetingService', method, request)

// A Wednesday about so many weeks away, far from every bank holiday of England in the year of the demonstration.
async function wednesdayIn(weeks) {
  const day = new Date((await house.office.now()).getTime() + weeks * 7 * 24 * 60 * 60 * 1000)
  day.setUTCDate(day.getUTCDate() + ((3 - day.getUTCDay() + 7) % 7))
  return day
}

async function fillDay(page, day, group) {
  const within = group ? page.getByRole('group', { name: group }) : page
  await within.getByLabel('Day', { exact: true }).fill(String(day.getUTCDate()))
  await within.getByLabel('Month', { exact: true }).fill(String(day.getUTCMonth() + 1))
  await within.getByLabel('Year', { exact: true }).fill(String(day.getUTCFullYear()))
}

const icsDay = (day) => day.toISOString().slice(0, 10).replaceAll('-', '')

test('a series is put on the calendar, and what makes no sense is said beside its field, without script', async () => {
  const coordinator = await house.as('coordinator', { script: false })
  const { page } = coordinator
  await coordinator.follow('Meetings')
  await page.getByRole('button', { name: 'Put meetings on the calendar' }).click()
  await check(page, 'put meetings on the calendar')
  await fillDay(page, await wednesdayIn(60))
  await page.getByLabel('How many').fill('three')
  await page.getByLabel('Starts at').fill('half nine')
  await page.getByLabel('Length in minutes').fill('180')
  await page.getByLabel('Room or secure link').fill('Town hall, room 12')
  await coordinator.press('Put them on the calendar')
  assert.match(await textOf(coordinator), /There is a problem[^]*Enter a whole number/)
  await page.getByLabel('How many').fill('2')
  await coordinator.press('Put them on the calendar')
  assert.match(await textOf(coordinator), /There is a problem[^]*Enter the time like 14:30/)
  await check(page, 'put meetings on the calendar, with errors')
  assert.equal(await page.getByLabel('Room or secure link').inputValue(), 'Town hall, room 12')
  await page.getByLabel('Starts at').fill('9:30')
  await coordinator.press('Put them on the calendar')
  assert.match(await textOf(coordinator), /Town hall, room 12/)
})

test('a meeting is moved, and everybody reads when it was to be and why', async () => {
  const { meetings: made } = await meetings('ScheduleMeetings', {
    parent: 'areas/mk',
    first_day: dayOf(await wednesdayIn(70)),
    count: 1,
    start_minute: 570,
    length: { seconds: '10800' },
    venue: 'Town hall',
  })
  const { name } = made[0]
  const coordinator = await house.as('coordinator')
  const { page } = coordinator
  await page.goto(urls.meeting(name))
  await coordinator.follow('Move the meeting')
  await check(page, 'move a meeting')
  assert.equal(await page.getByLabel('Starts at').inputValue(), '9:30')
  assert.equal(await page.getByLabel('Length in minutes').inputValue(), '180')
  await coordinator.press('Move it')
  assert.match(await textOf(coordinator), /There is a problem[^]*when and where it is already/)
  const later = await wednesdayIn(71)
  await fillDay(page, later)
  await page.getByLabel('Starts at').fill('2pm')
  await page.getByLabel('Why').fill('The room is taken that morning.')
  await coordinator.press('Move it')
  assert.match(
    await textOf(coordinator),
    /2:00pm to 5:00pm[^]*It was to be on[^]*The room is taken that morning\./,
  )
  await check(page, 'meeting, moved')
  const moved = await meetings('GetMeeting', { name })
  assert.deepEqual(moved.day, dayOf(later))

  const housing = await house.as('housing')
  await housing.page.goto(urls.meeting(name))
  assert.match(await textOf(housing), /The room is taken that morning\./)
  assert.doesNotMatch(await textOf(housing), /Move the meeting/)
  const refused = await housing.page.goto(urls.meetingDo(name, 'move'))
  assert.equal(refused.status(), 403)

  // Days and times, and no word of what is met about.
  await housing.follow('Meetings')
  const [download] = await Promise.all([
    housing.page.waitForEvent('download'),
    housing.page.getByRole('link', { name: 'Dates for your own calendar' }).click(),
  ])
  assert.equal(download.suggestedFilename(), 'dates.ics')
  const dates = await readFile(await download.path(), 'utf8')
  assert.match(dates, new RegExp(`DTSTART:${icsDay(later)}T1[34]0000Z`))
  assert.match(dates, /SEQUENCE:1\r\n/)
  assert.match(dates, /SUMMARY:Meeting\r\n/)
  assert.doesNotMatch(dates, /marac|abuse|risk|case|town hall|room|oakbarrow/i)
})

// manual order wins. By buttons, which work by key and by touch.
test('an agenda is ordered by hand, and by the rule again, without script', async () => {
  const [meeting] = await house.office.meeting({ weeks: 5 })
  for (const victim of ['Ada Oakbarrow', 'Bea Oakbarrow', 'Cleo Oakbarrow']) {
    await house.office.acceptedCase({ victim, harm: `Garth of ${victim}` })
  }
  await meetings('ProposeAgenda', { name: meeting.name })
  const coordinator = await house.as('coordinator', { script: false })
  const { page } = coordinator
  await page.goto(urls.meeting(meeting.name))
  assert.match(await textOf(coordinator), /1\. Ada[^]*2\. Bea[^]*3\. Cleo/)
  assert.equal(await page.getByRole('button', { name: /^Up.*Ada Oakbarrow/ }).count(), 0)
  assert.equal(await page.getByRole('button', { name: /^Down.*Cleo Oakbarrow/ }).count(), 0)
  await page.getByRole('button', { name: /^Up.*Cleo Oakbarrow/ }).click()
  assert.match(await textOf(coordinator), /The order is set by hand[^]*1\. Ada[^]*2\. Cleo[^]*3\. Bea/)
  assert.match(new URL(page.url()).hash, /^#item-/)
  await check(page, 'meeting, ordered by hand')
  await page.getByRole('button', { name: /^Down.*Ada Oakbarrow/ }).click()
  assert.match(await textOf(coordinator), /1\. Cleo[^]*2\. Ada[^]*3\. Bea/)
  await coordinator.press('Put it back in the usual order')
  assert.match(await textOf(coordinator), /Those with children come first[^]*1\. Ada[^]*2\. Bea[^]*3\. Cleo/)
})

// R-09 again, by whoever would rather drag.
test('an agenda is ordered by dragging', async () => {
  const [meeting] = await house.office.meeting({ weeks: 7 })
  await meetings('ProposeAgenda', { name: meeting.name })
  const coordinator = await house.as('coordinator')
  const { page } = coordinator
  await page.goto(urls.meeting(meeting.name))
  const rows = page.locator('[data-order-item]')
  const names = async () =>
    (await rows.locator('a').allInnerTexts()).map((text) => text.replace(/^\d+\. /, ''))
  const before = await names()
  assert.ok(before.length >= 3)
  await check(page, 'meeting, to be ordered by dragging')
  const placed = page.waitForResponse((answer) => answer.url().endsWith('/place'))
  await rows.nth(2).locator('.app-grip').dragTo(rows.nth(0).locator('.app-grip'))
  await placed
  await page.waitForURL(/#item-/)
  assert.deepEqual((await names()).slice(0, 3), [before[2], before[0], before[1]])
  const { items } = await meetings('GetAgenda', { name: meeting.name })
  assert.equal(items[0].placed_by_hand, true)
})

test('a meeting that is not held puts its cases off, and they come to the next', async () => {
  const [meeting] = await house.office.meeting({ weeks: 3 })
  await house.office.acceptedCase({ victim: 'Mirela Oakbarrow', harm: 'Garth Oakbarrow' })
  await meetings('ProposeAgenda', { name: meeting.name })
  const chair = await house.as('chair', { script: false })
  const { page } = chair
  await page.goto(urls.meeting(meeting.name))
  await chair.follow('cancel it')
  await check(page, 'cancel a meeting')
  await chair.press('Cancel the meeting')
  assert.match(await textOf(chair), /There is a problem[^]*say why/i)
  await page.getByLabel('Why').fill('Snow: nobody can come.')
  await chair.press('Cancel the meeting')
  assert.match(await textOf(chair), /Cancelled[^]*It is not held\.[^]*Snow: nobody can come\./)
  assert.match(await textOf(chair), /Mirela Oakbarrow[^]*Put off/)
  assert.doesNotMatch(await textOf(chair), /Move the meeting/)
  await check(page, 'meeting, cancelled')
})

// marac.md 3: the chair agrees, key agencies, within 72 hours, and noted at the next meeting.
test('an emergency meeting is called, held, and noted at the next meeting', async () => {
  const [next] = await house.office.meeting({ weeks: 4 })
  const name = await house.office.acceptedCase({ victim: 'Nia Oakbarrow', harm: 'Garth Oakbarrow' })
  const coordinator = await house.as('coordinator', { script: false })
  const { page } = coordinator
  await page.goto(urls.case(name))
  await coordinator.follow('Call an emergency meeting')
  await check(page, 'call an emergency meeting')
  assert.equal(await page.getByLabel('Length in minutes').inputValue(), '60')
  const now = await house.office.now()
  const inDays = (days) => new Date(now.getTime() + days * 24 * 60 * 60 * 1000)
  await fillDay(page, inDays(4), 'When it starts')
  await page.getByLabel('Time: When it starts').fill('14:00')
  await page.getByLabel('Room or secure link').fill('Lantern room')
  await page.getByLabel('Why it cannot wait').fill('He was released this morning.')
  await coordinator.press('Call the meeting')
  assert.match(await textOf(coordinator), /There is a problem[^]*within 72 hours/)
  assert.match(await textOf(coordinator), /say which agencies are called/i)
  assert.match(await textOf(coordinator), /name the chair who agreed/i)
  await check(page, 'call an emergency meeting, with errors')
  assert.equal(await page.getByLabel('Why it cannot wait').inputValue(), 'He was released this morning.')
  await fillDay(page, inDays(1), 'When it starts')
  await page.getByLabel('Housing', { exact: false }).first().check()
  await page.getByLabel('Which chair agreed').selectOption({ index: 1 })
  await coordinator.press('Call the meeting')
  assert.match(await coordinator.heading(), /^Emergency meeting of/)
  assert.match(
    await textOf(coordinator),
    /He was released this morning\.[^]*agreed to it as the chair[^]*Nia Oakbarrow/,
  )
  await check(page, 'emergency meeting')
  const emergency = `areas/mk/meetings/${new URL(page.url()).pathname.split('/')[2]}`
  assert.doesNotMatch(await textOf(coordinator), /Look for more cases|Propose the agenda|Admit a late case/)
  await coordinator.follow('Meetings')
  assert.match(await textOf(coordinator), /Emergency/)
  await check(page, 'meetings, with an emergency meeting')

  // Who was called reads it; for everybody else there is none, nor is it in anybody's own calendar.
  const housing = await house.as('housing')
  await housing.page.goto(urls.meeting(emergency))
  assert.match(await textOf(housing), /Nia Oakbarrow/)
  const health = await house.as('education')
  const refused = await health.page.goto(urls.meeting(emergency))
  assert.equal(refused.status(), 404)
  await health.follow('Meetings')
  assert.doesNotMatch(await textOf(health), /Emergency/)
  const dates = await housing.page.request.get(new URL(urls.meetingDates, housing.page.url()).href)
  assert.doesNotMatch(await dates.text(), new RegExp(emergency.split('/').at(-1)))

  // It is heard, and the next meeting of the cycle opens with it.
  const { meeting, items } = await meetings('GetAgenda', { name: emergency })
  await house.office.advance(Number(meeting.start_time.seconds))
  const chair = (method, request) => house.office.call('chair', 'MeetingService', method, request)
  const { etag } = await chair('StartMeeting', { name: emergency, etag: meeting.etag })
  const opened = await chair('OpenItem', { name: items[0].name })
  const recorded = await chair('RecordDiscussion', {
    name: opened.name,
    etag: opened.etag,
    discussion: {
      presenter: 'Police',
      latest_incident: 'He was released this morning',
      victim_views: 'To be safe',
      victim_views_source: 'The IDVA',
      risk_summary: 'Serious harm, soon',
      children_considered: 'YES_NO_NO',
      victim_update_by: 'Amara Thistlewood',
      victim_update_method: 'Telephone, at the safe times',
    },
  })
  await chair('CloseItem', { name: recorded.name, etag: recorded.etag })
  await chair('CloseMeeting', { name: emergency, etag })
  await page.goto(urls.meeting(next.name))
  await coordinator.follow('What it opens with')
  assert.match(
    await textOf(coordinator),
    /Heard in an emergency meeting[^]*Nia Oakbarrow[^]*Nobody has said what they were told[^]*Nia Oakbarrow/,
  )
  await check(page, 'what a meeting opens with')
})

function dayOf(date) {
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}
