// A supervisor's queue and two assessments side by side, in real Chromium before a real maracd.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'

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
