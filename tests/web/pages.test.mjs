// The pages in real Chromium before a real maracd over TLS: the practitioner's journey, with script and without,
// through cuts of the network, an ended session and killed processes, and what every page is held to.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { urls } from '../../clients/web/dist/server/urls.js'
import { cutOff, launch, notForKeyboards, Person } from './browser.mjs'
import { answer, answerWhatIsLeft, startAssessment, whatIsKnown } from './idva.mjs'
import { House } from './house.mjs'
import { send, whole } from './referrals.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['castlegate', 'bryony'] })
const sitDown = (options) => house.sitDown(options)
const check = (page, name) => house.check(page, name)
const { figures } = house
figures.retyped_fields = 0

const idOf = (page) => new URL(page.url()).pathname.split('/')[2]

/** Presses a button while the network is away, without script: the browser's own page says so, and sends it again. */
async function pressInACut(person, name) {
  await person.context.setOffline(true)
  await person.page.getByRole('button', { name, exact: true }).click()
  await person.page.waitForURL('chrome-error://chromewebdata/')
  await person.context.setOffline(false)
  await person.page.reload()
}

async function unlockAndGoOn(person) {
  assert.equal(await person.heading(), 'Locked')
  await person.page.getByLabel('Password', { exact: true }).fill(password)
  await person.press('Unlock')
  assert.equal(await person.heading(), 'Unlocked')
  person.pages -= 2 // Unlocking is no page of the journey.
  await person.press('Continue')
}

async function seeWhatWasTyped(page, ...names) {
  assert.equal(await page.locator('h1').innerText(), 'Check your answers')
  const text = await page.locator('main').innerText()
  const given = [...names, '17 May 1991', '12 Gossamer Lane', 'MK99 4QX', '01632 960123']
  for (const typed of given) {
    if (!text.includes(typed)) figures.retyped_fields += 1
    assert.ok(text.includes(typed), `${typed} was given once and is not there`)
  }
}

describe('an IDVA refers in one sitting', () => {
  test('from sign-in to a submitted referral in at most 8 pages, through two cuts and a lock', async () => {
    const idva = await sitDown()
    const { page, context } = idva
    await idva.signIn('idva', password)
    assert.equal(await idva.heading(), 'My work')
    await startAssessment(idva, { victim: 'Mirela Oakbarrow', harm: 'Garth Oakbarrow' })

    const items = await page.locator('[data-item]').all()
    assert.equal(items.length, 24)
    for (const item of items.slice(0, 10)) await answer(item)
    await page.locator('[data-item=FEAR] summary').click()
    await page.locator('[data-item=FEAR] textarea').fill('I do not sleep any more')
    await sleep(1500)

    // The first cut: answers wait in the page, and are saved when the network is back.
    await context.setOffline(true)
    for (const item of items.slice(10)) await answer(item)
    await page.getByText('No connection.').waitFor()
    await context.setOffline(false)
    await page.getByText('No connection.').waitFor({ state: 'detached' })
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[data-item]')].every(
        (item) => item.querySelector('[name$=".seq"]').value !== '0',
      ),
    )
    // Nobody pressed Save, and all of it is there.
    const other = await context.newPage()
    await other.goto(page.url())
    assert.equal(await other.locator('input[type=radio]:checked').count(), 24)
    assert.equal(await other.locator('[data-item=FEAR] textarea').inputValue(), 'I do not sleep any more')
    await other.close()

    await idva.press('Save and refer')
    assert.equal(await idva.heading(), 'Mirela Oakbarrow')
    await idva.press('Answer what is left on one page')
    await page.locator('[name="referral.reason.narrative"]').waitFor()
    await answerWhatIsLeft(page, whatIsKnown)
    const category = page.locator('[name="referral.referrer.source_category"]')
    if (await category.count()) await category.selectOption('IDVA')

    // The second cut: the form is not sent, and stays.
    await context.setOffline(true)
    await page.getByRole('button', { name: 'Save and continue' }).click()
    await page.getByText('What you typed is still here').waitFor()
    await context.setOffline(false)

    // And the session was locked while the form was open, as it is after a time without use.
    await house.stack.lockSession(await context.cookies())
    await idva.press('Save and continue')
    await unlockAndGoOn(idva)

    await seeWhatWasTyped(page, 'Mirela Oakbarrow', 'Garth Oakbarrow')
    await idva.press('Send the referral')
    assert.match(await idva.heading(), /Referral sent/)
    figures.idva_page_loads = idva.pages
    assert.ok(idva.pages <= 8, `${idva.pages} pages from sign-in to sent`)
    figures.journeys += 1
  })

  test('and the same without script, through two cuts and a lock', async () => {
    const idva = await sitDown({ script: false })
    const { page } = idva
    await idva.signIn('idva', password)
    await startAssessment(idva, { victim: 'Ines Farrowmere', harm: 'Colm Farrowmere' })
    for (const item of await page.locator('[data-item]').all()) await answer(item)
    await pressInACut(idva, 'Save and see what it comes to')
    assert.match(await page.locator('main').innerText(), /15 of 24/)
    await page.getByLabel('Your reasons, in your own words').fill('Left last week; threats since.')
    await idva.press('Complete and refer')
    await idva.press('Answer what is left on one page')
    await answerWhatIsLeft(page, whatIsKnown)
    const category = page.locator('[name="referral.referrer.source_category"]')
    if (await category.count()) await category.selectOption('IDVA')
    await house.stack.lockSession(await idva.context.cookies())
    await pressInACut(idva, 'Save and continue')
    await unlockAndGoOn(idva)
    await seeWhatWasTyped(page, 'Ines Farrowmere', 'Colm Farrowmere')
    await idva.press('Send the referral')
    assert.match(await idva.heading(), /Referral sent/)
    await idva.follow('Sign the assessment')
    await idva.press('Sign')
    assert.match(await page.locator('main').innerText(), /Signed .* at /)
    figures.journeys += 1
  })

  test('an urgent one with at most five answers, and no assessment', async () => {
    const idva = await sitDown()
    const { page } = idva
    await idva.signIn('idva', password)
    await idva.press('Refer without one')
    await page.getByLabel('No, it is urgent').check()
    await idva.press('Continue')
    let given = 0
    const give = async (locator, value) => {
      await (value === undefined ? locator.check() : locator.fill(value))
      given += 1
    }
    await give(
      page.getByLabel('If the name is not known, what is'),
      'Woman of about 30, seen at the food bank',
    )
    await give(page.getByLabel('Why it cannot wait'), 'He is released tomorrow and knows where she sleeps.')
    await give(page.getByLabel('Nobody is to contact them directly'))
    await give(
      page
        .getByRole('group', { name: 'Do they agree to this referral?' })
        .getByLabel('Not asked', { exact: true }),
    )
    await give(page.getByLabel('Why they were not asked'), 'He was in the room.')
    await idva.press('Save and continue')
    await idva.press('Send the urgent referral')
    assert.match(await idva.heading(), /Referral sent/)
    assert.ok(await page.getByText('Still wanted, by the next working day').isVisible())
    figures.urgent_required_fields = given
    assert.ok(given <= 5)
    figures.journeys += 1
  })
})

describe('nothing that was given is lost', () => {
  test('when the browser, the web process or maracd is killed while questions are answered', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    await startAssessment(idva, { victim: 'Odile Brackenhurst', harm: 'Ned Brackenhurst' })
    const address = idva.page.url()
    const items = await idva.page.locator('[data-item]').all()
    const saved = (page, count) =>
      page.waitForFunction(
        (wanted) =>
          [...document.querySelectorAll('[name$=".seq"]')].filter(({ value }) => value !== '0').length >=
          wanted,
        count,
      )
    for (const item of items.slice(0, 4)) await answer(item)
    await saved(idva.page, 4)
    await house.stack.stopWeb('SIGKILL')
    for (const item of items.slice(4, 8)) await answer(item)
    await idva.page.getByText('No connection.').waitFor()
    await house.stack.startWeb()
    await saved(idva.page, 8)
    await house.stack.stopServer('SIGKILL')
    await house.stack.startServer()
    for (const item of items.slice(8, 12)) await answer(item)
    await saved(idva.page, 12)
    await idva.context.close()

    const again = await sitDown()
    await again.signIn('idva', password)
    await again.page.goto(address)
    assert.equal(await again.page.locator('input[type=radio]:checked').count(), 12)
  })

  test('or while a referral is written', async () => {
    const idva = await sitDown()
    const { page } = idva
    await idva.signIn('idva', password)
    await idva.press('Refer without one')
    await page.getByLabel('Yes', { exact: true }).check()
    await idva.press('Continue')
    const address = `${page.url()}/reason`
    const narrative = page.getByLabel('What happened, and why it is dangerous now')
    await page.goto(address)
    await narrative.fill('Written before the web process was killed')
    await house.stack.stopWeb('SIGKILL')
    await page.getByRole('button', { name: 'Save and continue' }).click()
    await page.getByText('What you typed is still here').waitFor()
    await house.stack.startWeb()
    await idva.press('Save and continue')
    await page.goto(address)
    assert.equal(await narrative.inputValue(), 'Written before the web process was killed')

    await narrative.fill('Written before maracd was killed')
    await house.stack.stopServer('SIGKILL')
    await idva.press('Save and continue')
    assert.equal(await idva.heading(), 'Not saved yet')
    await check(page, 'maracd is not reached')
    await house.stack.startServer()
    await idva.press('Send it again')
    await page.goto(address)
    assert.equal(await narrative.inputValue(), 'Written before maracd was killed')
  })

  test('or sent twice, when a button is clicked twice', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    await idva.press('Refer without one')
    await idva.page.getByLabel('Yes', { exact: true }).check()
    let sent = 0
    idva.page.on('request', (request) => (sent += request.method() === 'POST' ? 1 : 0))
    await idva.page.getByRole('button', { name: 'Continue' }).dblclick()
    await idva.page.waitForURL(/referrals\/[a-z0-9]{20,}/)
    assert.equal(sent, 1)
  })

  test('when two people answer the same question: both answers are shown, and neither overwrites the other', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    await startAssessment(idva, { victim: 'Thea Wychcombe', harm: 'Unknown' })
    const second = await idva.context.newPage()
    await second.goto(idva.page.url())
    await second.locator('[data-item=FEAR]').getByLabel('Yes', { exact: true }).check()
    await second.locator('[data-item=FEAR]').getByText('Saved', { exact: true }).waitFor()
    await idva.page.locator('[data-item=FEAR]').getByLabel('No', { exact: true }).check()
    await idva.page.getByText('Somebody else answered this in the meantime. Their answer: yes').waitFor()
  })

  test('when somebody saved the same part of a referral: both texts are shown', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    await idva.press('Refer without one')
    await idva.page.getByLabel('Yes', { exact: true }).check()
    await idva.press('Continue')
    const reason = `${idva.page.url()}/reason`
    const second = await idva.context.newPage()
    await idva.page.goto(reason)
    await second.goto(reason)
    await second.getByLabel('What happened, and why it is dangerous now').fill('Theirs, saved first')
    await second.getByRole('button', { name: 'Save and continue' }).click()
    await second.waitForURL(/grounds/)
    await idva.page.getByLabel('What happened, and why it is dangerous now').fill('Mine, saved second')
    await idva.press('Save and continue')
    const text = await idva.page.locator('main').innerText()
    assert.match(text, /Theirs, saved first/)
    assert.equal(
      await idva.page.getByLabel('What happened, and why it is dangerous now').inputValue(),
      'Mine, saved second',
    )
    await check(idva.page, 'both texts')
    await idva.press('Save and continue')
    await idva.page.goto(reason)
    assert.equal(
      await idva.page.getByLabel('What happened, and why it is dangerous now').inputValue(),
      'Mine, saved second',
    )
  })

  test('or was begun long ago, however much was begun since', async () => {
    const draft = (name) =>
      house.office.call('housing', 'ReferralService', 'SaveDraft', {
        parent: 'areas/mk',
        referral: { victim: { name: { value: name } } },
        request_id: randomUUID(),
      })
    await draft('Odile Brackenhurst')
    for (let since = 1; since <= 101; ++since) await draft(`Begun since, ${since}`)
    const housing = await house.as('housing')
    const oldest = housing.page.getByRole('link', { name: 'Odile Brackenhurst' })
    assert.equal(await oldest.count(), 1, 'my work')
    await housing.page.goto(urls.referrals)
    await check(housing.page, 'my referrals, many')
    for (const page of ['second', 'third']) {
      assert.equal(await oldest.count(), 0, `it is before the ${page} page`)
      await housing.follow('Older ones')
    }
    assert.equal(await oldest.count(), 1, 'my referrals')
    assert.equal(await housing.page.getByRole('link', { name: 'Older ones' }).count(), 0)
  })
})

describe('an author is never stuck', () => {
  test('when nobody is named yet who causes the harm: the page of what is left asks', async () => {
    const { name } = await house.office.call('idva', 'ReferralService', 'SaveDraft', {
      parent: 'areas/mk',
      referral: { ...whole('Ravensty'), perpetrators: [] },
    })
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.rest(name))
    assert.equal(await idva.heading(), 'What is left')
    await page.locator('[name="referral.perpetrators[0].name"]').fill('Garth Ravensty')
    await idva.press('Save and go to the list')
    await page.goto(urls.check(name))
    assert.match(await page.locator('main').innerText(), /Garth Ravensty/)
  })

  test('over an address that is kept apart: it is in the form of its draft, and said to be kept after that', async () => {
    const like = whole('Ravensty')
    const lines = { value: '7 Sheltered Row' }
    const address = { ...like.victim.address, lines, protected_detail: true }
    const fears = { value: 'That he has her number, 01632 960777' }
    const { name } = await house.office.call('idva', 'ReferralService', 'SaveDraft', {
      parent: 'areas/mk',
      referral: {
        ...like,
        victim: { ...like.victim, address },
        victim_voice: { ...like.victim_voice, fears },
      },
      safe_contact: { do_not_contact: true },
    })
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.section(name, 'person'))
    assert.equal(await page.getByLabel('Address', { exact: true }).first().inputValue(), '7 Sheltered Row')
    await page.getByLabel('Address', { exact: true }).first().fill('8 Sheltered Row')
    await idva.press('Save and go to the list')
    await page.goto(urls.check(name))
    const said = await page.locator('main').innerText()
    assert.match(said, /8 Sheltered Row/)
    assert.match(said, /Who and what they fear: this looks like a telephone number/)
    const warning = page.getByRole('listitem').filter({ hasText: 'this looks like' }).getByRole('link')
    await page.goto(await warning.first().getAttribute('href'))
    assert.equal(await page.getByLabel('Who and what they fear', { exact: true }).inputValue(), fears.value)
    await page.goto(urls.check(name))
    await idva.press('Send the referral')
    await page.goto(urls.referral(name))
    assert.match(await page.locator('main').innerText(), /Address\s+Kept apart/)
    assert.doesNotMatch(await page.content(), /8 Sheltered Row/)
  })

  const byIdva = (...what) => house.office.call('idva', ...what)
  const namesSomebody = {
    excluded_people: [{ person: 'Roland Castlegate', reason: 'His brother works there' }],
  }
  const shutOut = whole('Quernmore', { has_excluded_people: 'YES_NO_YES' })

  test('when a referral that names somebody who must not see it was sent back', async () => {
    const { name, etag } = await send({ call: byIdva }, shutOut, namesSomebody)
    await house.office.call('coordinator', 'ReferralService', 'ReturnReferral', {
      name,
      etag,
      reasons: 'Say on which day it was.',
    })
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.section(name, 'excluded'))
    assert.equal(await idva.heading(), 'Who must not see this')
    assert.match(await page.locator('main').innerText(), /What you enter now is added/)
    await page.getByLabel('Name', { exact: true }).fill('Edwin Castlegate')
    await check(page, 'who must not see it, sent back')
    await idva.press('Save and go to the list')
    await page.goto(urls.check(name))
    assert.match(await page.locator('main').innerText(), /Kept apart; the coordinator has it/)
    await check(page, 'check, sent back')
    await idva.press('Send the referral')
    assert.match(await idva.heading(), /Referral sent/)
    const { excluded_people } = await house.office.call(
      'coordinator',
      'ReferralService',
      'ListExcludedPeople',
      { referral: name },
    )
    assert.deepEqual(excluded_people.map(({ person }) => person).sort(), [
      'Edwin Castlegate',
      'Roland Castlegate',
    ])
  })

  for (const isSent of [false, true]) {
    test(`when a ${isSent ? 'sent referral' : 'draft'} is taken back without a reason: the field says so`, async () => {
      const { name } = isSent
        ? await send({ call: byIdva }, whole('Ravensty'))
        : await byIdva('ReferralService', 'SaveDraft', { parent: 'areas/mk', referral: whole('Ravensty') })
      const idva = await house.as('idva')
      const { page } = idva
      await page.goto(urls.referral(name))
      await page.getByText('Take this referral back').click()
      await idva.press('Take it back')
      await page.getByRole('alert').getByRole('link', { name: 'Say why you take it back' }).click()
      const why = page.getByLabel('Why you take it back')
      assert.ok(await why.evaluate((field) => field === document.activeElement))
      await check(page, 'taken back without a reason')
      await why.fill('She asked for it.')
      await idva.press('Take it back')
      assert.equal(new URL(page.url()).pathname, urls.referrals)
    })
  }
})

describe('the result of an assessment', () => {
  /** An IDVA on the page of what the answers come to; with everything answered, or nothing. */
  const atResult = async (name, { answered = false, script = true } = {}) => {
    const idva = await house.as('idva', { script })
    await startAssessment(idva, { victim: name, harm: 'Unknown' })
    if (answered) for (const item of await idva.page.locator('[data-item]').all()) await answer(item)
    const assessment = `x/${idOf(idva.page)}`
    await idva.press('Save and see what it comes to')
    return { idva, page: idva.page, assessment }
  }

  test('leads to an urgent referral also when an ordinary one was begun from it', async () => {
    const { idva, page, assessment } = await atResult('Hester Quernmore')
    await idva.press('Refer now')
    const referral = `x/${idOf(page)}`
    await page.goto(urls.section(referral, 'reason'))
    await page.getByLabel('What happened, and why it is dangerous now').fill('Typed before it was urgent')
    await idva.press('Save and continue')
    await page.goto(urls.result(assessment))
    await idva.press('Refer now, urgent')
    assert.equal(await idva.heading(), 'Urgent referral')
    assert.equal(new URL(page.url()).pathname, urls.section(referral, 'urgent'))
    assert.equal(
      await page.getByLabel('Name of the person at risk', { exact: true }).inputValue(),
      'Hester Quernmore',
    )
    // Asked for as an ordinary one, it stays what it is, with what was typed.
    await page.goto(urls.result(assessment))
    await idva.press('Refer now')
    assert.equal(new URL(page.url()).pathname, urls.referral(referral))
    assert.match(await page.locator('main').innerText(), /^Urgent referral/)
    await page.goto(urls.section(referral, 'reason'))
    assert.equal(
      await page.getByLabel('What happened, and why it is dangerous now').inputValue(),
      'Typed before it was urgent',
    )
  })

  const reasonsOf = (page) => page.getByLabel('Your reasons, in your own words')
  const text = (page) => page.locator('main').innerText()

  for (const script of [true, false]) {
    const how = script ? '' : ', without script'
    for (const button of ['Refer now', 'Refer now, urgent']) {
      test(`takes reasons that were typed beside “${button}” along, and keeps them${how}`, async () => {
        const { idva, page, assessment } = await atResult('Maud Quernmore', { script })
        await reasonsOf(page).fill('He has a key again.')
        await idva.press(button)
        const referral = `x/${idOf(page)}`
        await page.goto(urls.section(referral, 'reason'))
        assert.equal(
          await page.getByLabel('What happened, and why it is dangerous now').inputValue(),
          'He has a key again.',
        )
        await page.goto(urls.result(assessment))
        assert.equal(await idva.heading(), 'You have text here that was not saved')
        assert.match(await text(page), /He has a key again/)
        await check(page, 'result, typed and not saved')
        await idva.press('Go on with it')
        assert.equal(await reasonsOf(page).inputValue(), 'He has a key again.')
        await check(page, 'result, gone on with')
      })
    }
  }

  test('keeps what was typed when its page is left', async () => {
    const { idva, page, assessment } = await atResult('Ottilie Quernmore')
    await reasonsOf(page).fill('He waits at the school.')
    await page.getByText('It cannot be finished').click()
    await page.getByLabel('Why it stops here').fill('She had to go.')
    await idva.follow('Assessments')
    await page.goto(urls.result(assessment))
    await idva.press('Go on with it')
    assert.equal(await reasonsOf(page).inputValue(), 'He waits at the school.')
    assert.equal(await page.getByLabel('Why it stops here').inputValue(), 'She had to go.')
    await idva.press('Stop the assessment')
    assert.match(await text(page), /He waits at the school\.\s+Stopped before the end\s+She had to go\./)
  })

  test('saves edited reasons with the signature, and keeps why there is no referral until then', async () => {
    const { idva, page, assessment } = await atResult('Sidonie Quernmore', { answered: true })
    await reasonsOf(page).fill('Left last week; threats since.')
    await idva.press('Complete the assessment')
    await reasonsOf(page).fill('Left last week; threats since, and he has a key.')
    await page.getByText('There will be no referral').click()
    await page.getByLabel('Why there is no referral').fill('She is in a refuge in another area.')
    await idva.press('Save judgement')
    assert.equal(
      await page.getByLabel('Why there is no referral').inputValue(),
      'She is in a refuge in another area.',
    )
    await reasonsOf(page).fill('Left last week; threats since. He has two keys.')
    await idva.press('Sign')
    // A high grade wants a supervisor as well: the error names the field, and nothing is gone.
    const wanted = page.getByRole('alert').getByRole('link', { name: /^Supervisor who is asked to agree: / })
    assert.equal(await wanted.getAttribute('href'), '#non_referral-supervisor')
    assert.equal(
      await page.getByLabel('Why there is no referral').inputValue(),
      'She is in a refuge in another area.',
    )
    await check(page, 'result, not signed')
    const { judgement } = await house.office.call('idva', 'AssessmentService', 'GetAssessment', {
      name: `areas/mk/assessments/${assessment.slice(2)}`,
    })
    assert.equal(judgement.text, 'Left last week; threats since. He has two keys.')
  })

  test('is of people whom its referral takes: a day of birth to come is refused where it is typed', async () => {
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.newAssessment)
    await page.getByLabel('Name of the person at risk', { exact: true }).fill('Rosalind Quernmore')
    const born = page.getByRole('group', { name: 'Their date of birth' })
    await born.getByLabel('Day').fill('3')
    await born.getByLabel('Month').fill('4')
    await born.getByLabel('Year').fill('2101')
    await page.getByLabel('All on one page').check()
    await idva.press('Start')
    await page
      .getByRole('alert')
      .getByRole('link', { name: /^Their date of birth: / })
      .click()
    assert.ok(await born.getByLabel('Day').evaluate((day) => day === document.activeElement))
    await check(page, 'assessment, start, with errors')
    await born.getByLabel('Year').fill('1991')
    await idva.press('Start')

    // And where the people are changed later.
    const assessment = `x/${idOf(page)}`
    await page.goto(urls.assessmentPeople(assessment))
    await born.getByLabel('Year').fill('2101')
    await idva.press('Save')
    await page
      .getByRole('alert')
      .getByRole('link', { name: /^Their date of birth: / })
      .click()
    assert.equal(await born.getByLabel('Year').inputValue(), '2101')
    await check(page, 'people, with errors')
    await born.getByLabel('Year').fill('1992')
    await idva.press('Save')
    await page.goto(urls.result(assessment))
    await idva.press('Refer now')
    assert.equal(await idva.heading(), 'Rosalind Quernmore')
  })

  test('shows both reasons when somebody saved others in the meantime', async () => {
    const { idva, page, assessment } = await atResult('Winifred Quernmore', { answered: true })
    const second = await idva.context.newPage()
    await second.goto(urls.result(assessment))
    await reasonsOf(second).fill('Theirs, saved first')
    await second.getByLabel('They say that they are in danger').check()
    await second.getByRole('button', { name: 'Complete the assessment' }).click()
    await second.getByRole('button', { name: 'Save judgement' }).waitFor()
    await reasonsOf(page).fill('Mine, saved second')
    await idva.press('Complete the assessment')
    assert.match(await text(page), /Theirs, saved first/)
    assert.equal(await reasonsOf(page).inputValue(), 'Mine, saved second')
    // What only they changed is theirs, and nothing to decide.
    assert.ok(await page.getByLabel('They say that they are in danger').isChecked())
    await check(page, 'result, both texts')
    await idva.press('Save judgement')
    assert.equal(await reasonsOf(page).inputValue(), 'Mine, saved second')
    // And nobody signs what they have not seen.
    await second.getByRole('button', { name: 'Sign', exact: true }).click()
    await second.getByRole('alert').getByText('This was changed since you opened it').waitFor()
    assert.equal(await reasonsOf(second).inputValue(), 'Mine, saved second')
  })
})

describe('an error says whose field it is about', () => {
  const errorsOn = (page) => page.getByRole('alert').getByRole('link').allInnerTexts()
  /** A draft of the IDVA's with two children, of whom little is known. */
  const draftOf = (changes) =>
    house.office.call('idva', 'ReferralService', 'SaveDraft', {
      parent: 'areas/mk',
      referral: { children: [{ name: { value: 'Ada' } }, { name: { value: 'Bea' } }], ...changes },
    })

  test('on the check page, where several people have the same fields', async () => {
    const { name } = await draftOf({ perpetrators: [{ name: { value: 'Garth Ravensty' } }] })
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.check(name))
    await idva.press('Send the referral')
    const errors = await errorsOn(page)
    assert.deepEqual(
      errors.filter((one, at) => errors.indexOf(one) !== at),
      [],
    )
    for (const who of ['Who they are', 'Who causes the harm', 'Children, 1', 'Children, 2']) {
      assert.ok(
        errors.some((one) => one.startsWith(`${who}: date of birth. `)),
        `${who} in ${errors}`,
      )
    }
    await check(page, 'check, with errors of several people')
    // Each leads to a field that is there.
    const links = await page.getByRole('alert').getByRole('link').all()
    for (const href of await Promise.all(links.map((link) => link.getAttribute('href')))) {
      const [path, id] = href.split('#')
      await page.goto(path)
      assert.equal(await page.locator(`[id="${id}"]`).count(), 1, href)
    }
  })

  test('on a part of a referral, in the words of its fields', async () => {
    const { name } = await draftOf({
      perpetrators: [{ name: { value: 'Garth Ravensty' } }, { name: { value: 'Colm Ravensty' } }],
    })
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.section(name, 'harm'))
    await page.getByLabel('Year').nth(1).fill('2101')
    await page.getByLabel('Month').nth(1).fill('1')
    await page.getByLabel('Day').nth(1).fill('1')
    await idva.press('Save and continue')
    const [error, ...more] = await errorsOn(page)
    assert.match(error, /^Person 2\. Date of birth: /)
    assert.deepEqual(more, [])
    await check(page, 'who causes the harm, with an error')
  })

  test('on the questions, with their numbers', async () => {
    const idva = await house.as('idva', { script: false })
    const { page } = idva
    await startAssessment(idva, { victim: 'Leonie Quernmore', harm: 'Unknown' })
    for (const item of ['FEAR', 'STRANGLE']) {
      const question = page.locator(`[data-item=${item}]`)
      await question.getByLabel('Yes', { exact: true }).check()
      await question.locator('summary').click()
      await question.getByLabel('Where the answer comes from').selectOption('SOURCE_ROLE_POLICE')
    }
    await idva.press('Save and see what it comes to')
    const errors = await errorsOn(page)
    assert.equal(errors.length, 2)
    for (const error of errors) assert.match(error, /^Question \d+: say who told you/)
    assert.notEqual(errors[0], errors[1])
  })

  test('on the result, and leads to the questions that were not asked', async () => {
    const idva = await house.as('idva')
    await startAssessment(idva, { victim: 'Perpetua Quernmore', harm: 'Unknown' })
    const assessment = `x/${idOf(idva.page)}`
    await idva.page.goto(urls.result(assessment))
    await idva.press('Complete the assessment')
    await idva.page.getByRole('link', { name: /questions were not asked/ }).click()
    await idva.page.waitForURL((url) => url.pathname === urls.questions(assessment))
  })
})

test('a name of one long word makes no page wider than a telephone', async () => {
  const word = 'Aberystwythian'.repeat(13) // A referral takes 200 letters, an assessment more.
  const { name } = await house.office.call('idva', 'ReferralService', 'SaveDraft', {
    parent: 'areas/mk',
    referral: { victim: { name: { value: word } } },
  })
  const idva = await house.as('idva')
  const { page } = idva
  await page.goto(urls.newAssessment)
  await page.getByLabel('Name of the person at risk', { exact: true }).fill(word + word)
  await page.getByLabel('All on one page').check()
  await idva.press('Start')
  const assessment = `x/${idOf(page)}`
  const caseName = await house.office.acceptedCase({ victim: word, harm: word, newAddress: word })
  const seen = [
    [urls.home, urls.referrals, urls.referral(name), urls.check(name), urls.section(name, 'person')],
    [urls.assessments, urls.assessment(assessment), urls.result(assessment)],
    [urls.cases, urls.case(caseName)],
  ]
  for (const path of seen.flat()) {
    await page.goto(path)
    await check(page, `${path.replace(/[a-z0-9]{20,}/, '*')}, a long word`)
  }
  const waiting = await send({ call: (...what) => house.office.call('idva', ...what) }, whole(word))
  const coordinator = await house.as('coordinator')
  for (const path of [urls.home, urls.triage, urls.triageOf(waiting.name), urls.case(caseName)]) {
    await coordinator.page.goto(path)
    await check(coordinator.page, `${path.replace(/[a-z0-9]{20,}/, '*')}, a long word, coordinator`)
  }
})

describe('every page', () => {
  let assessment
  let referral
  let addresses

  before(async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    await startAssessment(idva, { victim: 'Bryony Castlegate', harm: 'Miles Castlegate' })
    assessment = `x/${idOf(idva.page)}`
    await idva.page.locator('[data-item=STRANGLE]').getByLabel('Yes', { exact: true }).check()
    await idva.page.locator('[data-item=STRANGLE]').getByText('Saved', { exact: true }).waitFor()
    await idva.press('Save and refer')
    referral = `x/${idOf(idva.page)}`
    // Without agreement there is one part more.
    await idva.page.goto(urls.section(referral, 'voice'))
    await idva.page
      .getByRole('group', { name: 'Do they agree to this referral?' })
      .getByLabel('No', { exact: true })
      .check()
    await idva.press('Save and continue')
    assert.equal(await idva.heading(), 'Sharing without agreement')
    const sections =
      'person about contact voice sharing harm children excluded reason grounds referrer urgent'.split(' ')
    const [meeting] = await house.office.meeting()
    const caseName = await house.office.acceptedCase({
      victim: 'Bryony Castlegate',
      harm: 'Miles Castlegate',
      newAddress: '4 Sheltered Row',
    })
    const { protected_details: details } = await house.office.case('idva', caseName)
    await house.office.call('idva', 'AccessService', 'SaveOwnRegister', {
      register: { people: [{ relation: 'REGISTERED_RELATION_SELF', name: { value: 'Amara Thistlewood' } }] },
    })
    // Each address of the table; what is made of two arguments is listed with each second one.
    addresses = Object.entries(urls).flatMap(([name, url]) => {
      if (name === 'meetingDates') return [] // A file, and no page.
      if (typeof url === 'string') return [url]
      if (name === 'caseAccessDo')
        return ['restrict', 'open', 'exclude', 'decide'].map((what) => url(caseName, what))
      if (name === 'registered' || name === 'removeRegistered') return [url(0)]
      if (name === 'section') return sections.map((section) => url(referral, section))
      if (name === 'question') return [url(assessment, 1), url(assessment, 24)]
      if (name === 'action') return ['/actions/none']
      if (name === 'caseInMeeting') return [url(meeting.name, caseName)]
      if (name.startsWith('case')) return [url(caseName, details[0].detail)]
      if (name === 'meetingDo') {
        return ['attendance', 'apologies', 'late', 'sign', 'move', 'cancel', 'opening'].map((what) =>
          url(meeting.name, what),
        )
      }
      if (name === 'meeting') return [url(meeting.name)]
      if (url.length > 1) return [url('x/none', 'x/none')]
      return [url(/referrals/.test(url('x')) ? referral : assessment)]
    })
  })

  /** Looks at each page, and then at the locked one. */
  const sweep = async (person, look) => {
    const found = []
    const see = async (path, name = path.replace(/[a-z0-9]{20,}/, '*')) => {
      await person.page.goto(path)
      for (const one of await look(person.page)) found.push(`${name}: ${one}`)
    }
    for (const path of addresses) if (!['/exit', '/sign-out'].includes(path)) await see(path)
    await house.stack.lockSession(await person.context.cookies())
    await see('/', 'locked')
    assert.equal(await person.heading(), 'Locked')
    return found
  }

  test('sends the security headers, whatever the answer is', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    for (const path of [
      ...addresses.filter((path) => !['/exit', '/sign-out'].includes(path)),
      '/nothing',
      '/assets/nothing',
      '/health/live',
    ]) {
      for (const method of ['get', 'post']) {
        const answer = await idva.context.request[method](path, { maxRedirects: 0, ignoreHTTPSErrors: true })
        const headers = answer.headers()
        const policy = headers['content-security-policy'] ?? ''
        for (const part of [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "form-action 'self'",
        ]) {
          assert.ok(policy.includes(part), `${method} ${path}: no ${part}`)
        }
        assert.ok(!/unsafe|\*|http/.test(policy), `${method} ${path}: ${policy}`)
        assert.equal(headers['cache-control'], 'no-store', `${method} ${path}`)
        assert.equal(headers['referrer-policy'], 'no-referrer')
        assert.equal(headers['x-content-type-options'], 'nosniff')
        assert.equal(headers['x-frame-options'], 'DENY')
        assert.match(headers['strict-transport-security'], /max-age=31536000/)
        assert.equal(headers['x-powered-by'], undefined)
      }
    }
  })

  test('is accessible at three widths, and says nothing in its title or address (R-23)', async () => {
    const idva = await sitDown()
    await idva.page.goto('/sign-in')
    await check(idva.page, 'sign-in')
    await idva.press('Sign in')
    await check(idva.page, 'sign-in, with errors')
    await idva.signIn('idva', password)
    for (const path of addresses) {
      if (['/exit', '/sign-out'].includes(path)) continue
      const answer = await idva.page.goto(path)
      const name = path.replaceAll(/[a-z0-9]{20,}/g, '*')
      await check(idva.page, `${name} (${answer.status()})`)
      const said = `${await idva.page.title()} ${idva.page.url()}`
      assert.doesNotMatch(said, /marac|domestic|abuse|violence|victim|castlegate|bryony/i)
    }
    assert.deepEqual(
      idva.faults.filter((fault) => !/status of 40[0-9]/.test(fault)),
      [],
    )
  })

  test('is used by the keyboard alone: everything is come to, and shows that it is', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    assert.deepEqual(await sweep(idva, notForKeyboards), [])
  })

  test('is whole when somebody reads at twice the size (WCAG 1.4.4)', async () => {
    const large = await launch({ textSize: 32 })
    try {
      const idva = await Person.sitDown(large, house.stack.origin)
      await idva.signIn('idva', password)
      const found = await sweep(idva, cutOff)
      const size = await idva.page.evaluate(() =>
        parseFloat(getComputedStyle(document.querySelector('p')).fontSize),
      )
      assert.ok(size >= 32, `the text is ${size} px, so nothing was proved`)
      assert.deepEqual(found, [])
    } finally {
      await large.close()
    }
  })

  test('shows its errors accessibly: the result, the check page and an action', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    await idva.page.goto(urls.result(assessment))
    await idva.press('Complete the assessment')
    assert.ok(await idva.page.getByRole('alert').isVisible())
    await check(idva.page, 'result, with errors')
    await idva.page.goto(urls.check(referral))
    await idva.press('Send the referral')
    await check(idva.page, 'check, with errors')
    // Each error leads to its field.
    await idva.page.getByRole('alert').getByRole('link').first().click()
    await idva.page.waitForURL(/#/)
    const id = new URL(idva.page.url()).hash.slice(1)
    assert.ok(await idva.page.locator(`[id="${id}"]`).count(), `there is no field ${id}`)
  })

  test('is closed to strangers, and to a form that is not ours', async () => {
    const stranger = await sitDown()
    for (const path of addresses) {
      // These show nothing of anybody; asking to be proved anew, and a form that nobody holds, lead to the sign-in.
      if ([urls.signIn, urls.help, urls.exit, urls.recover, urls.stepUp, urls.form].includes(path)) continue
      const answer = await stranger.context.request.get(path, { ignoreHTTPSErrors: true, maxRedirects: 0 })
      assert.ok([401, 404].includes(answer.status()), `${path}: ${answer.status()}`)
      assert.doesNotMatch(await answer.text(), /Castlegate/)
    }
    const idva = await sitDown()
    await idva.signIn('idva', password)
    const token = await idva.page.locator('[name=_token]').first().inputValue()
    const send = (headers, form) =>
      idva.context.request.post(urls.refer(assessment), {
        ignoreHTTPSErrors: true,
        maxRedirects: 0,
        headers,
        form,
      })
    assert.equal((await send({}, {})).status(), 403)
    assert.equal((await send({}, { _token: 'x'.repeat(43) })).status(), 403)
    assert.equal((await send({ 'Sec-Fetch-Site': 'cross-site' }, { _token: token })).status(), 403)
    assert.equal((await send({ Origin: 'https://elsewhere.example' }, { _token: token })).status(), 403)
    assert.equal((await send({ 'Sec-Fetch-Site': 'same-origin' }, { _token: token })).status(), 303)
  })

  test('is gone after the exit, and opens only by unlocking', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    const cookies = await idva.context.cookies()
    assert.ok(
      cookies.every(
        ({ name, secure, httpOnly, sameSite }) =>
          name.startsWith('__Host-') && secure && httpOnly && sameSite === 'Strict',
      ),
    )
    const out = await idva.context.request.get('/exit', { ignoreHTTPSErrors: true, maxRedirects: 0 })
    assert.equal(out.status(), 303)
    const answer = await idva.page.goto('/')
    assert.equal(answer.status(), 401)
    assert.equal(await idva.heading(), 'Locked')
    await idva.page.getByLabel('Password', { exact: true }).fill(password)
    await idva.press('Unlock')
    assert.equal(await idva.heading(), 'My work')
  })
})

describe('two people over one channel', () => {
  test('never see each other, however their requests are mixed', async () => {
    const requests = Number(process.env.INTERLEAVED ?? 10_000)
    const [one, two] = [await sitDown(), await sitDown()]
    await one.signIn('idva', password)
    await two.signIn('police', password)
    await startAssessment(two, { victim: 'Petra Quillfeather', harm: 'Unknown' })
    await startAssessment(one, { victim: 'Josefa Larkspurne', harm: 'Unknown' })
    let leaks = 0
    let done = 0
    const ask = async (person, mine, theirs) => {
      for (let at = 0; at < requests / 10; ++at) {
        const answer = await person.context.request.get(at % 2 ? '/' : '/assessments', {
          ignoreHTTPSErrors: true,
        })
        const text = await answer.text()
        done += 1
        if (!text.includes(mine) || text.includes(theirs)) leaks += 1
      }
    }
    await Promise.all(
      Array.from({ length: 5 }, () => [
        ask(one, 'Josefa Larkspurne', 'Petra Quillfeather'),
        ask(two, 'Petra Quillfeather', 'Josefa Larkspurne'),
      ]).flat(),
    )
    figures.interleaved_requests = done
    figures.interleaved_leaks = leaks
    assert.equal(leaks, 0)
  })
})
