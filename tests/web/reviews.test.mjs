// When assessments are to be taken anew, and what a person needs to communicate, in real Chromium before a real maracd.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { Taken } from './device.mjs'
import { House } from './house.mjs'
import { send, whole } from './referrals.mjs'

const house = await House.open({ names: ['wexcombe', 'thistlewood'] })
const check = (page, name) => house.check(page, name)
const textOf = (person) => person.page.locator('main').innerText()
const assessments = (method, request) => house.office.call('idva', 'AssessmentService', method, request)

const area = 'areas/mk'
let name

before(async () => {
  const { items } = await assessments('GetInstrument', { area })
  const started = await assessments('StartAssessment', {
    parent: area,
    victim: { name: { value: 'Ottilie Wexcombe' } },
    perpetrators: [{ name: { value: 'Rune Wexcombe' } }, { name: { value: 'Ivo Wexcombe' } }],
  })
  name = started.name
  const { etag: recorded } = await assessments('RecordCommunicationProfile', {
    name,
    etag: started.etag,
    profile: { person_words: [{ perpetrator: 1, word: 'my Rune' }] },
  })
  assert.ok(recorded)
  const answers = items.map(({ code }) => ({ item: code, code: 'ANSWER_CODE_NO' }))
  const answered = await assessments('AppendAnswers', { name, answers })
  const judgement = { text: 'Settled for now.' }
  const { etag } = await assessments('CompleteAssessment', { name, etag: answered.etag, judgement })
  await assessments('SignAssessment', { name, etag })
})

test('a change makes a signed assessment due, and My work says so, without script', async () => {
  const idva = await house.as('idva', { script: false })
  const { page } = idva
  assert.doesNotMatch(await textOf(idva), /Wexcombe/)
  await page.goto(urls.assessment(name))
  assert.match(await textOf(idva), /Review\s+Due by \d+ \w+ \d{4}/)
  await idva.follow('Something changed')
  await idva.press('Save')
  assert.match(await textOf(idva), /There is a problem[\s\S]*Choose what changed/)
  await page.getByLabel('They separated, or are about to').check()
  await page.getByLabel('What happened', { exact: true }).fill('He found out where she works.')
  await page.getByLabel('Day', { exact: true }).fill('31')
  await page.getByLabel('Month', { exact: true }).fill('13')
  await page.getByLabel('Year', { exact: true }).fill('2026')
  await idva.press('Save')
  assert.match(await textOf(idva), /There is a problem/)
  assert.equal(
    await page.getByLabel('What happened', { exact: true }).inputValue(),
    'He found out where she works.',
  )
  for (const part of ['Day', 'Month', 'Year']) await page.getByLabel(part, { exact: true }).fill('')
  await idva.press('Save')
  assert.match(await textOf(idva), /They separated, or are about to\. He found out where she works\./)
  await page.goto(urls.home)
  assert.match(await textOf(idva), /Ottilie Wexcombe[\s\S]*review due by[\s\S]*To review/)
})

test('a review begins with the same people and no answer, and its signature ends the waiting', async () => {
  const idva = await house.as('idva')
  const { page } = idva
  await page.goto(urls.assessment(name))
  await check(page, 'assessment, due for review')
  await idva.press('Start a review')
  assert.equal(await idva.heading(), 'Start a review')
  await check(page, 'start a review')
  assert.equal(
    await page.getByRole('textbox', { name: 'Name of the person at risk' }).inputValue(),
    'Ottilie Wexcombe',
  )
  await page.getByRole('textbox', { name: 'Name of the person at risk' }).fill('Ottilie Wexcombe-Ray')
  await idva.press('Start')
  const id = new URL(page.url()).pathname.split('/')[2]
  const review = await assessments('GetAssessment', { name: `${area}/assessments/${id}` })
  assert.equal(review.reviews, name)
  assert.equal(review.purpose, 'ASSESSMENT_PURPOSE_REVIEW')
  assert.equal(review.victim.name.value, 'Ottilie Wexcombe-Ray')
  assert.deepEqual(
    review.perpetrators.map((party) => party.name.value),
    ['Rune Wexcombe', 'Ivo Wexcombe'],
  )
  assert.deepEqual(review.answers, [])
  assert.equal(review.communication.person_words[0].word, 'my Rune')

  // A yes says whether it is so now.
  const first = page.locator('.app-item').first()
  await first.getByLabel('Yes', { exact: true }).check()
  await first.locator('summary').click()
  await first.getByLabel('With a yes: when it was').selectOption('Longer ago, not since')
  await idva.press('Save and see what it comes to')
  const kept = await assessments('GetAssessment', { name: review.name })
  assert.equal(kept.answers[0].currency, 'CURRENCY_PAST')

  await page.goto(urls.assessment(review.name))
  assert.match(await textOf(idva), /It reviews\s+An earlier assessment/)
  const { items } = await assessments('GetInstrument', { area })
  const answered = await assessments('AppendAnswers', {
    name: review.name,
    expected_seq: kept.last_seq,
    answers: items.slice(1).map(({ code }) => ({ item: code, code: 'ANSWER_CODE_NO' })),
  })
  const { etag } = await assessments('CompleteAssessment', {
    name: review.name,
    etag: answered.etag,
    judgement: { text: 'As before.' },
  })
  await assessments('SignAssessment', { name: review.name, etag })
  await page.goto(urls.assessment(name))
  assert.match(await textOf(idva), /Review\s+Reviewed on/)
  await check(page, 'assessment, reviewed')

  await page.goto(urls.assessment(review.name))
  await idva.follow('No review is needed')
  await check(page, 'no review is needed')
  await idva.press('Save')
  assert.match(await textOf(idva), /There is a problem[\s\S]*why none is needed/)
  await page.getByLabel('Why not').fill('She has moved to her sister’s, out of the area.')
  await idva.press('Save')
  assert.match(await textOf(idva), /Not needed: She has moved to her sister’s/)
  await page.goto(urls.change(review.name))
  await check(page, 'something changed')
})

test('what a colleague took and is due stands on the pages of a supervisor, without script', async () => {
  const started = await assessments('StartAssessment', {
    parent: area,
    victim: { name: { value: 'Ragna Wexcombe' } },
  })
  const { items } = await assessments('GetInstrument', { area })
  const answered = await assessments('AppendAnswers', {
    name: started.name,
    answers: items.map(({ code }) => ({ item: code, code: 'ANSWER_CODE_NO' })),
  })
  const completed = await assessments('CompleteAssessment', {
    name: started.name,
    etag: answered.etag,
    judgement: { text: 'Settled for now.' },
  })
  await assessments('SignAssessment', { name: started.name, etag: completed.etag })
  await assessments('RecordChange', { name: started.name, code: 'NEW_INCIDENT' })
  const manager = await house.as('idva-manager', { script: false })
  const { page } = manager
  assert.match(
    await textOf(manager),
    /assessments? that (a colleague|colleagues) took (is|are) due for review/,
  )
  await page.getByRole('link', { name: /took (is|are) due for review/ }).click()
  assert.match(await textOf(manager), /Ragna Wexcombe[\s\S]*review due by[\s\S]*To review/)
  await check(page, 'due for review')
  await manager.follow('Ragna Wexcombe')
  await manager.follow('No review is needed')
})

// D-04: said in two steps, kept, and counted nowhere.
test('an assessment of the wrong person is marked so, and the referral that rests on it says so', async () => {
  const started = await assessments('StartAssessment', {
    parent: area,
    victim: { name: { value: 'Brenna Wexcombe' } },
  })
  const { items } = await assessments('GetInstrument', { area })
  await assessments('AppendAnswers', {
    name: started.name,
    answers: items.map(({ code }) => ({ item: code, code: 'ANSWER_CODE_YES' })),
  })
  const referral = await send(
    { call: (...of) => house.office.call('idva', ...of) },
    whole('Wexcombe', { assessments: [started.name] }),
  )
  assert.equal(referral.criteria.score, items.length)
  const idva = await house.as('idva')
  const { page } = idva
  await page.goto(urls.assessment(started.name))
  await idva.follow('This was entered in error')
  await check(page, 'entered in error')
  assert.match(await textOf(idva), /The referral that it went with, and the case/)
  await idva.press('Mark as entered in error')
  assert.match(await textOf(idva), /There is a problem[\s\S]*what was wrong/)
  await page.getByLabel('What was wrong').fill('These are her sister’s answers.')
  await idva.press('Mark as entered in error')
  assert.match(await textOf(idva), /Entered in error[\s\S]*These are her sister’s answers\./)
  assert.doesNotMatch(await textOf(idva), /What the answers come to|Refer now/)
  await check(page, 'assessment, entered in error')
  await page.goto(urls.result(started.name))
  assert.equal(new URL(page.url()).pathname, urls.assessment(started.name))
  await page.goto(urls.referral(referral.name))
  assert.match(await textOf(idva), /An assessment of this referral was entered in error/)

  const coordinator = await house.as('coordinator')
  await coordinator.page.goto(urls.triageOf(referral.name))
  assert.match(await textOf(coordinator), /Entered in error[\s\S]*These are her sister’s answers\./)
  assert.doesNotMatch(await textOf(coordinator), new RegExp(`${items.length} of ${items.length}`))
  await check(coordinator.page, 'triage, with an assessment entered in error')
})

test('what the person said of when goes with them, and is mapped to the time of the question', async () => {
  const taken = await Taken.begin(house.office, { victim: 'Signe Thistlewood' })
  await taken.upTo('SEPARATED')
  const { etag, last_seq: seq } = await taken.read()
  assert.ok(etag)
  const said = { item: 'SEPARATED', code: 'ANSWER_CODE_YES', time_anchor: 'TIME_ANCHOR_LONG_AGO' }
  const pack = await assessments('GetInstrument', { instrument: (await taken.read()).instrument })
  const { probes } = pack.items.find(({ code }) => code === 'SEPARATED')
  await assessments('AppendAnswers', {
    name: taken.name,
    expected_seq: seq,
    answers: probes.map(({ code }) => ({ ...said, probe: code, time_words: 'when the twins were small' })),
  })
  const idva = await house.as('idva')
  const { page } = idva
  await page.goto(urls.tabletDo(taken.name, 'said'))
  await check(page, 'what was said, with its times')
  await page.locator(`[id="w.${probes[0].code}.within-2"]`).check()
  await page.locator(`[id="w.${probes[1].code}.currency"]`).selectOption('In the last 3 months')
  await idva.press('Save')
  const mapped = await taken.read()
  const at = (probe) => mapped.probe_answers.find((answer) => answer.probe === probe.code)
  assert.equal(at(probes[0]).code, 'ANSWER_CODE_NO')
  assert.equal(at(probes[0]).within_window, 'YES_NO_NO')
  assert.equal(at(probes[0]).time_words, 'when the twins were small')
  assert.equal(at(probes[1]).currency, 'CURRENCY_CURRENT')
  // Saved again it says nothing new.
  await page.goto(urls.tabletDo(taken.name, 'said'))
  await idva.press('Save')
  assert.equal((await taken.read()).last_seq, mapped.last_seq)
})

test('so is what was said to a question in plain words, and a refusal keeps what was chosen', async () => {
  const taken = await Taken.begin(house.office, { victim: 'Silje Thistlewood' })
  await taken.upTo('SEPARATED')
  const { last_seq: seq } = await taken.read()
  await assessments('AppendAnswers', {
    name: taken.name,
    expected_seq: seq,
    answers: [{ item: 'SEPARATED', code: 'ANSWER_CODE_YES', time_words: 'years ago' }],
  })
  const idva = await house.as('idva')
  const { page } = idva
  await page.goto(urls.tabletDo(taken.name, 'said'))
  await page.locator('[id="w.SEPARATED.within-2"]').check()
  await taken.append([{ item: 'FEAR_OF', probe: 'FEAR_OF_KILL', code: 'ANSWER_CODE_NO' }])
  await idva.press('Save')
  assert.match(await textOf(idva), /More was said since you opened this/)
  assert.ok(await page.locator('[id="w.SEPARATED.within-2"]').isChecked())
  await idva.press('Save')
  const answer = await taken.answerTo('SEPARATED')
  assert.equal(answer.code, 'ANSWER_CODE_NO')
  assert.equal(answer.within_window, 'YES_NO_NO')
  assert.equal(answer.time_words, 'years ago')
})
