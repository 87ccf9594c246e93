// The pages of a case: who may see what, how somebody is reached, and what is recorded.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { send, whole } from './referrals.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['oakbarrow', 'mirela', 'ashgrovely'] })
const as = (login, options) => house.as(login, options)
const check = (page, name) => house.check(page, name)
let name

before(async () => {
  name = await house.office.acceptedCase({
    victim: 'Mirela Oakbarrow',
    harm: 'Garth Oakbarrow',
    child: 'Tilda Oakbarrow',
    newAddress: '3 Sheltered Row',
  })
})

const textOf = (person) => person.page.locator('main').innerText()

for (const script of [true, false]) {
  const how = script ? 'with script' : 'without script'

  test(`an IDVA reaches somebody by the safe way and records it, ${how}`, async () => {
    const idva = await as('idva', { script })
    await idva.follow('Cases')
    await check(idva.page, 'cases')
    await idva.follow('Mirela Oakbarrow')
    await check(idva.page, 'case')
    // The number and the address are not on the page until they are asked for.
    assert.doesNotMatch(await idva.page.content(), /01632 960456|Sheltered Row/)
    await idva.press('Show how to reach them')
    assert.match(await textOf(idva), /01632 960456/)
    await check(idva.page, 'safe contact, shown')
    await idva.press('I have finished')
    assert.doesNotMatch(await idva.page.content(), /01632 960456/)

    await idva.page.goto(urls.caseContact(name))
    await check(idva.page, 'contact')
    await idva.page.getByLabel('Contact would be unsafe').check()
    await idva.press('Save')
    // What is wrong leads to its field, and what was chosen is still there.
    await idva.page.getByRole('alert').getByRole('link', { name: 'Say why' }).click()
    if (script) assert.equal(await idva.page.evaluate(() => document.activeElement?.id), 'note')
    assert.ok(await idva.page.getByLabel('Contact would be unsafe').isChecked())
    await check(idva.page, 'contact, with errors')
    await idva.page.getByLabel('In contact').check()
    await idva.page.getByLabel('What happened').fill(`Reached at the safe time, ${how}.`)
    await idva.press('Save')
    assert.equal(await idva.heading(), 'Mirela Oakbarrow')
    assert.match(await textOf(idva), new RegExp(`Reached at the safe time, ${how}`))
  })
}

test('a note that looks like what is kept apart warns its writer, and says where it is changed', async () => {
  const idva = await as('idva')
  await idva.page.goto(urls.caseContact(name))
  await idva.page.getByLabel('In contact').check()
  await idva.page.getByLabel('What happened').fill('Rang 01632 960777; she sleeps at MK99 4QX.')
  await idva.press('Save')
  assert.match(await textOf(idva), /Contact with them: this looks like a telephone number and a postcode/)
  await check(idva.page, 'case, with a warning')
  const coordinator = await as('coordinator')
  await coordinator.page.goto(urls.case(name))
  assert.doesNotMatch(await textOf(coordinator), /this looks like/, 'it is not for her to take out')
  await idva.page.locator('main').getByRole('link', { name: 'Contact with them', exact: true }).click()
  await idva.page.getByLabel('What happened').fill('Reached at the safe time.')
  await idva.press('Save')
  assert.doesNotMatch(await textOf(idva), /this looks like/)
})

test('a case of two referrals shows both ways to reach somebody, and a single "Do not contact"', async () => {
  const call = (...what) => house.office.call(...what)
  const twice = { call: (...what) => call('probation', ...what) }
  const forbidden = { safe_contact: { do_not_contact: true } }
  const first = await send(twice, whole('Ashgrovely'), forbidden)
  const second = await send(twice, whole('Ashgrovely'), forbidden)
  const duplicate = { name: second.name, etag: second.etag, duplicate_of: first.name }
  await call('coordinator', 'ReferralService', 'MarkDuplicate', duplicate)
  const { etag } = await call('coordinator', 'ReferralService', 'GetReferral', { name: first.name })
  const accepted = await call('coordinator', 'ReferralService', 'AcceptReferral', { name: first.name, etag })
  const idva = await as('idva')
  await idva.page.goto(urls.case(accepted.case_name))
  assert.match(await textOf(idva), /Do not contact them directly/)
  assert.equal(await idva.page.locator('.govuk-tag').filter({ hasText: 'Do not contact' }).count(), 1)
  await check(idva.page, 'case of two referrals')
  await idva.press('Show how to reach them, way 2')
  assert.equal(await idva.heading(), 'How to reach them safely')
})

test('an address that is kept apart is shown once, to who says why (R-15)', async () => {
  const idva = await as('idva')
  await idva.page.goto(urls.case(name))
  await idva.page.getByRole('link', { name: 'Show address' }).click()
  await idva.press('Show it once')
  await check(idva.page, 'why, with errors')
  await idva.page.getByLabel('Why you need it').fill('A visit with the housing officer')
  await idva.press('Show it once')
  assert.match(await textOf(idva), /3 Sheltered Row, MK98 1AA/)
  await check(idva.page, 'address, shown')
})

test('a chair is asked why before the safe contact is shown, and has done nothing wrong by then', async () => {
  const chair = await as('chair')
  await chair.page.goto(urls.case(name))
  await chair.press('Show how to reach them')
  assert.equal(await chair.page.getByRole('alert').count(), 0)
  await chair.page.getByLabel('Why you need it').fill('The IDVA is away')
  await chair.press('Show it once')
  assert.match(await textOf(chair), /01632 960456/)
})

for (const script of [true, false]) {
  const how = script ? 'with script' : 'without script'

  test(`a chair sees who has looked at a case, when and why, ${how}`, async () => {
    const chair = await as('chair', { script })
    await chair.page.goto(urls.case(name))
    await chair.follow('Who has looked at this')
    assert.equal(await chair.heading(), 'Who has looked at this')
    await check(chair.page, 'who has looked at a case')
    const text = await textOf(chair)
    assert.match(text, /Opened the case/)
    assert.match(text, /A visit with the housing officer/, 'the reason that the IDVA gave')
    assert.match(text, /The IDVA is away/, 'and the one that the chair gave')
    // Neither what was kept apart nor who it is about is told here.
    assert.doesNotMatch(await chair.page.content(), /01632 960456|Sheltered Row|Oakbarrow/)
  })
}

test('who has looked at a case is for its chair', async () => {
  const idva = await as('idva')
  await idva.page.goto(urls.case(name))
  assert.equal(await idva.page.getByRole('link', { name: 'Who has looked at this' }).count(), 0)
  assert.equal((await idva.page.goto(urls.caseReaders(name))).status(), 403)
  const auditor = await as('auditor')
  assert.equal((await auditor.page.goto(urls.caseReaders(name))).status(), 403)
})

test('a safe number that is safe no longer is replaced, and nobody uses their note of it', async () => {
  const idva = await as('idva')
  await idva.page.goto(urls.caseSafeContact(name))
  await check(idva.page, 'correct safe contact')
  await idva.press('Replace it now')
  await check(idva.page, 'correct safe contact, with errors')
  await idva.page.getByLabel('Nobody is to contact them directly').check()
  await idva.page.getByLabel('Why it is no longer as it was').fill('Since Tuesday he answers this number.')
  await idva.press('Replace it now')
  const text = await textOf(idva)
  assert.match(text, /Do not contact them directly/)
  assert.match(text, /Do not use what you noted down before/)
  await check(idva.page, 'case, do not contact')
  // And the contact that needs a safe way is refused from now on.
  await idva.page.goto(urls.caseContact(name))
  await idva.page.getByLabel('In contact').check()
  await idva.press('Save')
  assert.match(await textOf(idva), /no safe way to reach/i)
})

test('when somebody else saved first, both texts are on the page and none is lost', async () => {
  const [one, two] = [await as('idva'), await as('idva2')]
  for (const person of [one, two]) await person.page.goto(urls.caseContact(name))
  for (const [person, note] of [
    [one, 'Theirs: she is in the next room with him.'],
    [two, 'Mine: he answers her telephone.'],
  ]) {
    await person.page.getByLabel('Contact would be unsafe').check()
    await person.page.getByLabel('What happened').fill(note)
    await person.press('Save')
  }
  assert.match(await textOf(two), /Theirs: she is in the next room with him/)
  assert.equal(await two.page.getByLabel('What happened').inputValue(), 'Mine: he answers her telephone.')
  await check(two.page, 'both texts')
  await two.press('Save')
  assert.match(await textOf(two), /Mine: he answers her telephone/)
})

test('a second press of the same form does nothing twice', async () => {
  const coordinator = await as('coordinator')
  const other = await house.office.acceptedCase({ victim: 'Ines Farrowmere', harm: 'Colm Farrowmere' })
  await coordinator.page.goto(urls.caseClose(other))
  await check(coordinator.page, 'close')
  const { page } = coordinator
  await page.getByLabel('They live in another area now, which knows').check()
  await page.getByLabel('Why it is closed').fill('Moved to Luton, told there.')
  await page.getByRole('group', { name: 'Were they told that it is closed?' }).getByLabel('Yes').check()
  await page.getByLabel('How they were told, or why it would be unsafe').fill('By telephone')
  const form = await page.locator('main form').evaluate((node) => [...new FormData(node)])
  await coordinator.press('Close the case')
  assert.match(await textOf(coordinator), /Moved to Luton/)
  const again = await coordinator.context.request.post(urls.caseClose(other), {
    form: Object.fromEntries(form),
    headers: { 'Sec-Fetch-Site': 'same-origin' },
    maxRedirects: 0,
  })
  assert.equal(again.status(), 303, await again.text())
  await page.goto(`${urls.cases}?stage=closed`)
  await page.getByRole('link', { name: 'Ines Farrowmere' }).waitFor()
  await check(coordinator.page, 'closed cases')
})

test('a form that would be refused is not shown to who may not send it', async () => {
  for (const [login, may, mayNot] of [
    [
      'chair',
      [urls.caseUpdate(name)],
      [urls.caseContact(name), urls.caseSafeContact(name), urls.caseClose(name)],
    ],
    ['coordinator', [urls.caseUpdate(name), urls.caseClose(name)], [urls.caseContact(name)]],
    ['idva', [urls.caseContact(name), urls.caseSafeContact(name)], [urls.caseClose(name)]],
  ]) {
    const person = await as(login)
    for (const address of may) assert.equal((await person.page.goto(address)).status(), 200, address)
    for (const address of mayNot) {
      assert.equal((await person.page.goto(address)).status(), 403, `${login} ${address}`)
      assert.equal(await person.page.locator('main form').count(), 0)
    }
  }
})

test('an assessment or a referral is offered only to who may begin one', async () => {
  for (const [login, offered] of [
    ['auditor', 0],
    ['admin', 0],
    ['chair', 0],
    ['idva', 1],
    ['housing', 1],
    ['coordinator', 1],
  ]) {
    const { page } = await as(login)
    for (const [address, button] of [
      [urls.home, 'Start an assessment'],
      [urls.home, 'Refer without one'],
      [urls.assessments, 'Start an assessment'],
      [urls.referrals, 'Start a referral'],
    ]) {
      await page.goto(address)
      assert.equal(await page.getByRole('button', { name: button }).count(), offered, `${login} ${address}`)
    }
    if (offered === 0) await check(page, `my referrals, for ${login}`)
  }
})

test('a case that is not on an agenda is closed to other agencies', async () => {
  const housing = await as('housing')
  await housing.page.goto(urls.cases)
  assert.doesNotMatch(await housing.page.content(), /Oakbarrow/)
  await check(housing.page, 'no cases')
  for (const address of [urls.case(name), urls.caseContact(name), urls.caseClose(name)]) {
    const answer = await housing.page.goto(address)
    assert.equal(answer.status(), 404)
    assert.doesNotMatch(await housing.page.content(), /Oakbarrow/)
  }
})
