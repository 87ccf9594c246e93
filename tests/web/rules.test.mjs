// Rules for grading in real Chromium before a real maracd: installed by the administrator, compared by whoever may look,
// and tried by the coordinator on what was signed.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { send, whole } from './referrals.mjs'

const house = await House.open({ names: ['ravensty'] })
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()
const errorsOf = (page) => page.getByRole('alert').getByRole('link').allInnerTexts()

// Eleven yes: medium, and without anything that asks for a reason.
const eleven = 'INJ_NOW FEAR ISOLATED CONTACT FREQ_UP SEV_UP CONTROL WEAPON SEXUAL ANIMAL MONEY'.split(' ')
let builtIn
let assessment

const county = (version, change = (text) => text) =>
  change(builtIn.replace('id: "default"', 'id: "county"').replace(/version: ".*"/, `version: "${version}"`))
const lower = (text) =>
  text
    .replace('high_threshold: 14', 'high_threshold: 11')
    .replace('bands { to: 13', 'bands { to: 10')
    .replace('instruments: "plain24-er@0.1"\n', '')

before(async () => {
  builtIn = await readFile(new URL('../../schema/policies/default.textproto', import.meta.url), 'utf8')
  const { name } = await house.office.completed('idva', 'Mirela Ravensty', eleven)
  await send(
    { call: (...what) => house.office.call('idva', ...what) },
    { ...whole('Ravensty'), assessments: [name] },
  )
  const { etag } = await house.office.call('idva', 'AssessmentService', 'GetAssessment', { name })
  await house.office.call('idva', 'AssessmentService', 'SignAssessment', { name, etag })
  assessment = name
})

test('are installed by the administrator from a file or as text, without script, and refused at their line', async () => {
  const admin = await house.as('admin', { script: false })
  const { page } = admin
  await admin.follow('Forms')
  await admin.follow('Rules for grading')
  await admin.press('Install rules')
  await admin.press('Install them')
  assert.deepEqual(await errorsOf(page), ['Choose the file, or paste its text'])
  const gap = county('1.0', (text) => text.replace('high_threshold: 14', 'high_threshold: 12'))
  await page.getByLabel('Or paste its text').fill(gap)
  await admin.press('Install them')
  assert.match((await errorsOf(page))[0], /^Line \d+ of the file: (bands|high_threshold)/)
  assert.equal(await page.getByLabel('Or paste its text').inputValue(), gap.trim(), 'what was pasted is kept')
  const file = { name: 'county.textproto', mimeType: 'text/plain', buffer: Buffer.from(county('1.0', lower)) }
  await page.getByLabel('The file of the rules').setInputFiles(file)
  await admin.press('Install them')
  assert.deepEqual(await errorsOf(page), ['Choose a file or paste its text, not both'])
  await page.getByLabel('Or paste its text').fill('')
  await admin.press('Install them')
  assert.equal(await admin.heading(), 'Rules for grading')
  assert.match(await textOf(admin), /installed\. They are not in use yet/)
  await page.goto(urls.newRules)
  await page.getByLabel('Or paste its text').fill(county('1.1'))
  await admin.press('Install them')
  const { policies } = await house.office.call('admin', 'InstrumentService', 'ListPolicies', {
    parent: 'areas/mk',
  })
  assert.deepEqual(policies.map(({ about }) => about.policy).sort(), ['county@1.0', 'county@1.1'])
  await page.goto(urls.newRules)
  await page.getByLabel('Or paste its text').fill(county('1.1'))
  await admin.press('Install them')
  assert.match((await errorsOf(page))[0], /This version is here already/)
})

test('are told in plain words, and against those in use', async () => {
  const steering = await house.as('steering')
  await steering.page.goto(urls.rules)
  const rules = (name) => steering.page.locator('main section', { hasText: name }).innerText()
  assert.match(await rules('default@2026.1'), /In use[\s\S]*From 14 yes answers[\s\S]*Built in/i)
  assert.match(
    await rules('county@1.0'),
    /High risk by the count: From 11 yes answers, instead of From 14 yes answers[\s\S]*Forms it grades: .*, instead of .*plain24-er@0\.1/,
  )
  assert.doesNotMatch(await rules('county@1.1'), /Against those in use/)
  assert.equal(await steering.page.getByRole('button', { name: /Install rules|Try rules/ }).count(), 0)
  await check(steering.page, 'rules for grading')
})

test('are tried on what was signed: how many would change, and which of those that may be read', async () => {
  const coordinator = await house.as('coordinator')
  const { page } = coordinator
  await page.goto(urls.rules)
  await coordinator.press('Try rules on signed assessments')
  await check(page, 'try rules')
  // The last quarter is what is offered, and nothing was signed in it.
  assert.equal(await page.getByLabel('Day').nth(0).inputValue(), '1')
  await page.getByLabel('Rules', { exact: true }).selectOption('county@1.0')
  await coordinator.press('See what would change')
  assert.match(await textOf(coordinator), /No assessment that these rules grade was begun on these days/)

  const now = await house.office.now()
  const fill = async (nth, date) => {
    await page.getByLabel('Day').nth(nth).fill(String(date.getUTCDate()))
    await page
      .getByLabel('Month')
      .nth(nth)
      .fill(String(date.getUTCMonth() + 1))
    await page.getByLabel('Year').nth(nth).fill(String(date.getUTCFullYear()))
  }
  const day = 24 * 3600 * 1000
  await fill(0, new Date(now.getTime() - day))
  await page.getByLabel('Month').nth(1).fill('13')
  await coordinator.press('See what would change')
  assert.match((await errorsOf(page))[0], /enter a real date/)
  await fill(1, new Date(now.getTime() - 2 * day))
  await coordinator.press('See what would change')
  assert.equal((await errorsOf(page)).length, 1, 'the last day is before the first')
  await check(page, 'try rules, with an error')
  await fill(1, new Date(now.getTime() + day))
  await coordinator.press('See what would change')
  const text = await textOf(coordinator)
  assert.match(text, /1 of 1 signed assessment would have come to something else/)
  assert.match(await page.getByRole('table', { name: 'By grade' }).innerText(), /Medium\s+High\s+1/)
  const one = page.getByRole('table', { name: 'One by one' })
  assert.match(await one.innerText(), /Medium\s+High\s+The count of yes answers is high by itself\s+Nothing/)
  assert.equal(await one.getByRole('link').getAttribute('href'), urls.result(assessment))
  await check(page, 'rules that were tried')
  await page.getByLabel('Rules', { exact: true }).selectOption('county@1.1')
  await coordinator.press('See what would change')
  assert.match(await textOf(coordinator), /0 of 1 signed assessment would have/)
})

test('are no business of whoever takes assessments, and are not everybody’s to install or to try', async () => {
  const closed = {
    idva: [urls.rules, urls.newRules, urls.tryRules],
    coordinator: [urls.newRules],
    admin: [urls.tryRules],
    steering: [urls.newRules, urls.tryRules],
  }
  for (const [login, paths] of Object.entries(closed)) {
    const person = await house.as(login)
    for (const path of paths) assert.equal((await person.page.goto(path)).status(), 403, `${login} ${path}`)
  }
})
