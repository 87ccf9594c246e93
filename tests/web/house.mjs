// What the browser tests of one file share: a maracd with its area and its people, a web client, a browser, and what
// every page is held to. Made before the file's first test and taken down after its last.
import assert from 'node:assert/strict'
import { after, afterEach } from 'node:test'
import { launch, Person, violationsOf } from './browser.mjs'
import { Office } from './office.mjs'
import { password, Stack } from './stack.mjs'

export class House {
  #people = []
  #pages = new Set()
  /** Printed at the end; the runner adds what the files count. */
  figures = { journeys: 0, axe_violations: 0, foreign_requests: 0 }

  /** `names` are those that no title and no address may hold. */
  static async open({ names = [], late = false } = {}) {
    const house = new House()
    house.late = late
    house.unsaid = new RegExp(
      ['marac', 'domestic', 'abuse', 'danger', 'violence', 'victim', ...names].join('|'),
      'i',
    )
    afterEach(() => house.#everybodyLeaves())
    after(async () => {
      await house.#end()
      await house.browser?.close()
      const figures = { ...house.figures, pages_checked: house.#pages.size }
      for (const [name, value] of Object.entries(figures)) console.log(`figure: ${name}=${value}`)
    })
    // Waited for by the file itself: hooks of one level do not wait for each other.
    house.browser = await launch()
    await house.begin()
    return house
  }

  async begin() {
    this.stack = await Stack.start({ late: this.late })
    this.office = await Office.open(this.stack)
  }

  /** Another area in the place of this one. */
  async beginAnew() {
    await this.#end()
    await this.begin()
  }

  async #end() {
    this.office?.close()
    await this.stack?.end()
  }

  async #everybodyLeaves() {
    for (const person of this.#people.splice(0)) {
      const foreign = person.foreign.filter((url) => url !== this.stack.elsewhere)
      this.figures.foreign_requests += foreign.length
      assert.deepEqual(foreign, [], 'a page asked another origin for something')
      await person.leave()
    }
  }

  /** Somebody at a browser, not signed in. */
  async sitDown(options) {
    const person = await Person.sitDown(this.browser, this.stack.origin, options)
    this.#people.push(person)
    return person
  }

  /** And signed in. */
  async as(login, options) {
    const person = await this.sitDown(options)
    await person.signIn(login, password)
    return person
  }

  /** axe at every width, and nothing said in title and address. */
  async check(page, name) {
    this.#pages.add(name)
    const found = await violationsOf(page, name)
    this.figures.axe_violations += found.length
    assert.deepEqual(found, [])
    assert.doesNotMatch(`${await page.title()} ${page.url()}`, this.unsaid)
  }
}
