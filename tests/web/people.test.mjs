// Administrators and people, in real Chromium before a real maracd: who is proved anew and goes on where they were,
// powerful roles that take two, a recovery from its call-back to the new password, and the sessions somebody ends.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { House } from './house.mjs'
import { password } from './stack.mjs'

const house = await House.open({ late: true })
const sitDown = (options) => house.sitDown(options)
const check = (page, name) => house.check(page, name)
const text = (person) => person.page.locator('main').innerText()
const another = 'another few words together'

async function openPerson(admin, name) {
  await admin.page.goto(urls.people)
  await admin.follow(name)
}

async function fillPassword(person, label, value) {
  await person.page.getByLabel(label, { exact: true }).fill(value)
}

describe('an administrator', () => {
  for (const script of [true, false]) {
    test(`who typed for long says once more who they are, and loses nothing${script ? '' : ' without script'}`, async () => {
      const admin = await sitDown({ script })
      await admin.signIn('admin', password)
      await admin.page.goto(urls.people)
      assert.equal(await admin.heading(), 'People')
      await check(admin.page, 'people')
      await admin.press('Add a person')
      await check(admin.page, 'people/new')
      const login = script ? 'dora.penhale' : 'enid.penhale'
      await fillPassword(admin, 'Their name', 'Dora Penhale')
      await fillPassword(admin, 'Sign-in name', login)
      await admin.page.getByLabel('Agency', { exact: true }).selectOption({ label: 'Police' })
      await admin.page.getByLabel('Role', { exact: true }).selectOption({ label: 'Referrer' })
      await house.stack.pass(5)
      await admin.press('Add them')

      assert.equal(await admin.heading(), 'Is it still you?')
      await check(admin.page, 'step-up')
      assert.ok(!(await admin.page.content()).includes('Dora'), 'what is kept is not to be read in the page')
      await fillPassword(admin, 'Password', 'not the password')
      await admin.press('Continue')
      assert.match(await text(admin), /The password is not right/)
      await check(admin.page, 'step-up, refused')
      await fillPassword(admin, 'Password', password)
      await admin.press('Continue')
      assert.equal(await admin.heading(), 'Thank you')
      await admin.press('Continue')
      assert.match(await text(admin), new RegExp(login))
      await check(admin.page, 'people/new, added')
      const first = (await admin.page.locator('.govuk-inset-text').innerText()).trim()

      const dora = await sitDown()
      await dora.signIn(login, first)
      assert.match(await dora.heading(), /password/i)
    })
  }

  test('asks for a chair, and another one approves', async () => {
    const admin = await sitDown()
    await admin.signIn('admin', password)
    await openPerson(admin, 'Imogen Stell')
    assert.equal(await admin.heading(), 'Imogen Stell')
    await check(admin.page, 'person')
    await admin.press('Add a role')
    await check(admin.page, 'person/roles/new')
    await admin.page.getByLabel('Role', { exact: true }).selectOption({ label: 'Chair' })
    await admin.page
      .getByLabel('As cover for, if they stand in for somebody')
      .selectOption({ label: 'Rhoda Tamsworth' })
    await admin.press('Save')
    assert.match(await text(admin), /the first day of the cover/i)
    for (const [legend, year] of [
      ['First day', 2026],
      ['Last day', 2099],
    ]) {
      const group = admin.page.getByRole('group', { name: legend })
      await group.getByLabel('Day', { exact: true }).fill('1')
      await group.getByLabel('Month', { exact: true }).fill('6')
      await group.getByLabel('Year', { exact: true }).fill(String(year))
    }
    await admin.press('Save')
    assert.match(
      await text(admin),
      /Chair from 1 June 2026 to 1 June 2099, as cover for Rhoda Tamsworth, asked for by/,
    )
    assert.match(await text(admin), /Another administrator has to approve it/)
    await check(admin.page, 'person, waits')

    const second = await sitDown()
    await second.signIn('admin2', password)
    await second.page.goto(urls.people)
    assert.match(await text(second), /Waits for another administrator/)
    await second.follow('Imogen Stell')
    await second.press('Approve')
    assert.match(await text(second), /Approved/)
    await admin.page.reload()
    assert.match(
      await text(admin),
      /Chair from 1 June 2026 to 1 June 2099, as cover for Rhoda Tamsworth Change or end/,
    )
  })

  test('gives a role, and nobody is covered for who was not chosen', async () => {
    const admin = await sitDown()
    await admin.signIn('admin', password)
    await openPerson(admin, 'Farida Quillon')
    await admin.press('Add a role')
    await admin.press('Save')
    assert.match(await text(admin), /There is a problem/, 'a role that nobody chose')
    await admin.page.getByLabel('Role', { exact: true }).selectOption({ label: 'Minute-taker' })
    await admin.press('Save')
    assert.match(await text(admin), /Saved/)
    assert.match(await text(admin), /Minute-taker Change or end/)
    await admin.page.getByRole('link', { name: /^Change or end.*Minute-taker/ }).click()
    const group = admin.page.getByRole('group', { name: 'Last day' })
    for (const [label, value] of Object.entries({ Day: '1', Month: '6', Year: '2099' })) {
      await group.getByLabel(label, { exact: true }).fill(value)
    }
    await admin.press('Save')
    assert.match(await text(admin), /Minute-taker to 1 June 2099 Change or end/)
  })

  test('suspends somebody, whose open page is the sign-in at the next click', async () => {
    const idva = await sitDown()
    await idva.signIn('idva2', password)
    const admin = await sitDown()
    await admin.signIn('admin', password)
    await openPerson(admin, 'Bronagh Velloway')
    await admin.press('Suspend')
    assert.match(await text(admin), /every session of theirs has ended/)
    await idva.page.goto(urls.referrals)
    assert.equal(await idva.heading(), 'Sign in')
    await admin.press('End the suspension')
    await idva.signIn('idva2', password)
    assert.equal(await idva.heading(), 'My work')
  })

  test('starts a recovery, and nobody but the person ever knows the password', async () => {
    const admin = await sitDown()
    await admin.signIn('admin', password)
    await openPerson(admin, 'Lucja Fennimore')
    await admin.follow('Let them set a new password')
    await check(admin.page, 'person/recover')
    await admin.page.getByLabel('How do you know that it is the person who asks?').fill('Called the desk')
    await admin.press('Start the recovery')
    const code = (await admin.page.locator('.govuk-inset-text').innerText()).trim()
    assert.match(code, /^([A-Z2-7]{4}-){4}[A-Z2-7]{4}$/)
    await check(admin.page, 'recovery, code')

    const housing = await sitDown()
    await housing.page.goto(urls.signIn)
    await housing.follow('I cannot sign in')
    await check(housing.page, 'recover')
    const recover = async (typed, chosen = another) => {
      await fillPassword(housing, 'Sign-in name', 'housing')
      await fillPassword(housing, 'Recovery code', typed)
      await fillPassword(housing, 'New password', chosen)
      await fillPassword(housing, 'The new password once more', chosen)
      await housing.press('Set the new password')
    }
    await recover(code, 'short')
    assert.match(await text(housing), /12 to 200 characters/)
    assert.equal(await housing.page.getByLabel('Recovery code').inputValue(), code, 'it was told only once')
    await recover('AAAA-AAAA-AAAA-AAAA-AAAA')
    assert.match(await text(housing), /the code is not right, or the code no longer counts/)
    await check(housing.page, 'recover, refused')
    await recover(code.toLowerCase())
    assert.match(await text(housing), /Your new password is set/)
    await housing.signIn('housing', another)
    assert.equal(await housing.heading(), 'My work')
  })

  test('cannot alone recover a chair', async () => {
    const admin = await sitDown()
    await admin.signIn('admin', password)
    await openPerson(admin, 'Rhoda Tamsworth')
    await admin.follow('Let them set a new password')
    await admin.page.getByLabel('How do you know that it is the person who asks?').fill('Called the desk')
    await admin.press('Start the recovery')
    assert.equal(await admin.heading(), 'Another administrator is needed')
    await check(admin.page, 'recovery, second')

    const second = await sitDown()
    await second.signIn('admin2', password)
    await second.follow('1 approval waits for you')
    assert.match(await text(second), /Rhoda Tamsworth \(chair\)\s+A new password, started by Wilfred/)
    await check(second.page, 'people, recovery waits')
    await second.follow('Rhoda Tamsworth')
    assert.match(await text(second), /Call them back yourself/)
    await second.follow('Let them set a new password')
    await second.page.getByLabel('How do you know that it is the person who asks?').fill('Called the mobile')
    await second.press('Start the recovery')
    assert.equal(await second.heading(), 'The recovery code')
    await second.page.goto(urls.people)
    assert.doesNotMatch(await text(second), /started by/)
  })
})

describe('everybody', () => {
  test('sees where they are signed in, and ends it', async () => {
    const here = await sitDown()
    await here.signIn('probation', password)
    const there = await sitDown()
    await there.signIn('probation', password)
    await here.page.goto(urls.account)
    assert.match(await text(here), /Signed in from a place that was new/)
    await check(here.page, 'account, two sessions')
    await here.page
      .getByRole('button', { name: /^End it/ })
      .first()
      .click()
    await here.page.waitForURL(/done=ended/)
    assert.match(await text(here), /The session has ended/)
    await there.page.goto(urls.referrals)
    assert.equal(await there.heading(), 'Sign in')
  })

  test('who is no administrator has no page of people', async () => {
    const chair = await sitDown()
    await chair.signIn('probation', password)
    assert.equal(await chair.page.getByRole('link', { name: 'People', exact: true }).count(), 0)
    await chair.page.goto(urls.people)
    assert.notEqual(await chair.heading(), 'People')
  })
})
