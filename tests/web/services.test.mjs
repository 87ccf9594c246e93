// The services directory in real Chromium before a real maracd: found where it is needed, immediate danger first, kept
// by the coordinator and the administrator, and read on a declined referral.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { startAssessment } from './idva.mjs'
import { House } from './house.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['castlegate'] })
const sitDown = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)

const card = (page, name) => page.locator('.govuk-summary-card', { hasText: name })

describe('whoever looks for a service', () => {
  test('finds immediate danger first, numbers to touch, and what nobody has verified', async () => {
    const idva = await sitDown('idva')
    await startAssessment(idva, { victim: 'Bryony Castlegate', harm: 'Miles Castlegate' })
    await idva.page.goto(idva.page.url().replace('/questions', ''))
    await idva.follow('Somebody is in danger now')
    assert.equal(await idva.heading(), 'Services')
    assert.equal(
      await idva.page.locator('main h2').first().innerText(),
      'Somebody is in danger now',
      'the first group',
    )
    const call = card(idva.page, 'Lantern helpline').getByRole('link', { name: '0808 157 0140' })
    assert.equal(await call.getAttribute('href'), 'tel:08081570140')
    const text = card(idva.page, 'Stepping Stones').getByRole('link', { name: '07700 900455' })
    assert.equal(await text.getAttribute('href'), 'sms:07700900455')
    assert.match(await card(idva.page, 'Stepping Stones').innerText(), /Not verified since \d+ \w+ 20\d\d/)
    assert.doesNotMatch(await card(idva.page, 'Lantern helpline').innerText(), /Not verified/)
    // Each service stands once, and the groups below lead to it.
    assert.equal(await card(idva.page, 'Lantern helpline').count(), 1)
    assert.ok((await idva.page.getByRole('link', { name: 'Lantern helpline', exact: true }).count()) >= 2)
    // Those who do not keep the directory are not offered to.
    assert.equal(await idva.page.getByRole('link', { name: 'Add a service' }).count(), 0)
    await check(idva.page, 'services')
    await idva.page.goto(urls.services)
    await idva.page.getByRole('link', { name: 'Services', exact: true }).last().click()
    assert.equal(await idva.heading(), 'Services', 'from the foot of every page')
  })

  test('leaves out those that do not take somebody, without script and without a word in the address', async () => {
    const idva = await sitDown('idva', { script: false })
    await idva.page.goto(urls.services)
    // Without script the form is there all the same.
    await idva.page.getByText('Find one for a certain person').click()
    await idva.page.getByLabel('Their age').fill('35')
    await idva.page.getByLabel('Gender').selectOption('Men')
    await idva.press('Show')
    const text = await idva.page.locator('main').innerText()
    assert.match(text, /Quayside men's line/)
    assert.doesNotMatch(text, /Stepping Stones|Harbour drop-in/)
    assert.match(new URL(idva.page.url()).search, /^\?a=35&g=\d&r=$/)
    const seen = await sitDown('idva')
    await seen.page.goto(idva.page.url())
    await check(seen.page, 'services, fewer') // axe is a script, and needs one.
    await idva.follow('Show every service')
    assert.match(await idva.page.locator('main').innerText(), /Stepping Stones/)
  })
})

describe('whoever keeps the directory', () => {
  test('adds a service once, corrects what is wrong, changes it, and stops offering it', async () => {
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.services)
    await coordinator.press('Add a service')
    await check(page, 'add a service')
    await coordinator.press('Save')
    const errors = await page.getByRole('alert').innerText()
    for (const said of ['Give its name', 'Say what it is there for', 'Give a number', 'Say when somebody']) {
      assert.match(errors, new RegExp(said))
    }
    await check(page, 'add a service, with errors')
    for (const link of await page.getByRole('alert').getByRole('link').all()) {
      const id = (await link.getAttribute('href')).slice(1)
      assert.equal(await page.locator(`[id="${id}"]`).count(), 1, `there is no field ${id}`)
    }

    await page.getByLabel('Name', { exact: true }).fill('Swan Street night stop')
    await page.getByLabel('A referral was declined').check()
    await page.getByLabel('Somebody is in danger now').check()
    // The second row alone: what is said of a number is said where it was typed.
    await page.locator('[id="service-numbers-1-number"]').fill('ring the bell')
    await page.getByLabel('When somebody answers').fill('Every night')
    await page.getByLabel('Youngest age').fill('16')
    await page.getByLabel('Women', { exact: true }).check()
    const fillDay = async (group, day, month, year) => {
      const fields = page.getByRole('group', { name: group })
      await fields.getByLabel('Day').fill(day)
      await fields.getByLabel('Month').fill(month)
      await fields.getByLabel('Year').fill(year)
    }
    await fillDay('When did somebody last make sure that all of this is right?', '31', '2', '2020')
    await fillDay('Until which day does that count?', '1', '7', '2190')
    await coordinator.press('Save')
    assert.match(await page.getByRole('alert').innerText(), /enter a real date/)
    await fillDay('When did somebody last make sure that all of this is right?', '1', '2', '2020')
    await coordinator.press('Save')
    const wrong = page.getByRole('alert').getByRole('link')
    assert.match(await wrong.innerText(), /as it is dialled/)
    assert.equal(await wrong.getAttribute('href'), '#service-numbers-1-number')
    assert.equal(
      await page.getByLabel('When somebody answers').inputValue(),
      'Every night',
      'nothing is lost',
    )
    assert.ok(await page.getByLabel('Women', { exact: true }).isChecked())
    await page.locator('[id="service-numbers-1-number"]').fill('01632 960777')

    // Sent twice, it is one.
    const [token, request] = await Promise.all(
      ['_token', 'request_id'].map((name) => page.locator(`main [name=${name}]`).inputValue()),
    )
    const form = await page.locator('main form').evaluate((element) => [...new FormData(element).entries()])
    await coordinator.press('Save')
    assert.equal(await coordinator.heading(), 'Where to turn')
    const address = page.url()
    const again = await coordinator.context.request.post(urls.newService, {
      ignoreHTTPSErrors: true,
      maxRedirects: 0,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      data: new URLSearchParams(form).toString(),
    })
    assert.ok(token && request)
    assert.equal(again.status(), 303)
    assert.equal(new URL(again.headers()['location'], house.stack.origin).href, address)
    const entry = card(page, 'Swan Street night stop')
    assert.match(await entry.innerText(), /Women, 16 years old or older/)
    await check(page, 'a service')

    await entry.getByRole('link', { name: /^Change/ }).click()
    await page.waitForURL(/edit$/)
    const other = await sitDown('admin')
    await other.page.goto(new URL(page.url()).pathname)
    await other.page.getByLabel('When somebody answers').fill('Theirs, saved first')
    await other.press('Save')
    await page.getByLabel('When somebody answers').fill('Mine, saved second')
    await coordinator.press('Save')
    assert.match(await page.locator('main').innerText(), /Theirs, saved first/)
    assert.equal(await page.getByLabel('When somebody answers').inputValue(), 'Mine, saved second')
    await check(page, 'a service, changed by another')
    await coordinator.press('Save')
    assert.match(await entry.innerText(), /Mine, saved second/)

    await entry.getByRole('link', { name: /^Retire/ }).click()
    await page.waitForURL(/retire$/)
    await check(page, 'stop offering')
    await coordinator.press('Stop offering it')
    assert.equal(await entry.count(), 0)
    await check(page, 'services, one of them retired')
    await coordinator.follow('Swan Street night stop')
    assert.equal(page.url(), address)
    assert.match(await entry.innerText(), /Not offered any more/)
    await entry.getByRole('link', { name: /^Offer again/ }).click()
    await coordinator.press('Offer it again')
    await page.goto(urls.services)
    assert.equal(await entry.count(), 1)
    await check(page, 'services, for those who keep them')
  })

  test('is somebody with that role: others are told so before they type', async () => {
    const idva = await sitDown('idva')
    for (const path of [urls.newService, urls.editService('x'), urls.retireService('x')]) {
      assert.equal((await idva.page.goto(path)).status(), 403, path)
    }
    // And a form that is sent all the same is refused by the server.
    const answer = await idva.context.request.post(urls.newService, {
      ignoreHTTPSErrors: true,
      maxRedirects: 0,
      form: { _token: await idva.page.locator('[name=_token]').first().inputValue() },
    })
    assert.equal(answer.status(), 403)
  })
})
