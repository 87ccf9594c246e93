// Chromium, and what every page that it opens is held to.
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

const timeoutMs = 60_000 // Machines that run tests are often busy.

export const widths = [320, 768, 1280]

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Root has no sandbox to give away, and tests in a container run as root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
}

/** Somebody at a browser: counts page loads, and notes every request to anywhere else. */
export class Person {
  static async sitDown(browser, origin, { script = true, width = 1280 } = {}) {
    const person = new Person()
    person.origin = origin
    person.context = await browser.newContext({
      ignoreHTTPSErrors: true,
      javaScriptEnabled: script,
      viewport: { width, height: 900 },
      baseURL: origin,
    })
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

/** What axe finds at each width, no rule left out; "page: rule: target" each. */
export async function violationsOf(page, name) {
  const found = []
  const before = page.viewportSize()
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    const { violations } = await new AxeBuilder({ page }).analyze()
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
