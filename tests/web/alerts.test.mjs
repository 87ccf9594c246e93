// Alerts in real Chromium before a real maracd: whoever looked at a colleague's case is asked about, by the auditor alone.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'

const house = await House.open({ names: ['thornwick'] })
const as = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()

before(async () => {
  for (const victim of ['Isolde Thornwick', 'Rosalind Thornwick']) {
    const name = await house.office.acceptedCase({ victim, harm: `Barnaby ${victim}` })
    const { etag } = await house.office.case('idva', name)
    await house.office.call('idva', 'CaseService', 'RecordVictimContact', {
      name,
      etag,
      state: 'VICTIM_CONTACT_STATE_ATTEMPTED',
      note: 'No answer.',
    })
    // Her colleague, who has no part in it.
    await house.office.case('idva2', name)
  }
})

test('the auditor says what an alert was, without script', async () => {
  const auditor = await as('auditor', { script: false })
  await auditor.follow('Alerts')
  assert.equal(await auditor.heading(), 'Alerts')
  assert.match(await textOf(auditor), /Bronagh Velloway/)
  assert.doesNotMatch(await auditor.page.content(), /Thornwick/, 'an alert names no subject')
  const waiting = auditor.page.getByRole('link', { name: 'Opened a case they have no part in' })
  assert.equal(await waiting.count(), 2)
  await waiting.first().click()
  await auditor.press('Save')
  assert.match(await textOf(auditor), /There is a problem[\s\S]*Say what it was/)
  await auditor.page.getByLabel('It was a mistake, and they were spoken to').check()
  await auditor.press('Save')
  assert.match(await textOf(auditor), /Say what was found and what was done/)
  await auditor.page.getByLabel('What was found and done').fill('Took it for her own list.')
  await auditor.press('Save')
  assert.equal(await waiting.count(), 1, 'one waits still')
  await auditor.follow('Show reviewed ones too')
  assert.equal(await waiting.count(), 2)
})

test('the pages of alerts hold for everybody who may read them', async () => {
  const auditor = await as('auditor')
  await auditor.page.goto(urls.alerts)
  await check(auditor.page, 'alerts')
  await auditor.page.getByRole('link', { name: 'Opened a case they have no part in' }).first().click()
  await check(auditor.page, 'alert')
  await auditor.press('Save')
  await check(auditor.page, 'alert, with errors')
  await auditor.page.goto(`${urls.alerts}?all=yes`)
  await check(auditor.page, 'alerts, reviewed too')
  await auditor.page.getByRole('link', { name: 'Opened a case they have no part in' }).first().click()
  assert.match(await textOf(auditor), /Took it for her own list/)
  await check(auditor.page, 'alert, reviewed')
})

test('nobody else is shown them', async () => {
  const idva = await as('idva2')
  assert.equal(await idva.page.getByRole('link', { name: 'Alerts', exact: true }).count(), 0)
  await idva.page.goto(urls.alerts)
  assert.doesNotMatch(await textOf(idva), /Velloway|no part in/)
})
