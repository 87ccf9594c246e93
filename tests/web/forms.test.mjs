// Assessment forms in real Chromium before a real maracd: seen by the coordinator, installed, put to use and retired by
// the administrator, and what differs between two.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { signedPack } from './packs.mjs'
import { password } from './stack.mjs'

const house = await House.open({ late: true })
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

  test('are installed by the administrator from a file, without script, and not before everything fits', async () => {
    const admin = await sitDown('admin', { script: false })
    const { page } = admin
    await page.goto(urls.forms)
    await admin.press('Install a form')
    await admin.press('Install it')
    assert.deepEqual(await errorsOf(page), ['Choose the form’s file'])
    const pack = await signedPack('1.2')
    const other = await signedPack('1.3')
    await page.getByLabel('The form’s file').setInputFiles(fileOf('county24.textproto', pack.pack_file))
    await page.getByLabel('The check number').fill(pack.hash.toUpperCase())
    await admin.press('Install it')
    assert.deepEqual(await errorsOf(page), ['Choose the file of the signature, or paste the signature'])
    // The file and the number stay; the signature of another version does not fit, pasted as it came.
    assert.match(await page.locator('main').innerText(), /The file that you chose is kept/)
    const wrong = other.signature.toString('base64')
    await page.getByLabel('Or paste the signature').fill(`${wrong.slice(0, 40)} ${wrong.slice(40)}`)
    await admin.press('Install it')
    const [refused, ...more] = await errorsOf(page)
    assert.match(refused, /signature/i)
    assert.deepEqual(more, [])
    assert.deepEqual(await installed('1.2'), [], 'nothing is half installed')
    assert.equal(await page.getByLabel('The check number').inputValue(), pack.hash.toUpperCase())
    await page.getByLabel('The signature’s file').setInputFiles(fileOf('county24.sig', pack.signature))
    await admin.press('Install it')
    assert.equal(await admin.heading(), 'Assessment forms')
    assert.match(await page.locator('main').innerText(), /installed\. It is not in use yet/)
    assert.match(await section(page, 'county24@1.2').innerText(), /Not in use yet/)
    const [{ about }] = await installed('1.2')
    assert.equal(about.hash, pack.hash, 'byte by byte')
  })

  test('are refused at their line and item, with the file kept and the error at its field', async () => {
    const admin = await sitDown('admin')
    const { page } = admin
    await page.goto(urls.newForm)
    await check(page, 'install a form')
    const broken = await signedPack('1.4', {
      change: (text) => text.replace('code: "STRANGLE"', 'code: "FEAR"'),
    })
    await page.getByLabel('The form’s file').setInputFiles(fileOf('county24.textproto', broken.pack_file))
    await page.getByLabel('Or paste the signature').fill(broken.signature.toString('base64'))
    await page.getByLabel('The check number').fill(broken.hash)
    await admin.press('Install it')
    const [error] = await errorsOf(page)
    assert.match(error, /^Line \d+ of the file: items\[\d+\]\.code: /)
    await page.getByRole('alert').getByRole('link').click()
    assert.equal(await page.evaluate(() => document.activeElement.id), 'pack_file')
    await check(page, 'install a form, with an error')
    assert.deepEqual(await installed('1.4'), [])
    const again = await signedPack('1.0')
    await page.getByLabel('The form’s file').setInputFiles(fileOf('county24.textproto', again.pack_file))
    await page.getByLabel('Or paste the signature').fill(again.signature.toString('base64'))
    await page.getByLabel('The check number').fill(again.hash)
    await admin.press('Install it')
    assert.match((await errorsOf(page))[0], /This version is here already/)
    const huge = fileOf('huge.textproto', Buffer.alloc(600 * 1024, 'x'))
    await page.getByLabel('The form’s file').setInputFiles(huge)
    await admin.press('Install it')
    assert.match(await page.locator('main').innerText(), /larger than anything that is taken here/)
    await check(page, 'larger than what is taken')
  })

  test('are no business of whoever takes them', async () => {
    const idva = await sitDown('idva')
    assert.equal(await idva.page.getByRole('link', { name: 'Forms', exact: true }).count(), 0)
    const answer = await idva.page.goto(urls.forms)
    assert.equal(answer.status(), 403)
    for (const login of ['idva', 'coordinator']) {
      const person = login === 'idva' ? idva : await sitDown(login)
      assert.equal((await person.page.goto(urls.newForm)).status(), 403, login)
      const token = await person.page.locator('[name=_token]').first().inputValue()
      const send = (fields) =>
        person.context.request.post(urls.newForm, {
          ignoreHTTPSErrors: true,
          maxRedirects: 0,
          multipart: { pack_file: fileOf('x', Buffer.from('x')), ...fields },
        })
      assert.equal((await send({ _token: token })).status(), 403, login)
    }
    const admin = await sitDown('admin')
    const send = (fields) =>
      admin.context.request.post(urls.newForm, { ignoreHTTPSErrors: true, maxRedirects: 0, ...fields })
    const form = { pack_file: fileOf('x', Buffer.from('x')) }
    const foreign = await send({ multipart: form })
    assert.match(await foreign.text(), /<h1[^>]*>[^<]*(?:again|ours|form)/i)
    assert.equal(foreign.status(), 403, 'a form with files needs the token of the session too')
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    assert.equal((await send({ headers, data: 'no form at all' })).status(), 400)
  })

  test('and a file is kept while somebody says once more who they are', async () => {
    const admin = await sitDown('admin')
    const { page } = admin
    const pack = await signedPack('1.5')
    await page.goto(urls.newForm)
    await page.getByLabel('The form’s file').setInputFiles(fileOf('county24.textproto', pack.pack_file))
    await page.getByLabel('The signature’s file').setInputFiles(fileOf('county24.sig', pack.signature))
    await page.getByLabel('The check number').fill(pack.hash)
    await house.stack.pass(6)
    await admin.press('Install it')
    assert.equal(await admin.heading(), 'Is it still you?')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await admin.press('Continue')
    await admin.press('Continue')
    assert.match(await page.locator('main').innerText(), /installed\. It is not in use yet/)
  })
})

const fileOf = (name, buffer) => ({ name, mimeType: 'text/plain', buffer })
const errorsOf = (page) => page.getByRole('alert').getByRole('link').allInnerTexts()
const installed = async (version) => {
  const { instruments } = await house.office.call('admin', 'InstrumentService', 'ListInstruments', { parent })
  return instruments.filter(({ about }) => about.instrument === `county24@${version}`)
}

const bound = (person) => ({
  page: person.page,
  follow: (name) => person.follow(name),
  press: (name) => person.press(name),
  heading: () => person.heading(),
})
const coordinator = () => sitDown('coordinator').then(bound)
