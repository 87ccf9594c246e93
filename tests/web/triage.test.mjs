// Triage in real Chromium before a real maracd: the coordinator reads, decides, and is led to the next; with script,
// without it, and by keyboard alone.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { send, urgent, whole } from './referrals.mjs'
import { House } from './house.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['mirela'] })
const sitDown = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)

before(async () => {
  await house.stack.as('coordinator', (marac) =>
    marac.call('MeetingService', 'ScheduleMeetings', {
      parent: 'areas/mk',
      first_day: wednesdayInAMonth(),
      count: 2,
      start_minute: 570,
      length: { seconds: '10800' },
      venue: 'Lantern room',
    }),
  )
})

function wednesdayInAMonth() {
  const day = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000)
  while (day.getUTCDay() !== 3) day.setUTCDate(day.getUTCDate() + 1)
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() }
}

const ago = (days) => ({ seconds: String(Math.floor(Date.now() / 1000) - days * 24 * 60 * 60) })
const dayAgo = (days) => {
  const day = new Date(Date.now() - days * 24 * 60 * 60 * 1000)
  return { day: { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() } }
}

const idva = (what) => house.stack.as('idva', what)
const sent = (referral, more) => idva((marac) => send(marac, referral, more))
const stateOf = async ({ name }) => {
  const now = await idva((marac) => marac.call('ReferralService', 'GetReferral', { name }))
  return now.state.replace('REFERRAL_STATE_', '')
}
const accept = (referral) =>
  house.stack.as('coordinator', (marac) =>
    marac.call('ReferralService', 'AcceptReferral', { name: referral.name, etag: referral.etag }),
  )

const text = (page) => page.locator('main').innerText()

async function decide(person, label) {
  await person.page.getByRole('group', { name: 'What do you decide?' }).getByLabel(label).check()
  await person.press('Continue')
}

for (const script of [true, false]) {
  const how = script ? 'with script' : 'without script'
  // What a page is without script, it is with script too; it is looked at once.
  const look = script ? check : () => undefined
  const family = script ? 'Oakbarrow' : 'Farrowmere'

  describe(`a coordinator on a Monday morning, ${how}`, () => {
    let ordinary
    let pressing
    let unclear

    before(async () => {
      unclear = await sent(whole(`${family}-Quell`))
      ordinary = await sent(whole(family))
      pressing = await sent(urgent(`${family}-Stell`))
    })

    test('comes from my work to what waits, urgent ones first, and accepts', async () => {
      const coordinator = await sitDown('coordinator', { script })
      const { page } = coordinator
      await page.getByRole('link', { name: 'referrals wait for triage' }).waitFor()
      assert.match(await text(page), /3 referrals wait for triage\s+1 urgent/)
      await look(page, 'my work of a coordinator')
      await coordinator.follow('3 referrals wait for triage')
      const names = await page.locator('main .govuk-task-list__link').allInnerTexts()
      assert.deepEqual(
        names,
        [`${family}-Stell`, `${family}-Quell`, family].map((name) => `Mirela ${name}`),
      )
      const first = await page.locator('main .govuk-task-list__item').first().innerText()
      assert.match(first, /Urgent/)
      assert.match(first, /Amara Thistlewood, IDVA, Lantern IDVA service/)
      assert.match(first, /Came today\. In time for the meeting on \d+ \w+ 20\d\d/)
      assert.match(first, /answers are missing: Who they are, About them/)
      assert.match(await page.locator('main .govuk-task-list__item').nth(1).innerText(), /Complete/)
      await look(page, 'what waits')

      await coordinator.follow(`Mirela ${family}`)
      const shown = await text(page)
      for (const part of [
        'Contact them only in the safe way',
        'Garth came to the house at night',
        'Judged to be high',
        'They agree',
        'Nobody, it was said',
        'Nobody here has the same name',
      ]) {
        assert.ok(shown.includes(part), `${part} is not there`)
      }
      assert.doesNotMatch(shown, /01632 960456/, 'the safe contact is kept apart')
      await look(page, 'one that waits')
      await coordinator.press('Continue')
      assert.match(await page.getByRole('alert').innerText(), /Say what you decide/)
      await look(page, 'no decision')
      await decide(coordinator, 'Accept it as a new case')
      assert.match(await text(page), /You cannot undo this/)
      await look(page, 'accept')
      await coordinator.press('Accept as a new case')
      // The next is there, with what was done and what happens next.
      assert.equal(await coordinator.heading(), `Mirela ${family}-Stell`)
      const banner = await page.locator('.govuk-notification-banner').innerText()
      assert.match(banner, /accepted as case MK-\d\d-[0-9A-Z]{4}-[0-9A-Z]/)
      assert.match(banner, /agenda goes out by/)
      await look(page, 'accepted, and the next')
      assert.equal(await stateOf(ordinary), 'ACCEPTED')
      // From the sign-in to the next one: my work, what waits, the referral (twice, for the slip), the decision.
      assert.ok(coordinator.pages <= 8, `${coordinator.pages} pages`)
      house.figures.journeys += 1
    })

    test('sends one back with what misses ticked, and its author is led to each', async () => {
      const coordinator = await sitDown('coordinator', { script })
      const { page } = coordinator
      await page.goto(urls.triageOf(pressing.name))
      await decide(coordinator, 'Send it back')
      assert.doesNotMatch(await text(page), /cannot undo/)
      await look(page, 'send back')
      await coordinator.press('Send it back')
      assert.match(await page.getByRole('alert').innerText(), /Say what is wrong or missing/)
      await look(page, 'send back, with errors')
      await page.getByLabel('Date of birth').check()
      await page.getByLabel('Are there children?').check()
      await coordinator.press('Send it back')
      assert.match(await page.locator('.govuk-notification-banner').innerText(), /sent back/)
      assert.equal(await stateOf(pressing), 'RETURNED')

      const author = await sitDown('idva', { script })
      await author.page.goto(urls.referral(pressing.name))
      await author.follow('Date of birth')
      assert.ok(await author.page.locator('[name="referral.victim.birth_date.day"]').isVisible())
      await page.goto(urls.triage)
      assert.match(await text(page), /Sent back, and not sent again yet[^]*01632 960123/)
      await look(page, 'what waits, with what was sent back')

      // Sent again, it is marked.
      await idva(async (marac) => {
        const now = await marac.call('ReferralService', 'GetReferral', { name: pressing.name })
        await marac.call('ReferralService', 'SubmitReferral', { name: now.name, etag: now.etag })
      })
      await page.reload()
      assert.match(await page.locator('main .govuk-task-list__item').first().innerText(), /Came back/)
    })

    test('adds what the referrer says on the telephone', async () => {
      const coordinator = await sitDown('coordinator', { script })
      const { page } = coordinator
      await page.goto(urls.triageOf(pressing.name))
      await coordinator.follow('Add what the referrer told you')
      await page.getByLabel('Gender', { exact: true }).fill('female')
      await look(page, 'add')
      await coordinator.press('Save')
      assert.match(await page.getByRole('alert').innerText(), /Say who told it/)
      assert.equal(await page.getByLabel('Gender', { exact: true }).inputValue(), 'female')
      await look(page, 'add, with errors')
      await page.getByLabel('Who told you, and how').fill('Amara Thistlewood, by telephone')
      await coordinator.press('Save')
      assert.match(await text(page), /told by Amara Thistlewood, by telephone: About them: gender/)
      const now = await idva((marac) => marac.call('ReferralService', 'GetReferral', { name: pressing.name }))
      assert.equal(now.victim.gender.value, 'female')
      assert.equal(now.additions.length, 1)
    })

    test('declines one with a signpost, and nothing waits any more', async () => {
      const coordinator = await sitDown('coordinator', { script })
      const { page } = coordinator
      await page.goto(urls.triageOf(unclear.name))
      await decide(coordinator, 'Decline it')
      await coordinator.press('Decline it')
      assert.equal(await page.locator('.govuk-error-message').count(), 2)
      await look(page, 'decline, with errors')
      await page.getByLabel('Why it is not for this meeting').fill('Both live in another area now.')
      await coordinator.press('Decline it')
      assert.equal(
        await page.getByLabel('Why it is not for this meeting').inputValue(),
        'Both live in another area now.',
      )
      await page.getByLabel('Where to turn instead').fill('The office of that area, 01632 960999')
      await coordinator.press('Decline it')
      assert.match(await page.locator('.govuk-notification-banner').innerText(), /declined/)
      assert.equal(await stateOf(unclear), 'DECLINED')
      await page.goto(urls.triageOf(unclear.name))
      assert.match(await text(page), /does not wait for triage any more[^]*01632 960999/)
      await look(page, 'declined')

      // The last one: no ground holds, so it is said why it is accepted.
      await page.goto(urls.triageOf(pressing.name))
      await decide(coordinator, 'Accept it as a new case')
      await coordinator.press('Accept as a new case')
      assert.match(await page.getByRole('alert').innerText(), /No ground for a referral holds/)
      await page.getByLabel('Why it is accepted all the same').fill('Released tomorrow.')
      await coordinator.press('Accept as a new case')
      assert.equal(await coordinator.heading(), 'Triage')
      assert.match(await text(page), /Nothing waits/)
      await look(page, 'nothing waits')
    })
  })
}

describe('the same people again', () => {
  test('a repeat is shown with the fields that agreed and both anchors, and accepted as one', async () => {
    await accept(
      await sent(
        whole('Larkspurne', { reason: { narrative: 'The first time.', latest_incident: dayAgo(40) } }),
      ),
    )
    const again = await sent(
      whole('Larkspurne', { reason: { narrative: 'The second time.', latest_incident: dayAgo(0) } }),
    )
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triageOf(again.name))
    const candidate = page.getByRole('region', { name: /^Case MK-/ })
    const shown = await candidate.innerText()
    assert.match(shown, /Same two people/)
    assert.match(shown, /Repeat/)
    // Each line of what is shown begins at its beginning.
    assert.match(shown, /born 17 May 1991\nThe same: name, date of birth, address/)
    assert.match(shown, /Last referred\s+\d+ \w+ \d+, and a new incident within 12 months/)
    assert.match(shown, /Last heard\s+Never/)
    await check(page, 'a candidate')
    await decide(coordinator, /Accept it as a repeat of MK-/)
    await check(page, 'accept as a repeat')
    await coordinator.press('Accept as a repeat')
    assert.match(await page.locator('.govuk-notification-banner').innerText(), /a repeat, case MK-/)
    const now = await idva((marac) => marac.call('ReferralService', 'GetReferral', { name: again.name }))
    const made = await house.stack.as('coordinator', (marac) =>
      marac.call('CaseService', 'GetCase', { name: now.case_name }),
    )
    assert.equal(made.kind, 'CASE_KIND_REPEAT')
  })

  test('roles changed over are a warning, and nothing is offered to be put together', async () => {
    await accept(await sent(whole('Quillfeather')))
    const turned = whole('Quillfeather')
    const reversed = await sent({
      ...turned,
      victim: {
        ...turned.victim,
        name: { value: 'Garth Quillfeather' },
        birth_date: turned.perpetrators[0].birth_date,
      },
      perpetrators: [
        {
          ...turned.perpetrators[0],
          name: { value: 'Mirela Quillfeather' },
          aliases: [],
          has_aliases: 'YES_NO_NO',
          birth_date: turned.victim.birth_date,
        },
      ],
    })
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triageOf(reversed.name))
    assert.match(await text(page), /the same two people with the parts changed over/)
    const choices = await page.getByRole('radio').evaluateAll((radios) => radios.map(({ value }) => value))
    assert.deepEqual(choices, ['new', 'return', 'decline'])
    await check(page, 'roles changed over')
    await accept(reversed)
  })

  test('two that wait are kept together as one', async () => {
    const one = await sent(whole('Wychcombe'))
    const other = await house.stack.as('police', (marac) => send(marac, whole('Wychcombe')))
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triageOf(other.name))
    await decide(coordinator, /It is the same matter as the referral by Amara Thistlewood/)
    await check(page, 'duplicate')
    await coordinator.press('Keep with the other referral')
    assert.match(await page.locator('.govuk-notification-banner').innerText(), /kept with the other/)
    assert.equal(await stateOf(one), 'SUBMITTED')
    // The one that waited becomes a case of its own, and is not put into one.
    await page.goto(urls.triageOf(one.name))
    await decide(coordinator, 'Accept it as a new case')
    await coordinator.press('Accept as a new case')
    const said = await page.locator('.govuk-notification-banner').innerText()
    assert.match(said, /accepted as case\s+MK-/)
    assert.doesNotMatch(said, /put into/)
  })

  test('people who must not see it are answered for before it is put into an open case', async () => {
    await accept(await sent(whole('Castlegate')))
    const further = await sent(whole('Castlegate', { has_excluded_people: 'YES_NO_YES' }), {
      excluded_people: [
        { person: 'Nerys Castlegate', agency: 'agencies/housing', reason: 'His sister' },
        { person: 'Dale Castlegate', reason: 'His brother' },
      ],
    })
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triageOf(further.name))
    assert.match(await text(page), /Must not see it\s+2 to be answered for first/)
    await check(page, 'people to be answered for')
    await decide(coordinator, /Put it into the open case/)
    await coordinator.press('Put into the open case')
    assert.match(await page.getByRole('alert').innerText(), /Say first who the people are/)
    assert.equal(await stateOf(further), 'SUBMITTED')
    await check(page, 'put into a case, refused')
    await coordinator.follow('Say who they are')
    await check(page, 'people')
    await coordinator.press('Save')
    await check(page, 'people, nothing said')
    const nerys = page.getByRole('region', { name: 'Nerys Castlegate' })
    // Those of the agency that was named are the first to choose from.
    assert.match(await nerys.getByRole('option').nth(1).innerText(), /Housing and homelessness/)
    await nerys.getByLabel('They work here, and are shut out').check()
    await page
      .getByRole('region', { name: 'Dale Castlegate' })
      .getByLabel('They do not work for any agency here')
      .check()
    await coordinator.press('Save')
    assert.match(await page.getByRole('alert').innerText(), /Nerys Castlegate: choose their account/)
    assert.match(await text(page), /Dale Castlegate\s+Does not work/)
    await check(page, 'people, one answered')
    await nerys.getByLabel('If they work here').selectOption({ index: 1 })
    await coordinator.press('Save')
    assert.match(await text(page), /Must not see it\s+All answered for/)
    await decide(coordinator, /Put it into the open case/)
    await coordinator.press('Put into the open case')
    assert.match(await page.locator('.govuk-notification-banner').innerText(), /put into case\s+MK-/)
    assert.equal(await stateOf(further), 'ACCEPTED')
  })

  test('an answer that contradicts itself, or the names of those who work here, shuts nobody out in silence', async () => {
    const referral = await sent(whole('Cawdrey', { has_excluded_people: 'YES_NO_YES' }), {
      excluded_people: [
        { person: 'Nerys Cawdrey', agency: 'agencies/housing', reason: 'His sister' },
        { person: 'lucja  FENNIMORE', reason: 'Her neighbour' },
        { person: 'Dale Cawdrey', reason: 'His brother' },
      ],
    })
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triagePeople(referral.name))
    const nerys = page.getByRole('region', { name: 'Nerys Cawdrey' })
    const dale = page.getByRole('region', { name: 'Dale Cawdrey' })
    const lucja = page.getByRole('region', { name: /lucja/ })
    const works = 'If they work here'
    const worksNot = 'They do not work for any agency here'
    await nerys.getByLabel(worksNot).check()
    await nerys.getByLabel(works).selectOption({ index: 1 })
    await lucja.getByLabel(worksNot).check()
    await dale.getByLabel(works).selectOption({ index: 2 })
    await coordinator.press('Save')
    const errors = await page.getByRole('alert').innerText()
    assert.match(
      errors,
      /Nerys Cawdrey: you chose .*, Housing and homelessness, and said that they do not work here: choose one/,
    )
    assert.match(errors, /lucja FENNIMORE: somebody with this name works here/)
    assert.match(errors, /Dale Cawdrey: you chose .*\. Say as well that they work here/)
    for (const link of await page.getByRole('alert').getByRole('link').all()) {
      assert.equal(await page.locator(await link.getAttribute('href')).count(), 1)
    }
    // Nobody is answered for by that, and everything that was chosen is still there.
    assert.doesNotMatch(await text(page), /Answered/)
    assert.ok(await nerys.getByLabel(worksNot).isChecked())
    const chosen = await nerys.getByLabel(works).inputValue()
    assert.notEqual(chosen, '')
    await check(page, 'people, contradicted')
    await nerys.getByLabel('They work here, and are shut out').check()
    await lucja.getByLabel('It is somebody else with the same name').check()
    await dale.getByLabel(works).selectOption('')
    await dale.getByLabel(worksNot).check()
    await coordinator.press('Save')
    assert.match(await text(page), /Must not see it\s+All answered for/)
    const { excluded_people: people } = await house.stack.as('coordinator', (marac) =>
      marac.call('ReferralService', 'ListExcludedPeople', { referral: referral.name }),
    )
    assert.deepEqual(people.map(({ person, account }) => `${person}: ${account}`).sort(), [
      'Dale Cawdrey: ',
      `Nerys Cawdrey: ${chosen}`,
      'lucja  FENNIMORE: ',
    ])
    await accept(await idva((marac) => marac.call('ReferralService', 'GetReferral', { name: referral.name })))
  })
})

describe('when two look at the same', () => {
  const add = (referral) =>
    idva(async (marac) => {
      const now = await marac.call('ReferralService', 'GetReferral', { name: referral.name })
      return marac.call('ReferralService', 'SaveDraft', {
        parent: 'areas/mk',
        referral: { ...now, reason: { ...now.reason, narrative: 'He has her new address.' } },
      })
    })

  test('what its author added since is shown before anything is decided, and nothing typed is lost', async () => {
    const referral = await sent(urgent('Brackenhurst'))
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triageOf(referral.name))
    await add(referral)
    await decide(coordinator, 'Decline it')
    assert.match(await text(page), /changed since you read it[^]*He has her new address/)
    await check(page, 'changed since it was read')
    await decide(coordinator, 'Decline it')
    await page.getByLabel('Why it is not for this meeting').fill('Known to the other area.')
    await page.getByLabel('Where to turn instead').fill('01632 960999')
    await idva(async (marac) => {
      const now = await marac.call('ReferralService', 'GetReferral', { name: referral.name })
      await marac.call('ReferralService', 'SaveDraft', {
        parent: 'areas/mk',
        referral: { ...now, reason: { ...now.reason, why_now: 'He was released this morning.' } },
      })
    })
    await coordinator.press('Decline it')
    // Both: the record as it is now, and what was about to be sent.
    assert.match(await text(page), /Somebody changed this referral[^]*He was released this morning/)
    assert.equal(
      await page.getByLabel('Why it is not for this meeting').inputValue(),
      'Known to the other area.',
    )
    assert.equal(await stateOf(referral), 'SUBMITTED')
    await check(page, 'changed while it was decided')
    await coordinator.press('Decline it')
    assert.equal(await stateOf(referral), 'DECLINED')
  })

  test('one decision sent twice is one, and a second one is refused', async () => {
    const referral = await sent(whole('Fennimore'))
    const coordinator = await sitDown('coordinator')
    const { page, context } = coordinator
    await page.goto(urls.triageOf(referral.name))
    await decide(coordinator, 'Accept it as a new case')
    const address = page.url()
    const form = Object.fromEntries(
      await page
        .locator('main form input')
        .evaluateAll((inputs) => inputs.map(({ name, value }) => [name, value])),
    )
    const other = await context.newPage()
    await other.goto(address)
    const declining = await context.newPage()
    await declining.goto(urls.decision(referral.name, 'decline'))
    await declining.getByLabel('Why it is not for this meeting').fill('Known to the other area.')
    await declining.getByLabel('Where to turn instead').fill('01632 960999')
    await coordinator.press('Accept as a new case')
    const before = await idva((marac) =>
      marac.call('ReferralService', 'GetReferral', { name: referral.name }),
    )
    const again = await context.request.post(urls.decision(referral.name, 'new'), {
      ignoreHTTPSErrors: true,
      maxRedirects: 0,
      headers: { 'Sec-Fetch-Site': 'same-origin' },
      form,
    })
    assert.equal(again.status(), 303)
    const now = await idva((marac) => marac.call('ReferralService', 'GetReferral', { name: referral.name }))
    assert.equal(now.case_name, before.case_name)
    await other.getByRole('button', { name: 'Accept as a new case' }).click()
    await other.getByRole('alert').waitFor()
    // What was decided is shown, with nothing to decide; and what was written for another decision.
    assert.match(await text(other), /decided before you sent this[^]*accepted as case MK-/)
    await declining.getByRole('button', { name: 'Decline it' }).click()
    await declining.getByRole('alert').waitFor()
    assert.match(
      await text(declining),
      /accepted as case MK-[^]*not sent[^]*Known to the other area\.[^]*01632 960999/,
    )
    assert.equal(await declining.getByRole('button', { name: 'Decline it' }).count(), 0)
    await check(declining, 'decided before it was declined')
  })
})

describe('an entry for somebody else', () => {
  test('begins with whose it is and how it came, and waits from the day it came', async () => {
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triage)
    await coordinator.press('Enter a referral that came another way')
    await check(page, 'enter')
    await coordinator.press('Continue')
    assert.match(await page.getByRole('alert').innerText(), /Say whether it can wait/)
    await check(page, 'enter, with errors')
    const day = new Date(Date.now() - 9 * 24 * 60 * 60 * 1000)
    const came = (part) => page.locator(`[name="referral.referrer.receive_time.${part}"]`)
    await page.getByLabel('Name', { exact: true }).fill('Ravi Oxenholt')
    await page.getByLabel('Job title').fill('Named nurse')
    await page.getByLabel('Agency', { exact: true }).selectOption('Primary care')
    await page.getByLabel('Work phone or email').fill('01632 960777')
    await page.getByLabel('Kind of agency').selectOption('PRIMARY_CARE')
    await page.getByLabel('Post', { exact: true }).check()
    await came('time').fill('14:30')
    await page.getByLabel('No, it is urgent').check()
    await coordinator.press('Continue')
    // A time without its day is asked about, and not dropped.
    assert.match(await page.getByRole('alert').innerText(), /When it came: enter the day/)
    assert.equal(await came('time').inputValue(), '14:30')
    await came('day').fill('31')
    await came('month').fill('2')
    await came('year').fill('2026')
    await coordinator.press('Continue')
    assert.match(await page.getByRole('alert').innerText(), /When it came: enter a real date/)
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Ravi Oxenholt')
    await came('day').fill(String(day.getUTCDate()))
    await came('month').fill(String(day.getUTCMonth() + 1))
    await came('year').fill(String(day.getUTCFullYear()))
    await coordinator.press('Continue')
    assert.equal(await coordinator.heading(), 'Urgent referral')
    await page.getByLabel('Name of the person at risk', { exact: true }).fill('Odile Tamsworth')
    await page.getByLabel('Why it cannot wait').fill('The letter says that he has found her.')
    await page.getByLabel('Nobody is to contact them directly').check()
    await page
      .getByRole('group', { name: 'Do they agree to this referral?' })
      .getByLabel('Yes', { exact: true })
      .check()
    await coordinator.press('Save and continue')
    assert.match(await text(page), /14:30/)
    assert.match(await text(page), /Primary care/)
    await coordinator.press('Send the urgent referral')
    await page.goto(urls.triage)
    const row = await page.locator('main .govuk-task-list__item').first().innerText()
    assert.match(row, /Ravi Oxenholt, Named nurse, Primary care \(by post\)/)
    assert.match(row, /Came \w+day \d+ \w+, [5-7] working days ago/)
    assert.match(row, /[5-7] working days/)
    await coordinator.follow('Odile Tamsworth')
    assert.match(await text(page), /Do not contact them directly/)
    await check(page, 'an urgent one entered for somebody else')
  })
})

describe('what a coordinator types and does not save', () => {
  /** Types as people do, and waits until it is kept. */
  const type = async (page, field, value) => {
    const kept = page.waitForResponse((answer) => answer.url().includes(urls.typed))
    await field.fill(value)
    assert.equal((await kept).status(), 204)
  }
  const goOn = async (page) => {
    await Promise.all([
      page.waitForURL(/kept=yes/),
      page.getByRole('button', { name: 'Go on with it' }).click(),
    ])
  }
  const offered = 'You have text here that was not saved'

  test('of an entry for somebody else is offered again, and gone once it is saved', async () => {
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triageEntry)
    await type(page, page.getByLabel('Name', { exact: true }), 'Ravi Oxenholt')
    // Half a date is no answer yet, and kept all the same.
    await type(page, page.locator('[name="referral.referrer.receive_time.day"]'), '3')
    await page.goto(urls.triage)
    await page.goto(urls.triageEntry)
    assert.equal(await coordinator.heading(), offered)
    assert.match(await text(page), /Ravi Oxenholt/)
    await check(page, 'enter, kept')
    await goOn(page)
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Ravi Oxenholt')
    const day = page.locator('[name="referral.referrer.receive_time.day"]')
    assert.equal(await day.inputValue(), '3')
    await day.fill('')
    await page.getByLabel('No, it is urgent').check()
    await coordinator.press('Continue')
    assert.equal(await coordinator.heading(), 'Urgent referral')
    await page.goto(urls.triageEntry)
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '')
  })

  test('of what the referrer told is offered again, also after a lock without script', async () => {
    const referral = await sent(urgent('Tillingham'))
    const coordinator = await sitDown('coordinator')
    const { page } = coordinator
    await page.goto(urls.triageAdd(referral.name))
    await type(page, page.getByLabel('Who told you, and how'), 'Amara Thistlewood, by telephone')
    await page.goto(urls.triage)
    await page.goto(urls.triageAdd(referral.name))
    assert.equal(await coordinator.heading(), offered)
    await check(page, 'add, kept')
    await goOn(page)
    assert.equal(
      await page.getByLabel('Who told you, and how').inputValue(),
      'Amara Thistlewood, by telephone',
    )
    await coordinator.leave()

    const other = await sitDown('coordinator', { script: false })
    await other.page.goto(`${urls.triageAdd(referral.name)}?kept=yes`)
    await other.page.getByLabel('Who told you, and how').fill('Amara Thistlewood, at the door')
    await other.press('Lock')
    await other.page.getByLabel('Password', { exact: true }).fill(password)
    await other.press('Unlock')
    assert.equal(
      await other.page.getByLabel('Who told you, and how').inputValue(),
      'Amara Thistlewood, at the door',
    )
    await other.page.getByLabel('Gender', { exact: true }).fill('female')
    await other.press('Save')
    assert.match(await text(other.page), /told by Amara Thistlewood, at the door: About them: gender/)
    await other.page.goto(urls.triageAdd(referral.name))
    assert.equal(await other.page.getByLabel('Who told you, and how').inputValue(), '')
    await house.stack.as('coordinator', async (marac) => {
      const { name, etag } = await marac.call('ReferralService', 'GetReferral', { name: referral.name })
      await marac.call('ReferralService', 'DeclineReferral', {
        name,
        etag,
        reasons: 'Both live in another area.',
        signpost: '01632 960999',
      })
    })
  })
})

test('by keyboard alone: from the sign-in to an accepted referral', async () => {
  const referral = await sent(whole('Velloway'))
  const coordinator = await house.sitDown()
  const { page } = coordinator
  await page.goto(urls.signIn)
  /** Tabs until this element has the focus. */
  const tabTo = async (locator) => {
    for (let presses = 0; presses < 80; ++presses) {
      await page.keyboard.press('Tab')
      if (await locator.evaluate((element) => element === document.activeElement)) return
    }
    assert.fail(`${locator} cannot be reached by keyboard`)
  }
  const enter = async (heading) => {
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  }
  await tabTo(page.getByLabel('Sign-in name'))
  await page.keyboard.type('coordinator')
  await tabTo(page.getByLabel('Password', { exact: true }))
  await page.keyboard.type(password)
  await enter('My work')
  await tabTo(page.getByRole('link', { name: /wait.* for triage/ }))
  await enter('Triage')
  await tabTo(page.getByRole('link', { name: 'Mirela Velloway' }))
  await enter('Mirela Velloway')
  await tabTo(page.getByRole('link', { name: 'Go to the decision' }))
  await page.keyboard.press('Enter')
  // The way leads on from there, not from the top again.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  assert.ok(await page.getByLabel('Accept it as a new case').isChecked())
  await tabTo(page.getByRole('button', { name: 'Continue' }))
  await enter('Accept as a new case')
  await tabTo(page.getByRole('button', { name: 'Accept as a new case' }))
  await page.keyboard.press('Enter')
  await page.getByText('accepted as case').waitFor()
  assert.equal(await stateOf(referral), 'ACCEPTED')
})

test('only a coordinator is offered triage, and nobody else comes in by the address', async () => {
  const referral = await sent(whole('Marrable'))
  for (const login of ['idva', 'police', 'chair']) {
    const person = await sitDown(login)
    assert.equal(await person.page.getByRole('link', { name: 'Triage', exact: true }).count(), 0)
    for (const path of [
      urls.triage,
      urls.triageEntry,
      urls.triageOf(referral.name),
      urls.decision(referral.name, 'new'),
    ]) {
      const answer = await person.page.goto(path)
      assert.ok([403, 404].includes(answer.status()), `${login} ${path}: ${answer.status()}`)
      assert.doesNotMatch(await person.page.content(), /What do you decide|You cannot undo/)
    }
  }
  await accept(referral)
})

test('a long list has pages, and the urgent ones of all of them come first', async () => {
  const many = 27
  await idva(async (marac) => {
    for (let at = 0; at < many; ++at) await send(marac, whole(`Hallowfen-${at}`))
    await send(marac, urgent('Zelland'))
  })
  const coordinator = await sitDown('coordinator')
  const { page } = coordinator
  await page.goto(urls.triage)
  const names = () => page.locator('main .govuk-task-list__link').allInnerTexts()
  const first = await names()
  assert.equal(first.length, 25)
  assert.ok(first.slice(0, 2).includes('Mirela Zelland'))
  await check(page, 'first page of many')
  await page.getByRole('link', { name: /^Next/ }).click()
  await page.waitForURL(/page=2/)
  const second = await names()
  assert.equal(new Set([...first, ...second]).size, first.length + second.length)
  assert.ok(second.includes(`Mirela Hallowfen-${many - 1}`))
  await check(page, 'last page of many')
  // A page that is not there is the nearest one.
  await page.goto(`${urls.triage}?page=900`)
  assert.deepEqual(await names(), second)
})
