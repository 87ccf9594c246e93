// Assessment forms in real Chromium before a real maracd: seen by the coordinator, put to use and retired by the
// administrator, and what differs between two.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { signedPack } from './packs.mjs'

const house = await House.open()
const sitDown = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)
const parent = 'areas/mk'

const section = (page, text) => page.locator('main section', { hasText: text })

before(async () => {
  const now = await house.office.now()
  const day = new Date(now.getTime() + 20 * 24 * 3600 * 1000)
  const expires = `permission_expires { year: ${day.getUTCFullYear()} month: ${day.getUTCMonth() + 1} day: ${day.getUTCDate()} }`
  const install = async (pack) =>
    house.office.call('admin', 'InstrumentService', 'InstallInstrument', { parent, ...pack })
  await install(await signedPack('1.0'))
  await install(await signedPack('1.1', { title: "The county's newer questions", expires }))
})

describe('assessment forms', () => {
  test('are seen with their owner, their state and the end of their permission', async () => {
    const { page, follow, heading } = await coordinator()
    await follow('Forms')
    assert.equal(await heading(), 'Assessment forms')
    const newer = await section(page, 'county24@1.1').innerText()
    assert.match(newer, /The county's newer questions\s+Not in use yet/i)
    assert.match(newer, /Permission until \d+ \w+ 20\d\d/)
    assert.match(newer, /This ends soon/)
    assert.doesNotMatch(await section(page, 'county24@1.0').innerText(), /ends soon/)
    assert.equal(await section(page, 'plain24@1.0').count(), 1, 'built in')
    assert.equal(await page.getByRole('link', { name: /Stop using/ }).count(), 0, 'a coordinator only looks')
    await check(page, 'assessment forms')
  })

  test('are compared', async () => {
    const { page, press, heading } = await coordinator()
    await page.goto(urls.forms)
    await page.getByLabel('Earlier form').selectOption({ label: "The county's questions (county24@1.0)" })
    await page.getByLabel('Later form').selectOption({ label: "The county's newer questions (county24@1.1)" })
    await press('Show what differs')
    assert.equal(await heading(), 'What differs')
    const text = await page.locator('main').innerText()
    assert.match(
      text,
      /title: Changed\s+Before\s+The county's questions\s+After\s+The county's newer questions/,
    )
    assert.doesNotMatch(text, /question: Changed/)
    await check(page, 'what differs between two forms')
  })

  test('are put to use and retired by the administrator, with a reason', async () => {
    const { page, press, heading } = await house.as('admin').then(bound)
    await page.goto(urls.forms)
    await section(page, 'county24@1.0')
      .getByRole('link', { name: /Put to use/ })
      .click()
    assert.equal(await heading(), 'Put this form to use')
    await check(page, 'put a form to use')
    await press('Put it to use')
    assert.match(await section(page, 'county24@1.0').innerText(), /In use/)
    await section(page, 'county24@1.0')
      .getByRole('link', { name: /Stop using/ })
      .click()
    assert.match(await page.locator('main').innerText(), /cannot be undone/)
    await press('Stop using it')
    assert.match(await page.getByRole('alert').innerText(), /Say why/)
    await check(page, 'retire a form, with an error')
    await page.getByLabel('Why').fill('Replaced by 1.1')
    await press('Stop using it')
    assert.equal(await heading(), 'Assessment forms')
    const retired = await section(page, 'county24@1.0').innerText()
    assert.match(retired, /Not used any more/)
    assert.match(retired, /Retired: Replaced by 1.1/)
    await check(page, 'assessment forms, one retired')
  })

  test('are no business of whoever takes them', async () => {
    const idva = await sitDown('idva')
    assert.equal(await idva.page.getByRole('link', { name: 'Forms', exact: true }).count(), 0)
    const answer = await idva.page.goto(urls.forms)
    assert.equal(answer.status(), 403)
  })
})

const bound = (person) => ({
  page: person.page,
  follow: (name) => person.follow(name),
  press: (name) => person.press(name),
  heading: () => person.heading(),
})
const coordinator = () => sitDown('coordinator').then(bound)
