// Proving who one is, in real Chromium before a real maracd: one-time codes, locking and unlocking, the exit, and what
// was typed and not saved, which waits for its writer and for nobody else.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { Authenticator } from './authenticator.mjs'
import { startAssessment } from './idva.mjs'
import { House } from './house.mjs'
import { password } from './stack.mjs'

const narrative = 'What happened, and why it is dangerous now'
const secretText = 'He waits at the tram stop by the mill'

const house = await House.open()
const sitDown = (options) => house.sitDown(options)
const check = (page, name) => house.check(page, name)

/** A referral's page with its long text. */
async function openNarrative(person) {
  await person.press('Refer without one')
  await person.page.getByLabel('Yes', { exact: true }).check()
  await person.press('Continue')
  const address = `${new URL(person.page.url()).pathname}/reason`
  await person.page.goto(address)
  return address
}

const text = (person) => person.page.locator('body').innerText()
const field = (person) => person.page.getByLabel(narrative)

async function unlock(person) {
  await person.page.getByLabel('Password', { exact: true }).fill(password)
  await person.press('Unlock')
}

/** Types as people do, and waits until it is kept. */
async function typeAndBeKept(person, typed) {
  const kept = person.page.waitForResponse((answer) => answer.url().includes(urls.typed))
  await field(person).fill(typed)
  assert.equal((await kept).status(), 204)
}

describe('one-time codes', () => {
  test('are set up, asked for, count once, and unlock alone', async () => {
    const police = await sitDown()
    const { page } = police
    await police.signIn('police', password)
    await police.follow('Your account')
    assert.equal(await police.heading(), 'Your account')
    await check(police.page, 'account')
    await police.follow('Set up one-time codes')
    await check(police.page, 'account/code')
    await page.getByLabel('Your password', { exact: true }).fill('not the password')
    await police.press('Continue')
    assert.match(await text(police), /The password is not right/)
    await check(police.page, 'account/code, refused')
    await page.getByLabel('Your password', { exact: true }).fill(password)
    await police.press('Continue')
    await check(police.page, 'account/code/confirm')

    assert.ok(await page.getByRole('img', { name: /QR code/ }).isVisible())
    const secret = await page.locator('.app-secret').innerText()
    const authenticator = new Authenticator(secret)
    await page.getByLabel('One-time code').fill('000000')
    await police.press('Confirm')
    assert.match(await text(police), /This is not the code of this moment/)
    await check(police.page, 'account/code/confirm, refused')
    assert.equal(await page.locator('.app-secret').innerText(), secret)
    await page.getByLabel('One-time code').fill(await authenticator.next())
    await police.press('Confirm')
    assert.match(await text(police), /One-time codes are set up/)
    await check(police.page, 'account, with codes')
    await police.press('Sign out')

    const signIn = async (code) => {
      await page.getByLabel('Sign-in name').fill('police')
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByLabel('One-time code').fill(code)
      await police.press('Sign in')
    }
    await signIn('')
    assert.match(await text(police), /the password or the one-time code is not right/)
    await check(police.page, 'sign-in, refused')
    await signIn(authenticator.used())
    assert.match(await text(police), /the password or the one-time code is not right/)
    await signIn(await authenticator.next())
    assert.equal(await police.heading(), 'My work')

    await page.goto(urls.account)
    await police.press('Lock')
    assert.equal(await police.heading(), 'Locked')
    assert.equal(await page.getByLabel('Password', { exact: true }).count(), 0)
    await check(police.page, 'locked, by code')
    await page.getByLabel('One-time code').fill(authenticator.used())
    await police.press('Unlock')
    assert.match(await text(police), /it was used before/)
    await check(police.page, 'locked, refused')
    const code = await authenticator.next()
    await page.getByLabel('One-time code').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await police.press('Unlock')
    assert.equal(await police.heading(), 'Your account')
  })

  test('that were set up in another browser unlock one that did not know', async () => {
    const here = await sitDown()
    const there = await sitDown()
    await here.signIn('housing', password)
    await there.signIn('housing', password)
    await there.page.goto(urls.accountCode)
    await there.page.getByLabel('Your password', { exact: true }).fill(password)
    await there.press('Continue')
    const authenticator = new Authenticator(await there.page.locator('.app-secret').innerText())
    await there.page.getByLabel('One-time code').fill(await authenticator.next())
    await there.press('Confirm')

    await here.press('Lock')
    await unlock(here)
    assert.equal(await here.heading(), 'Locked')
    await check(here.page, 'locked, by password, refused')
    await here.page.getByLabel('One-time code').fill(await authenticator.next())
    await here.press('Unlock')
    assert.equal(await here.heading(), 'My work')
  })

  test('and passwords are never written into a page, nor kept with what was typed', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    await idva.page.goto(urls.password)
    const change = async () => {
      await idva.page.getByLabel('Present password').fill('the one before')
      await idva.page.getByLabel('New password', { exact: true }).fill('the one after')
      await idva.page.getByLabel('New password again').fill('the one after')
      await idva.press('Change password')
      assert.doesNotMatch(await idva.page.content(), /the one (before|after)/)
    }
    await house.stack.lockSession(await idva.context.cookies())
    await change()
    assert.equal(await idva.heading(), 'Locked')
    await unlock(idva)
    await idva.page.goto(urls.password)
    await house.stack.endSession(await idva.context.cookies())
    await change()
    assert.equal(await idva.heading(), 'Sign in')
    assert.equal(await idva.page.locator('[name=kept]').count(), 0)
  })
})

for (const script of [true, false]) {
  describe(`a lock ${script ? 'with' : 'without'} script`, () => {
    test('shows nothing, and opens on the half-typed text', async () => {
      const idva = await sitDown({ script })
      await idva.signIn('idva', password)
      const address = await openNarrative(idva)
      await field(idva).fill(secretText)
      await idva.press('Lock')
      assert.equal(await idva.heading(), 'Locked')
      assert.ok(!(await idva.page.content()).includes(secretText))
      await check(idva.page, 'locked')
      await idva.page.goto(urls.referrals)
      assert.equal(await idva.heading(), 'Locked')
      await idva.page.goto(address)
      await idva.press('Unlock')
      assert.match(await text(idva), /Enter your password/)
      await idva.page.getByLabel('Password', { exact: true }).fill('not the password')
      await idva.press('Unlock')
      assert.match(await text(idva), /The password is not right/)
      await check(idva.page, 'locked, with errors')
      await unlock(idva)
      assert.equal(new URL(idva.page.url()).pathname, address)
      assert.equal(await field(idva).inputValue(), secretText)

      await idva.press('Save and continue')
      await idva.page.goto(address)
      assert.equal(await field(idva).inputValue(), secretText, 'it was saved, and is not offered again')
    })

    test('that a form meets keeps it, and saves it after unlocking', async () => {
      const idva = await sitDown({ script })
      await idva.signIn('idva', password)
      const address = await openNarrative(idva)
      await field(idva).fill(secretText)
      await house.stack.lockSession(await idva.context.cookies())
      await idva.press('Save and continue')
      assert.equal(await idva.heading(), 'Locked')
      assert.ok(!(await idva.page.content()).includes(secretText))
      assert.equal(await idva.page.locator('[name=kept]').count(), 0, 'maracd keeps it, not the page')
      await unlock(idva)
      assert.equal(await idva.heading(), 'Unlocked')
      await check(idva.page, 'unlocked')
      await idva.press('Continue')
      assert.notEqual(new URL(idva.page.url()).pathname, address)
      await idva.page.goto(address)
      assert.equal(await field(idva).inputValue(), secretText)
    })

    test('or the end of the session while locked, loses nothing', async () => {
      const idva = await sitDown({ script })
      await idva.signIn('idva', password)
      const address = await openNarrative(idva)
      await field(idva).fill(secretText)
      await idva.press('Lock')
      await house.stack.endSession(await idva.context.cookies())
      await unlock(idva)
      assert.equal(await idva.heading(), 'Sign in')
      await check(idva.page, 'sign-in, after the end')
      await idva.page.getByLabel('Sign-in name').fill('idva')
      await idva.page.getByLabel('Password', { exact: true }).fill(password)
      await idva.press('Sign in')
      assert.equal(new URL(idva.page.url()).pathname, address)
      assert.equal(await field(idva).inputValue(), secretText)
    })
  })
}

describe('text that was not saved', () => {
  test('goes on when its writer signs in again, after the session ended under the form', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    const address = await openNarrative(idva)
    await field(idva).fill(secretText)
    await house.stack.endSession(await idva.context.cookies())
    await idva.press('Save and continue')
    assert.equal(await idva.heading(), 'Sign in')
    assert.match(await text(idva), /Nothing is lost/)
    await idva.page.getByLabel('Sign-in name').fill('idva')
    await idva.page.getByLabel('Password', { exact: true }).fill(password)
    await idva.press('Sign in')
    assert.equal(await idva.heading(), 'You are signed in again')
    await idva.press('Continue')
    await idva.page.goto(address)
    assert.equal(await field(idva).inputValue(), secretText)
  })

  test('is offered to its writer, who goes on with it or discards it', async () => {
    const before = await sitDown()
    await before.signIn('idva', password)
    const address = await openNarrative(before)
    await field(before).fill('First, saved')
    await before.press('Save and go to the list')
    await before.page.goto(address)
    await typeAndBeKept(before, secretText)
    await before.leave()

    const idva = await sitDown()
    await idva.signIn('idva', password)
    await idva.page.goto(address)
    assert.equal(await idva.heading(), 'You have text here that was not saved')
    assert.match(await text(idva), /First, saved/)
    assert.match(await text(idva), new RegExp(secretText))
    await check(idva.page, 'kept')
    await Promise.all([
      idva.page.waitForURL(/kept=yes/),
      idva.page.getByRole('button', { name: 'Go on with it' }).click(),
    ])
    assert.equal(await field(idva).inputValue(), secretText)
    await idva.page.goto(address)
    await idva.press('Discard it')
    assert.equal(await field(idva).inputValue(), 'First, saved')
    await idva.page.goto(address)
    assert.equal(await field(idva).inputValue(), 'First, saved')
  })

  test('shows both texts when somebody else saved in between', async () => {
    const idva = await sitDown()
    await idva.signIn('idva', password)
    const address = await openNarrative(idva)
    await typeAndBeKept(idva, 'Mine, kept only')
    const second = await sitDown()
    await second.signIn('idva', password)
    await second.page.goto(address)
    await second.press('Discard it')
    await field(second).fill('Theirs, saved')
    await second.press('Save and continue')
    await typeAndBeKept(idva, 'Mine, kept again')
    await idva.page.goto(address)
    await Promise.all([
      idva.page.waitForURL(/kept=yes/),
      idva.page.getByRole('button', { name: 'Go on with it' }).click(),
    ])
    await idva.press('Save and continue')
    assert.match(await text(idva), /Theirs, saved/)
    assert.equal(await field(idva).inputValue(), 'Mine, kept again')
  })

  test('is never offered to somebody else at the same browser', async () => {
    const shared = await sitDown()
    const { page } = shared
    await shared.signIn('idva', password)
    const address = await openNarrative(shared)
    await field(shared).fill(secretText)
    await house.stack.lockSession(await shared.context.cookies())
    await shared.press('Save and continue')
    await shared.press('Sign out')
    await shared.signIn('coordinator', password)
    for (const path of [address, `${address}?kept=yes`, urls.home]) {
      await page.goto(path)
      assert.ok(!(await page.content()).includes(secretText), path)
    }
    await shared.press('Sign out')

    // And what met an ended session is sealed for its writer.
    await shared.signIn('idva', password)
    await page.goto(address)
    assert.equal(await shared.heading(), 'You have text here that was not saved')
    await page.goto(`${address}?kept=yes`)
    await house.stack.endSession(await shared.context.cookies())
    await shared.press('Save and continue')
    assert.match(await text(shared), /Nothing is lost/)
    assert.ok(!(await page.content()).includes(secretText))
    await page.getByLabel('Sign-in name').fill('coordinator')
    await page.getByLabel('Password', { exact: true }).fill(password)
    await shared.press('Sign in')
    assert.equal(await shared.heading(), 'My work')
    assert.ok(!(await page.content()).includes(secretText))
  })
})

for (const script of [true, false]) {
  describe(`the exit ${script ? 'with' : 'without'} script`, () => {
    test('locks and leaves, and going back shows nothing until it is unlocked', async () => {
      const idva = await sitDown({ script })
      const { page } = idva
      await idva.signIn('idva', password)
      await startAssessment(idva, { victim: 'Orla Tidewell', harm: 'Unknown' })
      const questions = page.url()
      if (script) {
        // Typed a moment before, and neither saved nor lost.
        await page.locator('[data-item=FEAR] summary').click()
        await page.locator('[data-item=FEAR] textarea').fill(secretText)
        await page.keyboard.press('Shift')
        await page.keyboard.press('Shift')
        await page.keyboard.press('Shift')
      } else {
        await page.getByRole('button', { name: /Exit this page/ }).click()
      }
      await page.waitForURL(house.stack.elsewhere)
      assert.equal(await page.locator('body').innerText(), 'alive')

      await page.goBack()
      await page.getByRole('heading', { name: 'Locked' }).waitFor()
      assert.doesNotMatch(await page.content(), /Tidewell|tram stop/)
      assert.equal(page.url(), questions)
      await unlock(idva)
      if (script) {
        // Not after the lock as a locked page keeps it; before it if the network was quicker.
        await idva.page.goto(questions)
        if ((await idva.heading()) !== 'Questions') {
          await check(idva.page, 'answers that were not saved')
          await idva.press('Continue')
        }
        assert.equal(await page.locator('[data-item=FEAR] textarea').inputValue(), secretText)
      }
      assert.equal(await idva.heading(), 'Questions')
    })
  })
}

test('the exit forgets the session when maracd is not there to lock it', async () => {
  const idva = await sitDown()
  await idva.signIn('idva', password)
  await house.stack.stopServer()
  try {
    const begun = Date.now()
    await idva.page.goto(urls.exit)
    assert.equal(idva.page.url(), house.stack.elsewhere)
    assert.ok(Date.now() - begun < 5000)
    assert.ok((await idva.context.cookies()).every(({ name }) => name !== '__Host-session'))
    // A sign-in that meets nobody leaves no password in the page.
    await idva.signIn('idva', password)
    assert.ok(!(await idva.page.content()).includes(password))
  } finally {
    await house.stack.startServer()
  }
})
