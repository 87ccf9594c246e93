// How the area works, in real Chromium before a real maracd: read by everybody, changed by the administrator who sees
// beforehand what it alters, and what a meeting is told of those who have to be there.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'

const house = await House.open({ names: ['redfern'] })
const area = 'areas/mk'
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()
const errorsOf = (page) => page.getByRole('alert').getByRole('link').allInnerTexts()
const settings = async () =>
  (await house.office.call('admin', 'DirectoryService', 'GetArea', { name: area })).settings
const section = (person, title) => person.page.locator('main section', { hasText: title }).first()

async function change(alter) {
  const found = await house.office.call('admin', 'DirectoryService', 'GetArea', { name: area })
  alter(found.settings)
  return house.office.call('admin', 'DirectoryService', 'UpdateArea', { area: found })
}

describe('the settings', () => {
  test('are read in words by everybody, with what each is unless an area says otherwise', async () => {
    const idva = await house.as('idva')
    await idva.follow('How this area works')
    assert.equal(await idva.heading(), 'How this area works')
    const meetings = await section(idva, 'Meetings and deadlines').innerText()
    assert.match(
      meetings,
      /Referral cut-off\s+8 working days before it, at 12:00\s+.*Default: 8 working days before it, at 12:00/,
    )
    const text = await textOf(idva)
    assert.match(text, /Time for each case\s+10 minutes/)
    assert.match(text, /Stays in each agency/)
    assert.match(text, /26 of them/)
    assert.equal(await idva.page.getByRole('button', { name: /^Change/ }).count(), 0)
    assert.equal(await idva.page.getByRole('link', { name: 'Who changed what, and when' }).count(), 0)
    await check(idva.page, 'how this area works')
    for (const address of [urls.settingsHistory, urls.settingGroup('meetings')]) {
      await idva.page.goto(address)
      assert.equal(await idva.heading(), 'This is not part of your role', address)
    }
  })

  test('show a change and what it alters before it is made, without script', async () => {
    const admin = await house.as('admin', { script: false })
    const { page } = admin
    await page.goto(urls.settings)
    await admin.press('Change agenda and order')
    await page.getByLabel('Time for each case').fill('16')
    await page.getByLabel('A long agenda').fill('many')
    await admin.press('See what this changes')
    assert.deepEqual(await errorsOf(page), ['A long agenda: enter a whole number'])
    await page.getByLabel('A long agenda').fill('12')
    await admin.press('See what this changes')
    assert.deepEqual(await errorsOf(page), ['Time for each case: give a number from 1 to 15'])
    assert.equal(await page.getByLabel('A long agenda').inputValue(), '12', 'what was typed is kept')
    await page.getByLabel('Time for each case').fill('15')
    await page.getByLabel('The higher score, then repeats').check()
    await admin.press('See what this changes')
    assert.equal(await admin.heading(), 'What this changes')
    const seen = await textOf(admin)
    assert.match(seen, /Time for each case\s+10 minutes\s+15 minutes/)
    assert.match(seen, /Repeats, then the higher score\s+The higher score, then repeats/)
    assert.match(seen, /An agenda keeps its order until it is proposed again\./)
    assert.equal((await settings()).slot_minutes, 10, 'nothing is saved')

    await admin.press('Go back to the form')
    assert.equal(await page.getByLabel('Time for each case').inputValue(), '15')
    await page.getByLabel('Time for each case').fill('14')
    await admin.press('See what this changes')
    await admin.press('Change it')
    assert.match(await textOf(admin), /The settings are changed\./)
    const kept = await settings()
    assert.deepEqual([kept.slot_minutes, kept.warn_above_cases, kept.higher_score_first], [14, 12, true])
  })

  test('of days are on the side of the meeting where they belong, and refused where they do not fit', async () => {
    await house.office.meeting({ weeks: 6 })
    const admin = await house.as('admin')
    const { page } = admin
    await page.goto(urls.settingGroup('meetings'))
    await check(page, 'settings, meetings')
    await page.getByLabel('Research is due: working days before the meeting').fill('6')
    await page.getByLabel('Minutes go out: time').fill('half past')
    await admin.press('See what this changes')
    assert.deepEqual(await errorsOf(page), ['Minutes go out: time: enter a time, like 14:30'])
    await page.getByLabel('Minutes go out: time').fill('9:30')
    await admin.press('See what this changes')
    assert.match((await errorsOf(page)).join(), /Research is due.*must not come before Agenda goes out/)
    await check(page, 'settings, meetings, wrong')
    await page.getByLabel('Research is due: working days before the meeting').fill('3')
    await admin.press('See what this changes')
    assert.match(
      await textOf(admin),
      /Research is due.*\s+2 working days before it\s+3 working days before it/,
    )
    assert.match(await textOf(admin), /Minutes go out: time\s+17:00\s+09:30/)
    assert.match(
      await textOf(admin),
      /Research due: changes for \d+ meetings? whose agenda has not gone out\./,
    )
    await check(page, 'what this changes')
    await admin.press('Change it')
    const { research_due, minutes_due } = await settings()
    assert.deepEqual([research_due.working_days, minutes_due.working_days, minutes_due.minute], [-3, 3, 570])
  })

  test('that somebody else changed meanwhile are shown beside what was typed', async () => {
    const admin = await house.as('admin')
    const { page } = admin
    await page.goto(urls.settingGroup('limits'))
    await page.getByLabel('A session locks after').fill('12')
    await change((now) => (now.idle_lock_minutes = 14))
    await admin.press('See what this changes')
    assert.match(
      await textOf(admin),
      /Somebody else saved this in the meantime[\s\S]*Yours\s+12\s+Theirs\s+14/,
    )
    assert.equal(await page.getByLabel('A session locks after').inputValue(), '12')
    await check(page, 'settings, both')
    await admin.press('See what this changes')
    await admin.press('Change it')
    assert.equal((await settings()).idle_lock_minutes, 12)
  })

  test('in lists are changed a line at a time, and what is not touched stays', async () => {
    const admin = await house.as('admin')
    const { page } = admin
    const before = await settings()
    await page.goto(urls.settingGroup('actions'))
    const kinds = page.getByLabel('Kinds of action')
    const typed = await kinds.inputValue()
    await kinds.fill(`${typed}\ndrive | Drive panel`)
    await admin.press('See what this changes')
    assert.match((await errorsOf(page)).join(), /Kinds of action: line 27: give capitals/)
    await kinds.fill(`${typed}\nDRIVE | Drive panel | ACCEPTED, REFUSED`)
    await admin.press('See what this changes')
    assert.match(await textOf(admin), /Kinds of action\s+Not there\s+Drive panel \(accepted, refused\)/)
    await check(page, 'what this changes, a list')
    await admin.press('Change it')
    const { action_kinds } = await settings()
    assert.deepEqual(action_kinds.slice(0, -1), before.action_kinds)
    assert.deepEqual(action_kinds.at(-1).outcomes, ['ACCEPTED', 'REFUSED'])
    for (const group of ['agenda', 'quorum', 'research', 'actions', 'referrals', 'limits', 'assessments']) {
      await page.goto(urls.settingGroup(group))
      await check(page, `settings, ${group}`)
      await admin.press('See what this changes')
      assert.match(await textOf(admin), /Nothing: it is so already\./, group)
    }
  })

  test('have a history: who changed what and when, the newest first', async () => {
    for (const login of ['coordinator', 'chair', 'auditor']) {
      const person = await house.as(login)
      await person.page.goto(urls.settings)
      assert.equal(await person.page.getByRole('button', { name: /^Change/ }).count(), 0, login)
      await person.follow('Who changed what, and when')
      const text = await textOf(person)
      assert.match(
        text,
        /Kinds of action\s+Not there\s+Drive panel[\s\S]*Time for each case\s+10 minutes\s+14 minutes[\s\S]*the area was made/,
      )
      await check(person.page, `changes of settings, ${login}`)
    }
  })
})

//
test('who has to be there and is not is said on the page of the meeting, and the chair decides', async () => {
  const admin = await house.as('admin')
  const { page } = admin
  await page.goto(urls.settingGroup('quorum'))
  await page.getByLabel('At least').fill('3')
  await page.getByRole('group', { name: 'At every meeting' }).getByLabel('Police').check()
  await admin.press('See what this changes')
  assert.match(await textOf(admin), /At every meeting\s+Not there\s+.*Police.*, at every meeting/)
  await admin.press('Change it')

  const [meeting] = await house.office.meeting()
  await house.office.call('coordinator', 'MeetingService', 'ProposeAgenda', { name: meeting.name })
  const agenda = await house.office.call('coordinator', 'MeetingService', 'GetAgenda', { name: meeting.name })
  await house.office.call('coordinator', 'MeetingService', 'CirculateAgenda', {
    name: meeting.name,
    etag: agenda.meeting.etag,
  })
  await house.office.advance(Number(meeting.start_time.seconds))
  const { etag } = await house.office.call('coordinator', 'MeetingService', 'GetMeeting', {
    name: meeting.name,
  })
  await house.office.call('chair', 'MeetingService', 'StartMeeting', { name: meeting.name, etag })
  const chair = await house.as('chair')
  await chair.page.goto(urls.meeting(meeting.name))
  assert.match(
    await textOf(chair),
    /Not here, and they have to be: .*Police.*\. 3 agencies more have to be here\. The chair decides whether to go on\./,
  )
  await check(chair.page, 'meeting, not quorate')
  const idva = await house.as('idva')
  await idva.page.goto(urls.meeting(meeting.name))
  assert.doesNotMatch(await textOf(idva), /have to be/)
})
