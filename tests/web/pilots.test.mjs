// Pilots in real Chromium before a real maracd: a coordinator plans and pairs, the steering group reads what comes of
// it, and neither sees what is the other's.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { send, whole } from './referrals.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['ravensty', 'raters'], late: true })
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()
const errorsOf = (page) => page.getByRole('alert').getByRole('link').allInnerTexts()
const parent = 'areas/mk'
const yes =
  'FEAR ISOLATED CONTACT STALK PREG FREQ_UP SEV_UP CONTROL WEAPON SEXUAL ANIMAL MONEY SUBST_MH INJ_NOW'
const day = 24 * 3600 * 1000

// The first of each pair by the IDVA, the second by a second rater; the last second rater finds three yes fewer.
const pairs = []
let pilot
let now

before(async () => {
  now = await house.office.now()
  for (const [first, second] of [
    [14, 14],
    [5, 5],
    [14, 11],
  ]) {
    const of = (login, count) =>
      house.office.completed(login, 'Mirela Ravensty', yes.split(' ').slice(0, count))
    pairs.push([(await of('idva', first)).name, (await of('police', second)).name])
  }
  // Of the first both are in a referral, so the coordinator may see them.
  for (const [at, login] of ['idva', 'police'].entries()) {
    await send(
      { call: (...what) => house.office.call(login, ...what) },
      { ...whole('Ravensty'), assessments: [pairs[0][at]] },
    )
  }
})

const fillDay = async (page, legend, date) => {
  const group = page.getByRole('group', { name: legend, exact: true })
  await group.getByLabel('Day').fill(String(date.getUTCDate()))
  await group.getByLabel('Month').fill(String(date.getUTCMonth() + 1))
  await group.getByLabel('Year').fill(String(date.getUTCFullYear()))
}

const rule = (page, number) => page.getByRole('group', { name: `Rule ${number}`, exact: true })

test('a coordinator registers an approved plan, without script, and what is missing is said at its field', async () => {
  const coordinator = await house.as('coordinator', { script: false })
  const { page } = coordinator
  await coordinator.follow('Forms')
  await coordinator.follow('Pilots')
  assert.match(await textOf(coordinator), /There is no pilot yet\. Register a plan once/)
  await coordinator.press('Register a plan')
  await coordinator.press('Register the plan')
  const errors = await errorsOf(page)
  assert.ok(errors.length >= 8, errors.join('\n'))
  for (const link of await page.getByRole('alert').getByRole('link').all()) {
    const id = (await link.getAttribute('href')).slice(1)
    assert.equal(await page.locator(`[id="${id}"]`).count(), 1, `there is no field ${id}`)
  }
  await page.getByLabel('Title').fill('Two raters')
  await page.getByLabel('A second practitioner completes a form').check()
  await page.getByLabel('Percent of assessments').fill('a quarter')
  await page.getByLabel('Usual form').selectOption('plain24@1.0')
  await page.getByLabel('Piloted form', { exact: true }).selectOption('plain24@1.0')
  await page.getByLabel('Rules for grading both').selectOption('default@2026.1')
  await fillDay(page, 'First day of the assessments it takes', new Date(now.getTime() - 30 * day))
  await fillDay(page, 'Last day', new Date(now.getTime() + 300 * day))
  // The second row is left out: what is wrong in the third is said there.
  await rule(page, 1).getByLabel('What is asked').selectOption('PILOT_MEASURE_BAND_KAPPA_QUADRATIC')
  await rule(page, 1).getByLabel('Limit').fill('0.6')
  await rule(page, 1).getByLabel('Fewest pairs').fill('2')
  await rule(page, 3).getByLabel('What is asked').selectOption('PILOT_MEASURE_NO_DOWNWARD_SHIFT')
  await rule(page, 3).getByLabel('Limit').fill('1')
  await rule(page, 3).getByLabel('Fewest pairs').fill('200')
  await rule(page, 3).getByLabel('How often').fill('5')
  await page.getByLabel('After how many pairs').fill('2, 3')
  await page.getByLabel('Which steering group').fill('Steering group of Invented')
  await fillDay(page, 'Day of the approval', new Date(now.getTime() - 10 * day))
  await coordinator.press('Register the plan')
  assert.deepEqual(await errorsOf(page), ['Enter a whole number, like 50'])
  await page.getByLabel('Percent of assessments').fill('25')
  await coordinator.press('Register the plan')
  const [wrong, ...more] = await errorsOf(page)
  assert.match(wrong, /at least 2 pairs, and no more than there are at the last look/)
  assert.deepEqual(more, [])
  assert.match(await rule(page, 3).innerText(), /at least 2 pairs/)
  await rule(page, 3).getByLabel('Fewest pairs').fill('2')
  await coordinator.press('Add another rule')
  assert.equal(await rule(page, 4).count(), 1)
  assert.equal(await page.getByLabel('Title').inputValue(), 'Two raters', 'what was typed is kept')
  await coordinator.press('Register the plan')
  assert.equal(await coordinator.heading(), `Two raters ${await tagOf(page)}`)
  const text = await textOf(coordinator)
  assert.match(text, /0 of 3[\s\S]*25% of assessments are taken twice/)
  assert.match(text, /big differences counting most: kappa surely at least 0\.6\. Judged on at least 2 pairs/)
  assert.match(text, /at most 5% of pilots may find a loss that is not there/)
  const { pilots } = await house.office.call('coordinator', 'PilotService', 'ListPilots', { parent })
  assert.deepEqual(
    pilots[0].plan.rules.map(({ id }) => id),
    ['BAND_KAPPA_QUADRATIC', 'NO_DOWNWARD_SHIFT'],
  )
  pilot = pilots[0].name
})

const tagOf = (page) => page.locator('h1 .govuk-tag').innerText()

test('the plan is replaced while there is no pair, and keeps what the form does not ask', async () => {
  const { pilots } = await house.office.call('coordinator', 'PilotService', 'ListPilots', { parent })
  await house.office.call('coordinator', 'PilotService', 'RegisterPilot', {
    parent,
    name: pilot,
    etag: pilots[0].etag,
    plan: {
      ...pilots[0].plan,
      contradictions: [
        {
          id: 'OFTEN_AND_NEVER',
          when: { all_of: { conditions: [{ answer: 'FREQ_UP' }, { answer: 'FEAR' }] } },
        },
      ],
    },
  })
  const coordinator = await house.as('coordinator')
  const { page } = coordinator
  await page.goto(urls.pilots)
  await check(page, 'pilots')
  await coordinator.follow('Two raters')
  await check(page, 'a pilot without pairs')
  await coordinator.press('Replace the plan')
  await check(page, 'the plan of a pilot')
  const second = await coordinator.context.newPage()
  await second.goto(page.url())
  await page.getByLabel('Title').fill('Two raters, anew')
  await rule(page, 3).getByLabel('What is asked').selectOption('PILOT_MEASURE_MOVED_OUT_OF_HIGH_PERCENT')
  await rule(page, 3).getByLabel('Limit').fill('0')
  await rule(page, 3).getByLabel('Fewest pairs').fill('2')
  await coordinator.press('Replace the plan')
  assert.match(await coordinator.heading(), /^Two raters, anew/)
  assert.match(await textOf(coordinator), /1 set of answers that cannot all be true/)
  const [{ plan }] = (await house.office.call('coordinator', 'PilotService', 'ListPilots', { parent })).pilots
  assert.deepEqual(
    plan.rules.map(({ id, limit }) => [id, limit]),
    [
      ['BAND_KAPPA_QUADRATIC', 0.6],
      ['NO_DOWNWARD_SHIFT', 1],
      ['MOVED_OUT_OF_HIGH_PERCENT', 0],
    ],
  )
  // Whoever had it open before is told, and overwrites nothing.
  await second.getByRole('button', { name: 'Replace the plan' }).click()
  assert.match(await second.getByRole('alert').innerText(), /Somebody changed this in the meantime/)
  await check(second, 'the plan of a pilot, with an error')
  await second.close()
})

test('two assessments are paired: chosen, or by their addresses, and not where it is no pair', async () => {
  const coordinator = await house.as('coordinator')
  const { page } = coordinator
  await page.goto(urls.pilot(pilot))
  await coordinator.press('Pair two assessments')
  await check(page, 'pair two assessments')
  await coordinator.press('Record the pair')
  assert.deepEqual(await errorsOf(page), ['Choose an assessment, or give the address of its page'])
  const usual = page.getByLabel('Assessment on the usual form')
  const piloted = page.getByLabel('Assessment on the piloted form')
  assert.equal(await usual.locator('option').count(), 3, 'those in a referral, and no others')
  await usual.selectOption(pairs[0][0].split('/').at(-1))
  await piloted.selectOption(pairs[0][1].split('/').at(-1))
  await page.getByLabel('The usual form', { exact: true }).check()
  await page.getByLabel('No', { exact: true }).check()
  await coordinator.press('Record the pair')
  assert.match((await errorsOf(page))[0], /must not have seen the first/i)
  assert.equal(await usual.inputValue(), pairs[0][0].split('/').at(-1), 'what was chosen is kept')
  await check(page, 'pair two assessments, with an error')
  await page.getByLabel('Yes', { exact: true }).check()
  await coordinator.press('Record the pair')
  assert.match(
    await textOf(coordinator),
    /The pair is recorded[\s\S]*It is fixed: there is a pair[\s\S]*1 of 3/,
  )
  assert.equal(await page.getByRole('button', { name: 'Replace the plan' }).count(), 0)
  await check(page, 'a pilot that runs')
  await page.goto(urls.pilotPlan(pilot))
  await coordinator.press('Replace the plan')
  assert.match((await errorsOf(page))[0], /fixed with the first pair/)

  for (const [reference, variant] of pairs.slice(1)) {
    await page.goto(urls.pilotPair(pilot))
    await page.getByLabel('Or its address').nth(0).fill(`${house.stack.origin}/assessments/none`)
    await page
      .getByLabel('Or its address')
      .nth(1)
      .fill(house.stack.origin + urls.result(variant))
    await page.getByLabel('The usual form', { exact: true }).check()
    await page.getByLabel('Yes', { exact: true }).check()
    await coordinator.press('Record the pair')
    assert.deepEqual(await errorsOf(page), ['There is no such assessment, or it is kept from you'])
    await page
      .getByLabel('Or its address')
      .nth(0)
      .fill(house.stack.origin + urls.assessment(reference))
    await coordinator.press('Record the pair')
  }
  assert.match(await textOf(coordinator), /3 of 3/)
  assert.match(await textOf(coordinator), /It has all the pairs that were planned/)
  assert.equal((await page.goto(urls.pilotReport(pilot))).status(), 403, 'what comes of it is not theirs')
  assert.equal((await page.goto(urls.pilotExport(pilot))).status(), 403)
})

test('the steering group reads what it shows, the rules first and each number with what it means', async () => {
  const steering = await house.as('steering')
  const { page } = steering
  await steering.follow('Pilots')
  await check(page, 'pilots, for the steering group')
  await steering.follow('Two raters, anew')
  assert.equal(await page.getByRole('button', { name: /Pair|Replace/ }).count(), 0)
  await steering.press('Read what it shows')
  const text = await textOf(steering)
  assert.match(text, /is untested\. Nobody knows yet[\s\S]*There are 3 pairs so far/)
  assert.match(text, /Judged on the first 3 pairs, the last time/)
  const rules = page.locator('main section')
  assert.equal(await rules.count(), 3)
  assert.match(await rules.nth(0).innerText(), /kappa surely at least 0\.6[\s\S]*(met|too little data yet)/i)
  assert.match(await rules.nth(2).innerText(), /drop out of the high grade[\s\S]*not met[\s\S]*50%/i)
  // One pair of three went from high to medium.
  const band = page.getByRole('table', { name: 'Pairs by their two grades' })
  const cells = await band
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText)))
  assert.deepEqual(cells, [
    ['1', '0', '0'],
    ['0', '0', '0'],
    ['0', '1', '1'],
  ])
  assert.match(text, /Moved out of high\s+1\s+High risk on the usual form alone/)
  assert.match(text, /Mean difference\s+-1/)
  const items = page.getByRole('table', { name: 'Agreement on each question' })
  assert.equal(await items.locator('tbody tr').count(), 24)
  assert.match(await items.locator('tr', { hasText: 'INJ_NOW' }).innerText(), /3\s+67%/)
  assert.match(text, /Minutes[\s\S]*From the first answer to the last/)
  assert.doesNotMatch(text, /Mirela|Ravensty|undefined|NaN|\[object/)
  await check(page, 'what a pilot shows')
  for (const summary of await page.locator('summary').all()) await summary.click()
  assert.match(await textOf(steering), /How each question was answered/)
  await check(page, 'what a pilot shows, opened')
  await page.setViewportSize({ width: 320, height: 900 })
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320))
  assert.equal(await page.locator('a[href^="/assessments/"]').count(), 0, 'it names no assessment')
})

// PIL-06.
test('what went wrong is recorded without script, and the steering group says what comes of it', async () => {
  const coordinator = await house.as('coordinator', { script: false })
  await coordinator.page.goto(urls.pilot(pilot))
  assert.match(await textOf(coordinator), /What went wrong\s+Nothing is recorded\./)
  await coordinator.follow('Record something that went wrong')
  await coordinator.press('Record it')
  assert.deepEqual(await errorsOf(coordinator.page), ['Choose what it was'])
  await check(coordinator.page, 'something that went wrong, with errors')
  await coordinator.page.getByLabel('The questions distressed the person').check()
  await fillDay(coordinator.page, 'The day of it', new Date(now - day))
  await coordinator.page.getByLabel('What happened').fill('They asked to stop, and went on later.')
  await coordinator.press('Record it')
  assert.match(
    await textOf(coordinator),
    /It is recorded[\s\S]*went on later\.\s+Waits for the steering group/i,
  )
  await check(coordinator.page, 'a pilot in which something went wrong')

  const steering = await house.as('steering')
  await steering.page.goto(urls.pilotReport(pilot))
  assert.match(await textOf(steering), /1 thing that went wrong waits for you\. Decide nothing/)
  await steering.follow('See what went wrong')
  await steering.follow(/Say what comes of it/)
  await check(steering.page, 'what comes of it')
  await steering.press('Save')
  assert.equal((await errorsOf(steering.page)).length, 1)
  await steering.page.getByLabel('What was found').fill('The announcement comes earlier now.')
  await steering.press('Save')
  assert.match(await textOf(steering), /What came of it: The announcement comes earlier now\./)
  await steering.page.goto(urls.pilotReport(pilot))
  assert.doesNotMatch(await textOf(steering), /went wrong/)
})

test('and downloads its rows once they said again who they are: no name in them, nor in the file’s name', async () => {
  const steering = await house.as('steering')
  const { page } = steering
  await page.goto(urls.pilotExport(pilot))
  await check(page, 'download rows')
  await house.stack.pass(6)
  await steering.press('Download')
  assert.equal(await steering.heading(), 'Is it still you?')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await steering.press('Continue')
  const download = async (button) => {
    const waiting = page.waitForEvent('download')
    await page.getByRole('button', { name: button }).click()
    const file = await waiting
    return [file.suggestedFilename(), await readFile(await file.path(), 'utf8')]
  }
  const [name, json] = await download('Continue')
  assert.equal(name, 'pilot.json')
  const { rows, plan, small_below } = JSON.parse(json)
  assert.equal(rows.length, 3)
  assert.equal(plan.title, 'Two raters, anew')
  assert.ok(small_below > 1)
  await page.goto(urls.pilotExport(pilot))
  await page.getByLabel('For a spreadsheet').check()
  const [csvName, csv] = await download('Download')
  assert.equal(csvName, 'pilot.csv')
  const lines = csv.trim().split('\n')
  assert.equal(lines.length, 7)
  assert.equal(lines[0], 'row,month,order,side,stopped,score,not_asked,band,referred,minutes,answers')
  assert.match(
    lines[1],
    /,reference-first,reference,0,\d+,0,(standard|medium|high),[01],\d+,INJ_NOW=(yes|no) /,
  )
  for (const text of [json, csv])
    assert.doesNotMatch(text, /Mirela|Ravensty|accounts\/|agencies\/|safe place/)
  const token = await page.locator('[name=_token]').first().inputValue()
  const answer = await steering.context.request.post(urls.pilotExport(pilot), {
    ignoreHTTPSErrors: true,
    form: { _token: token },
  })
  assert.equal(answer.headers()['cache-control'], 'no-store')
  assert.match(answer.headers()['content-disposition'], /^attachment; filename="?pilot\.json"?$/)
})

test('pilots are no business of anybody else, and a plan is not the steering group’s to change', async () => {
  const closed = {
    idva: [urls.pilots, urls.pilot(pilot), urls.pilotReport(pilot), urls.newPilot],
    admin: [urls.pilots, urls.pilotReport(pilot), urls.pilotExport(pilot)],
    steering: [urls.newPilot, urls.pilotPlan(pilot), urls.pilotPair(pilot), urls.pilotIncident(pilot)],
  }
  for (const [login, paths] of Object.entries(closed)) {
    const person = await house.as(login)
    for (const path of paths) assert.equal((await person.page.goto(path)).status(), 403, `${login} ${path}`)
    if (login === 'steering')
      assert.equal((await person.page.goto(urls.pilot('x/none'))).status(), 404, 'no such pilot')
  }
})
