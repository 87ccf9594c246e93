// Chromium, and what every page that it opens is held to.
import assert from 'node:assert/strict'
import axe from 'axe-core'
import { chromium } from 'playwright-core'

const timeoutMs = 60_000 // Machines that run tests are often busy.

export const widths = [320, 768, 1280]

/** `textSize` is what somebody has chosen in the settings of their browser, which begins with 16. */
export async function launch({ textSize = 16 } = {}) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      `--blink-settings=defaultFontSize=${textSize}`,
      // Root has no sandbox to give away, and tests in a container run as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
}

const withoutScript = new WeakSet()

/** Somebody at a browser: counts page loads, and notes every request to anywhere else. */
export class Person {
  static async sitDown(browser, origin, { script = true, width = 1280, touch = false } = {}) {
    const person = new Person()
    person.origin = origin
    person.context = await browser.newContext({
      ignoreHTTPSErrors: true,
      javaScriptEnabled: script,
      viewport: { width, height: 900 },
      hasTouch: touch,
      baseURL: origin,
    })
    if (!script) withoutScript.add(person.context)
    person.context.setDefaultTimeout(timeoutMs)
    person.page = await person.context.newPage()
    person.pages = 0
    person.foreign = []
    person.faults = []
    person.page.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) person.foreign.push(url)
    })
    // Pages that were seen: an answer that only leads on is none.
    person.page.on('response', (response) => {
      const isPage =
        response.request().isNavigationRequest() && response.request().frame() === person.page.mainFrame()
      if (isPage && !(response.status() >= 300 && response.status() < 400)) person.pages += 1
    })
    person.page.on('pageerror', (error) => person.faults.push(String(error)))
    person.page.on('console', (message) => {
      if (message.type() === 'error') person.faults.push(message.text())
    })
    return person
  }

  async signIn(login, password) {
    await this.page.goto('/sign-in')
    await this.page.getByLabel('Sign-in name').fill(login)
    await this.page.getByLabel('Password', { exact: true }).fill(password)
    await this.press('Sign in')
  }

  /** Presses a button and waits for the page that follows. */
  async press(name) {
    await Promise.all([
      this.page.waitForEvent('framenavigated'),
      this.page.getByRole('button', { name, exact: true }).first().click(),
    ])
    await this.page.waitForLoadState()
  }

  async follow(name) {
    await Promise.all([
      this.page.waitForEvent('framenavigated'),
      this.page.getByRole('link', { name, exact: true }).first().click(),
    ])
    await this.page.waitForLoadState()
  }

  heading = () => this.page.locator('h1').innerText()

  leave = () => this.context.close()
}

/** Which elements are shown, in which colours, and which of them can come to lie over others. */
const looksOf = (page) =>
  page.evaluate(() =>
    Array.from(document.querySelectorAll('body *'), (element) => {
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return ''
      const { color, backgroundColor, position } = getComputedStyle(element)
      return `${color} ${backgroundColor} ${position}`
    }).join('|'),
  )

/**
 * What axe finds at each width, by every rule that it has on by itself and by the size of what is pressed (WCAG 2.5.8);
 * "page: rule: target" each. Nothing without script, in which axe itself cannot run: the page is the same with it, and
 * looked at there.
 *
 * Most of axe's time goes where nothing has changed: a wider page shows the same elements in the same colours and in
 * larger text, for which less contrast is asked. So every rule is tried at the narrowest width, and again at each at
 * which the page looks otherwise than there; where it does not, those that measure distances.
 */
export async function violationsOf(page, name) {
  if (withoutScript.has(page.context())) return []
  const found = []
  const before = page.viewportSize()
  // Once a page: put in anew for each width, as @axe-core/playwright does to come into frames too, it takes six times
  // as long, and no page has frames.
  assert.equal(page.frames().length, 1, `${name} has frames, into which axe does not look from here`)
  await page.evaluate(axe.source)
  let narrowest
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    const looks = await looksOf(page)
    narrowest ??= looks
    const all = width === widths[0] || looks !== narrowest
    const { violations } = await page.evaluate(
      (options) => globalThis.axe.run(options),
      all
        ? { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }
        : { resultTypes: ['violations'], runOnly: ['target-size', 'scrollable-region-focusable'] },
    )
    for (const { id, nodes } of violations) {
      for (const { target } of nodes) found.push(`${name} at ${width}: ${id}: ${target.join(' ')}`)
    }
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    if (wide > 0) found.push(`${name} at ${width}: ${wide} px wider than the screen (WCAG 1.4.10)`)
  }
  await page.setViewportSize(before)
  return found
}

/** What cannot be read whole: text that is cut off, and a page that is wider than the screen. */
export const cutOff = (page) =>
  page.evaluate(() => {
    const found = []
    const root = document.documentElement
    if (root.scrollWidth > root.clientWidth)
      found.push(`the page, by ${root.scrollWidth - root.clientWidth} px`)
    for (const element of document.querySelectorAll('body *')) {
      const style = getComputedStyle(element)
      const hides = style.overflowX === 'hidden' || style.overflowX === 'clip'
      if (!hides || element.clientWidth < 2 || element.matches('.govuk-visually-hidden, [class*=skip-link]'))
        continue
      if (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1) {
        found.push(`${element.tagName.toLowerCase()}.${element.className}`)
      }
    }
    return found
  })

/** What a person without a mouse cannot come to with the Tab key, or cannot see that they are at. */
export async function notForKeyboards(page) {
  const total = await page.evaluate(() => {
    const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled
    let number = 0
    for (const element of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
      if (element.type === 'hidden' || !shown(element)) continue
      element.dataset.keyboard = String((number += 1))
    }
    document.activeElement?.blur()
    return number
  })
  for (let presses = 0; presses < total + 2; ++presses) {
    await page.keyboard.press('Tab')
    await page.evaluate(() => {
      const at = document.activeElement
      if (!at?.dataset.keyboard) return
      const style = getComputedStyle(at)
      const label = at.labels?.[0] ? getComputedStyle(at.labels[0], '::before') : style
      // GOV.UK draws it as an outline, a shadow, or around the label's own picture of a radio.
      const seen = [style, label].some(
        (one) => (one.outlineStyle !== 'none' && one.outlineWidth !== '0px') || one.boxShadow !== 'none',
      )
      at.dataset.keyboard = seen ? 'seen' : 'unseen'
      // One of the radios of a group stands for all: the arrows lead on.
      if (at.type === 'radio') {
        for (const other of document.querySelectorAll(`input[type=radio][name="${CSS.escape(at.name)}"]`)) {
          other.dataset.keyboard = at.dataset.keyboard
        }
      }
    })
  }
  return page.evaluate(() =>
    [...document.querySelectorAll('[data-keyboard]')]
      .filter(({ dataset }) => dataset.keyboard !== 'seen')
      .map((one) => `${one.tagName.toLowerCase()}#${one.id || one.getAttribute('href') || one.name}`),
  )
}
