// A supervisor's queue, two assessments side by side, and the training that an area wants of who signs, in real Chromium
// before a real maracd.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { startAssessment } from './idva.mjs'

const house = await House.open({ names: ['tarnbrook'] })
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()
const assessments = (login, method, request) => house.office.call(login, 'AssessmentService', method, request)

const area = 'areas/mk'
let name

const sign = async () => {
  const { etag } = await assessments('idva', 'GetAssessment', { name })
  const { account } = await house.office.call('idva-manager', 'SessionService', 'GetCaller', {})
  await assessments('idva', 'SignAssessment', {
    name,
    etag,
    non_referral: {
      reason_code: 'IN_WORDS',
      text: 'She is in a refuge elsewhere.',
      supervisor: account.name,
    },
  })
}

before(async () => {
  const { items } = await assessments('idva', 'GetInstrument', { area })
  const started = await assessments('idva', 'StartAssessment', {
    parent: area,
    victim: { name: { value: 'Odile Tarnbrook' } },
  })
  name = started.name
  const answers = items.map(({ code }) => ({ item: code, code: 'ANSWER_CODE_YES' }))
  const { etag } = await assessments('idva', 'AppendAnswers', { name, answers })
  await assessments('idva', 'CompleteAssessment', {
    name,
    etag,
    judgement: {
      text: 'It is getting worse.',
      steps: [{ cluster: 'VICTIM_SUICIDE', text: 'We rang the crisis line together.' }],
    },
  })
  await sign()
})

test('what names a supervisor waits on My work, and is sent back with a reason, without script', async () => {
  const manager = await house.as('idva-manager', { script: false })
  await manager.follow('1 assessment waits for your agreement')
  assert.equal(await manager.heading(), 'Assessments that wait for you')
  await manager.follow('Odile Tarnbrook')
  assert.match(await textOf(manager), /24 of 24[\s\S]*She is in a refuge elsewhere\./)
  await manager.press('Save')
  assert.match(await textOf(manager), /There is a problem[\s\S]*Say whether you agree/)
  await manager.page.getByLabel('I do not agree, and send it back').check()
  await manager.press('Save')
  assert.match(await textOf(manager), /Say why you send it back, and what is to be done/)
  await manager.page.getByLabel('Your reasons').fill('Our MARAC hears it all the same. Refer her.')
  await manager.press('Save')
  assert.match(await textOf(manager), /None\./)
})

test('its assessor reads why, and sees both editions side by side', async () => {
  const idva = await house.as('idva')
  await idva.page.goto(urls.result(name))
  assert.match(await textOf(idva), /A supervisor sent it back[\s\S]*Refer her\./)
  await check(idva.page, 'result, sent back')
  const { etag } = await assessments('idva', 'GetAssessment', { name })
  await assessments('idva', 'AmendAssessment', {
    name,
    etag,
    answers: [{ item: 'STRANGLE', code: 'ANSWER_CODE_NO' }],
    reason: 'She meant another man.',
  })
  await idva.page.goto(urls.assessment(name))
  await idva.follow('Beside an earlier one')
  await check(idva.page, 'what to compare with')
  await idva.follow('Edition 1 of this assessment')
  assert.match(
    await textOf(idva),
    /edition 1[\s\S]*24 of 24[\s\S]*edition 3[\s\S]*23 of 24[\s\S]*What changed/,
  )
  assert.match(await textOf(idva), /Changed[\s\S]*Yes[\s\S]*No[\s\S]*23 answers are the same/)
  await check(idva.page, 'two editions side by side')
})

test('signed again it waits again, and an agreement ends that', async () => {
  await sign()
  const manager = await house.as('idva-manager')
  await manager.page.goto(urls.supervision)
  await check(manager.page, 'what waits for a supervisor')
  await manager.follow('Odile Tarnbrook')
  await check(manager.page, 'a decision of a supervisor')
  await manager.press('Save')
  await check(manager.page, 'a decision of a supervisor, with errors')
  await manager.page.getByLabel('I agree').check()
  await manager.press('Save')
  await manager.page.goto(urls.supervisionOf(name))
  assert.match(await textOf(manager), /Countersigned[\s\S]*Agreed[\s\S]*Sunniva Okafor-Dray/)
  await check(manager.page, 'a decision that was made')
  await manager.page.goto(urls.home)
  assert.doesNotMatch(await textOf(manager), /waits for your agreement/)
})

test('without training that counts, an assessor of an area that wants it makes drafts and signs nothing', async () => {
  const now = await house.office.now()
  const day = 24 * 3600 * 1000
  const settings = async (change) => {
    const found = await house.office.call('admin', 'DirectoryService', 'GetArea', { name: area })
    const changed = { ...found, settings: { ...found.settings, ...change } }
    await house.office.call('admin', 'DirectoryService', 'UpdateArea', { area: changed })
  }
  await settings({ training_required: true })
  const { account } = await house.office.call('idva', 'SessionService', 'GetCaller', {})

  const idva = await house.as('idva')
  await startAssessment(idva, { victim: 'Petra Tarnbrook', harm: 'Ivo Tarnbrook' })
  for (const item of await idva.page.locator('[data-item]').all()) {
    await item.getByLabel('No', { exact: true }).check()
  }
  await idva.press('Save and see what it comes to')
  await idva.page.getByLabel('Your reasons, in your own words').fill('Nothing now; a plan for the summer.')
  await idva.press('Complete the assessment')
  const result = idva.page.url()
  const refused = async () => {
    await idva.page.goto(result)
    await idva.press('Sign')
    assert.match(
      await textOf(idva),
      /There is a problem[\s\S]*No training that counts today is recorded for you/,
    )
    assert.match(await textOf(idva), /everything you wrote is kept/)
    assert.doesNotMatch(await textOf(idva), /Signed .* at /)
  }
  await refused()
  await check(idva.page, 'result, without training')

  const admin = await house.as('admin')
  const { page } = admin
  const record = async (course, ended, until) => {
    await page.goto(urls.person(account.name))
    await admin.follow('Record training')
    await page.getByLabel('What it was').fill(course)
    for (const [group, date] of [
      ['The day on which it ended', ended],
      ['The last day on which it counts', until],
    ]) {
      const fields = page.getByRole('group', { name: group })
      await fields.getByLabel('Day').fill(String(date.getUTCDate()))
      await fields.getByLabel('Month').fill(String(date.getUTCMonth() + 1))
      await fields.getByLabel('Year').fill(String(date.getUTCFullYear()))
    }
    await admin.press('Record it')
  }
  const at = (days) => new Date(now.getTime() + days * day)
  await page.goto(urls.person(account.name))
  await admin.follow('Record training')
  await check(page, 'record training')
  await admin.press('Record it')
  assert.equal(await page.getByRole('alert').getByRole('link').count(), 3)
  await record('Taking assessments, two days', at(10), at(400))
  assert.match(await page.getByRole('alert').innerText(), /give the day on which it ended, today or before/i)
  assert.equal(await page.getByLabel('What it was').inputValue(), 'Taking assessments, two days')
  await check(page, 'record training, with an error')
  await record('Taking assessments, two days', at(-400), at(-30))
  assert.match(await textOf(admin), /Taking assessments, two days, .*; counts until /)
  await refused()

  await record('Taking assessments, a day to refresh', at(-1), at(365))
  assert.match(await textOf(admin), /Saved[\s\S]*a day to refresh/)
  await check(page, 'a person with training')
  await idva.page.goto(result)
  await idva.press('Sign')
  assert.match(await textOf(idva), /Signed .* at /)
  await settings({ training_required: false })
})
