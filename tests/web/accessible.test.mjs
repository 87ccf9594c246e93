// An accessible assessment in real Chromium before a real maracd: prepared by the practitioner, held by the person, by
// touch, by keyboard, without script, on a narrow screen, in every theme, with pictures off; and nothing lost whatever
// is killed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { notForKeyboards, widths } from './browser.mjs'
import { choose, go, handOver, lookOf, next, Taken, tool, word } from './device.mjs'
import { House } from './house.mjs'
import { password } from './stack.mjs'

const house = await House.open({ names: ['thistlewood', 'tansy', 'easy', 'dash', 'risk'] })
house.figures.accessible_journeys = 0
const { office } = house
const begin = (victim, more) => Taken.begin(office, { victim: `${victim} Tansy`, ...more })
const arrived = () => (house.figures.accessible_journeys += 1)

// What is never said to the person (ACC-30), and what a text that was not filled would show (ACC-14).
const unsaid = /\bscore|\bband\b|high risk|visible|medium|cluster|referr|criteri|untested|\d+ of 24 yes|[{}]/i

const htmlOf = async (page) => (await page.content()).replaceAll('noreferrer', '')

/** Everything that a page of the person is held to. */
async function checkPage(person, name) {
  await house.check(person.page, `form: ${name}`)
  assert.doesNotMatch(await htmlOf(person.page), unsaid, name)
  assert.match(await person.page.locator('body').innerText(), /Everybody here is invented/)
  assert.equal(new URL(person.page.url()).pathname + new URL(person.page.url()).search, urls.form)
}

async function checkLook(page, name) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    assert.deepEqual(await lookOf(page), [], `${name} at ${width}`)
  }
}

async function unlock(person) {
  await person.page.getByLabel('Password', { exact: true }).fill(password)
  await person.press('Unlock')
}

describe('the practitioner', () => {
  test('prepares it, and does not begin where it is not safe or where family interprets', async () => {
    const idva = await house.as('idva')
    const { page } = idva
    await idva.press('Start an assessment')
    await page.getByLabel('Name of the person at risk', { exact: true }).fill('Thora Tansy')
    await page
      .getByLabel('Name of the person they are frightened of', { exact: true })
      .fill('Thaddeus Thistlewood')
    const easy = page.getByLabel('In easy words, on a tablet that the person holds')
    assert.match(
      await page.locator('main').innerText(),
      /Nobody with a learning disability has tested them yet/,
    )
    await easy.check()
    await house.check(page, 'start, in easy words')
    await idva.press('Start')
    assert.equal(await idva.heading(), 'The form in the person’s hands')
    assert.equal(await page.getByRole('button', { name: /^Hand over/ }).count(), 0)
    await house.check(page, 'tablet')

    await idva.follow('How they communicate, and their screen')
    await page.getByLabel('What they call the person they fear').fill(word)
    await page.getByLabel('Black on cream').check()
    await page.getByLabel('Size of the words').selectOption('150%')
    await page.getByLabel('A supporter whom the person chose').fill('Sorrel Tansy')
    await house.check(page, 'tablet: profile')
    await idva.press('Save')
    assert.match(await page.getByRole('alert').innerText(), /only somebody whom the person chose/i)
    const [link] = await page.getByRole('alert').getByRole('link').all()
    assert.equal(await page.locator(`[id="${(await link.getAttribute('href')).slice(1)}"]`).count(), 1)
    await page.getByRole('group', { name: 'Did the person choose the supporter' }).getByLabel('Yes').check()
    await page.getByLabel('How often and how they take breaks', { exact: true }).fill('Every ten minutes')
    await idva.press('Save')
    assert.match(await page.locator('main').innerText(), /Recorded/)

    await idva.follow('Is it safe, and who is there')
    await house.check(page, 'tablet: sitting')
    await idva.press('Begin')
    const errors = await page.getByRole('alert').innerText()
    for (const said of ['hear you', 'how much time', 'where the children are'])
      assert.match(errors, new RegExp(said, 'i'))
    await house.check(page, 'tablet: sitting, with errors')
    const group = (name) => page.getByRole('group', { name })
    await group('Is nobody within hearing').getByLabel('Yes').check()
    await group('Does the person say').getByLabel('No', { exact: true }).check()
    await page.getByLabel('How many minutes are there?').fill('90')
    await group('Do you know how to reach them').getByLabel('Yes').check()
    await page.getByLabel('Who else is in the building?').fill('The reception')
    await page.getByLabel('Where are those whom they fear').fill('At work until five')
    await page.getByLabel('Where are the children').fill('No children')
    await page.getByLabel('On this device, with you or a supporter').check()
    await page.getByLabel('Where you are').fill('Lantern room')
    await idva.press('Begin')
    assert.equal(await idva.heading(), 'Do not begin now')
    assert.match(await page.locator('main').innerText(), /agree when and how|do not begin/i)
    await house.check(page, 'tablet: not safe')
    await group('Does the person say').getByLabel('Yes').check()
    await page.getByLabel('Name of the interpreter').fill('Ines Tansy')
    await page.getByLabel('Family', { exact: true }).check()
    await idva.press('Begin')
    assert.match(await page.getByRole('alert').innerText(), /family never interprets/i)
    await page.getByLabel('Name of the interpreter').fill('')
    await page
      .locator('[name="sitting.interpreter.relation"]:checked')
      .evaluate((radio) => (radio.checked = false))
    await idva.press('Begin')
    await house.check(page, 'tablet: ready')

    await idva.press('Hand over')
    assert.equal(new URL(page.url()).pathname, urls.form)
    assert.match(await page.locator('html').getAttribute('class'), /app-form--cream app-form--size-150/)
    await idva.press('For the worker')
    assert.equal(await idva.heading(), 'Locked')
    await unlock(idva)
    assert.equal(await idva.heading(), 'The form in the person’s hands')
    await idva.follow('Breaks, what was met of their needs, and ending the sitting')
    await house.check(page, 'tablet: record')
    await group('Breaks').getByLabel('No', { exact: true }).check()
    await idva.press('Save')
    assert.match(await page.getByRole('alert').innerText(), /why it was not met/i)
    await page.getByLabel('If not, why: Breaks').fill('There was no time')
    await idva.press('Save, and end the sitting')
    assert.equal(await page.getByRole('button', { name: /^Hand over/ }).count(), 0)
    assert.match(await page.locator('main').innerText(), /Find out/)
  })
})

describe('the person', () => {
  test('walks all of it by touch, and every page says nothing that is not theirs', async () => {
    const taken = await begin('Tilda')
    const person = await house.as('idva', { touch: true, width: 768 })
    const { page } = person
    const tap = (target) => target.tap()
    await handOver(person, taken)
    const before = person.pages
    let told = 0
    let checkIns = 0
    let progress = ''
    for (let pages = 1; pages <= 80; ++pages) {
      assert.doesNotMatch(await htmlOf(page), unsaid)
      if (await page.getByRole('button', { name: 'Close' }).count()) break
      if (await page.getByRole('button', { name: 'Yes, they are right' }).count()) {
        await go(person, tap, page.getByRole('button', { name: 'Yes, they are right' }))
        continue
      }
      if ((await page.locator('.app-answer').count()) === 0) {
        told += 1
        await next(person, tap)
        continue
      }
      const now = await page.locator('.app-form__progress, h1').allInnerTexts()
      assert.notDeepEqual(now, progress, 'progress moves with every page')
      progress = now
      if (/feel now/.test(now.join())) checkIns += 1
      await choose(person, /feel now/.test(now.join()) ? 'I feel fine' : 'No', tap)
    }
    const pages = person.pages - before + 1 + 1 // The first of them, and the profile.
    assert.ok(pages <= 75, `${pages} pages`)
    assert.equal(told, 3 + 3 + 1, 'the explainer, three announcements and the first half of the ending')
    assert.equal(checkIns, 5)
    await checkPage(person, 'ending')
    assert.match(await page.locator('main').innerText(), /999[\s\S]*Lantern helpline[\s\S]*0808 157 0140/)
    assert.doesNotMatch(await page.locator('main').innerText(), /Harbour drop-in|Quayside|Stepping Stones/)
    const { result, section_answers } = await taken.read()
    assert.equal(result.complete, true)
    assert.equal(result.score, 0)
    assert.equal(section_answers.filter(({ item }) => item.startsWith('AFTER_')).length, 3)
    await tool(person, 'Close')
    assert.equal(await person.heading(), 'Locked', 'what is the practitioner’s is behind their password')
    arrived()
  })

  const stretch = async (person, taken, ways) => {
    const { page } = person
    const { answer, move, press } = ways
    const heading = () => page.locator('h1').innerText()
    for (let pages = 0; pages < 3; ++pages) await move()
    assert.match(await heading(), /Who may see your answers/)
    await answer('A bit')
    await move()
    assert.match(await page.getByRole('alert').innerText(), /Choose one answer/)
    await answer('Yes')
    await answer('No')
    assert.match(await heading(), /Did Tam hurt your body this time/)
    assert.match(await page.locator('.app-form__progress').innerText(), /^Question 1 of 24$/)
    await answer('I do not understand')
    assert.match(await heading(), /Did Tam give you pain this time/)
    await answer('I still do not understand')
    assert.equal((await taken.answerTo('INJ_NOW_BODY')).reason, 'ANSWER_REASON_NOT_UNDERSTOOD')
    await answer('I do not want to say')
    assert.equal((await taken.answerTo('FEAR_NOW')).code, 'ANSWER_CODE_DECLINED')
    assert.match(await page.locator('.app-form__progress').innerText(), /^Question 3 of 24, part 1 of 4$/)
    await press('Skip')
    assert.match(await page.locator('.app-form__progress').innerText(), /part 2 of 4/)
    await press('Break')
    assert.match((await page.locator('main').innerText()).trim(), /^(Break\s+)?Go on$/)
    await press('Go on')
    assert.match(await page.locator('.app-form__progress').innerText(), /part 2 of 4/, 'the same page')
    await press('Back')
    assert.match(await page.locator('.app-form__progress').innerText(), /part 1 of 4/)
    await answer('Yes')
    assert.match(await heading(), /What do you think Tam will do/)
    await page.locator('textarea').fill('He says he will come')
    await move()
    const said = await taken.answerTo('FEAR_OF_HURT')
    assert.deepEqual([said.code, said.note, said.verbatim], ['ANSWER_CODE_YES', 'He says he will come', true])
    assert.match(
      await page.locator('.app-form__progress').innerText(),
      /^Question 4 of 24/,
      'a yes settles the rest',
    )
    await press('Other words')
    assert.match(await heading(), /keep you away from people who could help you/)
    await answer('Not sure')
    const whole = (await taken.read()).answers.find(({ item }) => item === 'ISOLATED')
    assert.deepEqual([whole.code, whole.shown_instrument], ['ANSWER_CODE_DONT_KNOW', 'plain24@1.0'])
    assert.match(await heading(), /The next questions may make you feel sad/)
    await move()
    await answer('No')
    await press('Skip')
    assert.match(await heading(), /How do you feel now/)
    await answer('I feel very upset')
    await answer('Yes')
    assert.match(await heading(), /When did this happen/)
    await answer('Since a day I know')
    assert.match(await page.getByRole('alert').innerText(), /Write the day/)
    await page.locator('#words').fill('My birthday')
    await move()
    await press('Skip')
    const left = await taken.answerTo('SEPARATED_LEFT')
    assert.deepEqual(
      [left.code, left.time_anchor, left.time_words],
      ['ANSWER_CODE_YES', 'TIME_ANCHOR_SINCE_KNOWN_DAY', 'My birthday'],
    )
    await press('Stop')
    await press('No, go on')
    assert.match(await page.locator('.app-form__progress').innerText(), /^Question 7 of 24/)
    await press('Stop')
    await press('Yes, stop')
    assert.match(await page.locator('main').innerText(), /not your fault[\s\S]*999[\s\S]*Lantern helpline/)
    assert.equal((await taken.read()).state, 'ASSESSMENT_STATE_DRAFT')

    await press('Close')
    await unlock(person)
    assert.match(await page.locator('main').innerText(), /explain again in other words/i)
    await person.follow('What the person said, in their own words')
    const words = await page.locator('main').innerText()
    for (const said of [
      /I did not understand/,
      /Their own words: He says he will come/,
      /in their words: My birthday/,
    ])
      assert.match(words, said)
    await house.check(page, 'tablet: what was said')

    // The last of it, over the check page to the ending.
    await taken.upTo('RECORD')
    await handOver(person, taken)
    assert.match(await page.locator('.app-form__progress').innerText(), /^Question 24 of 24/)
    for (let pages = 0; pages < 40 && !(await page.getByRole('button', { name: 'Close' }).count()); ++pages) {
      if (await page.getByRole('button', { name: 'Yes, they are right' }).count())
        await press('Yes, they are right')
      else if ((await page.locator('.app-answer').count()) === 0) await move()
      else await answer(/feel now/.test(await heading()) ? 'I feel fine' : 'No')
    }
    assert.match(await page.locator('main').innerText(), /999[\s\S]*Lantern helpline/)
    assert.equal((await taken.read()).result.complete, true)
    await press('Close')
    assert.equal(await person.heading(), 'Locked')
    arrived()
  }

  test('goes by keyboard alone', async () => {
    const taken = await begin('Thea')
    const person = await house.as('idva')
    const { page } = person
    await handOver(person, taken)
    // Tab until it is reached, as somebody without a mouse does; the check page has a button for each answer.
    const reach = async (isThere) => {
      for (let presses = 0; presses < 120; ++presses) {
        await page.keyboard.press('Tab')
        if (await page.evaluate(isThere.test, isThere.value)) return
      }
      assert.fail(`not reached: ${isThere.value}`)
    }
    const button = (value) => ({
      value,
      test: (text) =>
        document.activeElement.matches('button') && document.activeElement.textContent.trim() === text,
    })
    const enter = async () => {
      await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')])
      await page.waitForLoadState()
    }
    const press = async (text) => {
      await reach(button(text))
      await enter()
    }
    await stretch(person, taken, {
      press,
      move: () => press('Next'),
      answer: async (text) => {
        await reach({ value: '', test: () => document.activeElement.type === 'radio' })
        for (let presses = 0; presses < 6; ++presses) {
          const at = await page.evaluate(() => document.activeElement.labels[0].textContent.trim())
          if (at === text) break
          await page.keyboard.press('ArrowDown')
        }
        await page.keyboard.press('Space')
        await press('Next')
      },
    })
  })

  test('goes without script, on a narrow screen, with pictures off', async () => {
    const taken = await begin('Tess', { display: { pictures: 'PICTURE_USE_OFF' } })
    const person = await house.as('idva', { script: false, width: 320 })
    await handOver(person, taken)
    await stretch(person, taken, {
      press: (text) => tool(person, text),
      move: () => next(person),
      answer: (text) => choose(person, text),
    })
  })

  test('looks over the answers, changes one, and is asked once more what was left out', async () => {
    const taken = await begin('Trixie')
    await taken.upTo('')
    await taken.append([
      { item: 'FEAR', probe: 'FEAR_NOW', code: 'ANSWER_CODE_NOT_ASKED' },
      {
        item: 'MONEY',
        probe: taken.pack.items.find(({ code }) => code === 'MONEY').probes[0].code,
        code: 'ANSWER_CODE_NOT_ASKED',
      },
    ])
    const person = await house.as('idva')
    const { page } = person
    await handOver(person, taken)
    assert.match(await page.locator('.app-form__progress').innerText(), /^Question 2 of 24/)
    await tool(person, 'Skip')
    assert.match(
      await page.locator('.app-form__progress').innerText(),
      /^Question (?!2 )\d+ of 24/,
      'the other one',
    )
    await choose(person, 'No')
    assert.match(await page.locator('h1').innerText(), /Are these answers right/)
    assert.equal(await page.locator('.app-check__row--open').count(), 1)
    await checkPage(person, 'check')
    await checkLook(page, 'check')
    await tool(person, /^Answer\W+Very scared now/)
    await choose(person, 'No')
    assert.equal(await page.locator('.app-check__row--open').count(), 0)
    await tool(person, 'Yes, they are right')
    assert.match(await page.locator('h1').innerText(), /Did I ask in easy words/)
    arrived()
  })

  test('has the screen that they need: every theme, size and use of pictures', async () => {
    const taken = await begin('Tove')
    const person = await house.as('idva')
    const { page } = person
    await handOver(person, taken)
    await checkPage(person, 'explainer')
    await taken.upTo('SEPARATED')
    const screen = async (theme, size, pictures) => {
      await page.goto(urls.form)
      await tool(person, 'Change the screen')
      for (const [name, value] of Object.entries({ theme, size, pictures })) {
        await page.locator(`[name=${name}][value="${value}"] + label`).click()
      }
      await tool(person, 'Use this screen')
    }
    for (const theme of ['standard', 'cream', 'dark', 'contrast']) {
      await screen(theme, '100', theme === 'dark' ? 'off' : 'on')
      await checkPage(person, `question, ${theme}`)
      await checkLook(page, `question, ${theme}`)
      assert.deepEqual(await notForKeyboards(page), [], theme)
      if (theme === 'dark') assert.equal(await page.locator('.app-shape:visible, img:visible').count(), 0)
      await next(person)
      await checkPage(person, `question with an error, ${theme}`)
      await tool(person, 'Change the screen')
      await checkPage(person, `screen, ${theme}`)
      await checkLook(page, `screen, ${theme}`)
    }
    await screen('standard', '400', 'only')
    await page.setViewportSize({ width: 320, height: 900 })
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth),
      false,
      'four times the size on a narrow screen',
    )
    await page.setViewportSize({ width: 1280, height: 900 })
    await screen('standard', '100', 'on')
    const more = async (name) => {
      await checkPage(person, name)
      await checkLook(page, name)
    }
    await choose(person, 'I do not understand')
    await more('in other words')
    await choose(person, 'Yes')
    await more('when')
    await choose(person, 'Today')
    await more('tell me more')
    await tool(person, 'Break')
    await more('break')
    await tool(person, 'Go on')
    await tool(person, 'Stop')
    await more('stop')
    await taken.upTo('STRANGLE')
    await page.goto(urls.form)
    if (/feel now/.test(await page.locator('h1').innerText())) await choose(person, 'I feel fine')
    await page.goto(urls.form)
    await tool(person, 'Back')
    await more('back at an answered question')
    arrived()
  })

  test('is told before something hard and asked after it, with three faces that have words', async () => {
    const taken = await begin('Tuva')
    await taken.upTo('MOOD_SI')
    const person = await house.as('idva')
    const { page } = person
    await handOver(person, taken)
    assert.match(
      await page.locator('main').innerText(),
      /next questions may make you feel sad[\s\S]*skip them or take a break/,
    )
    await checkPage(person, 'announcement')
    await checkLook(page, 'announcement')
    await next(person)
    await choose(person, 'No')
    await choose(person, 'No')
    assert.equal(await page.locator('.app-answer img').count(), 3)
    await checkPage(person, 'check-in')
    await checkLook(page, 'check-in')
  })

  test('hears a voice of the device itself, and no other', async () => {
    const taken = await begin('Tamsin', { display: { read_aloud: true } })
    await taken.upTo('FEAR')
    const person = await house.as('idva')
    const { page } = person
    const voices = (local) =>
      page.addInitScript((isLocal) => {
        window.said = []
        const voice = { lang: 'en-GB', localService: isLocal, name: 'Invented' }
        Object.defineProperty(window, 'speechSynthesis', {
          configurable: true,
          value: {
            getVoices: () => [voice, { ...voice, localService: false }],
            speak: (one) => window.said.push([one.text, one.voice?.localService, one.rate]),
            cancel: () => {},
            addEventListener: () => {},
          },
        })
        window.SpeechSynthesisUtterance = function (text) {
          this.text = text
        }
      }, local)
    await voices(false)
    await handOver(person, taken)
    assert.equal(await page.locator('.app-speech, .app-speech__button').count(), 0, 'remote voices only')
    await voices(true)
    await page.goto(urls.form)
    assert.deepEqual(await page.evaluate(() => window.said), [], 'nothing is read by itself')
    await page.getByRole('button', { name: 'Read to me' }).click()
    const said = await page.evaluate(() => window.said)
    assert.ok(
      said.some(([text]) => /very scared now/.test(text)) && said.some(([text]) => text === 'Not sure'),
    )
    assert.ok(said.every(([, isLocal, rate]) => isLocal === true && rate === 1))
    await page.getByRole('button', { name: 'Slow' }).click()
    await page.getByRole('button', { name: 'Read No', exact: true }).click()
    assert.deepEqual((await page.evaluate(() => window.said)).at(-1), ['No', true, 0.7])
    await checkPage(person, 'read aloud')
    await checkLook(page, 'read aloud')
  })
})

describe('nothing is lost', () => {
  test('when somebody leaves by mistake: two steps, and they are where they were', async () => {
    const taken = await begin('Tindra')
    await taken.upTo('FEAR')
    const person = await house.as('idva')
    const { page } = person
    await handOver(person, taken)
    await choose(person, 'No')
    const was = await page.locator('h1').innerText()
    const seq = (await taken.read()).last_seq
    for (let presses = 0; presses < 3; ++presses) await page.keyboard.press('Shift')
    await page.waitForURL(house.stack.elsewhere)
    await page.goto(urls.form)
    assert.equal(await person.heading(), 'Locked')
    await house.check(page, 'locked, after leaving')
    await unlock(person)
    await person.press('Hand over, and go on where they were')
    assert.equal(await page.locator('h1').innerText(), was)
    assert.equal((await taken.read()).last_seq, seq)
    // Without the keyboard it is a link.
    await page.getByRole('button', { name: 'Leave now' }).click()
    await page.waitForURL(house.stack.elsewhere)
  })

  test('whatever is killed at whichever kind of page: the browser, the pages, the server', async () => {
    const taken = await begin('Tora')
    let person = await house.as('idva')
    const { stack } = house
    await handOver(person, taken)
    const heading = () => person.page.locator('h1').innerText()
    const progress = () => person.page.locator('.app-form__progress').innerText()
    const placeNow = async () =>
      (await person.page.locator('h1, .app-form__progress, .app-form__line').allInnerTexts()).join(' | ')
    const pick = (text) => () =>
      person.page.locator('.app-answer__label', { hasText: new RegExp(`^\\s*${text}\\s*$`) }).click()
    const nextButton = () => person.page.locator('.app-form__next').first()
    const button = (name) => () => person.page.getByRole('button', { name, exact: true })
    const pressed = (target) => go(person, (one) => one.click(), target())
    const answered = async (code, wanted) => {
      const given = await taken.answerTo(code)
      const held = Object.fromEntries(Object.keys(wanted).map((key) => [key, given?.[key]]))
      assert.deepEqual(held, wanted, code)
    }
    const kinds = []

    /**
     * At one page, before its next press: the browser goes, and the practitioner hands over again in two steps; then
     * the web process and maracd are killed, and the press meets neither as it was. `reach` leads there from where the
     * person is; `back` does from where they are put when a press on the way was kept (else that is where they were).
     */
    const at = async (kind, { reach, back, choose: choice, press = nextButton, then }) => {
      kinds.push(kind)
      const was = await placeNow()
      await reach?.()
      const here = await placeNow()
      await person.leave()
      person = await house.as('idva')
      await handOver(person, taken)
      if (!back) assert.equal(await placeNow(), was, `${kind}: where the person was`)
      await (back ?? reach)?.()
      assert.equal(await placeNow(), here, kind)
      await choice?.()
      await stack.stopWeb('SIGKILL')
      await stack.startWeb()
      await stack.stopServer('SIGKILL')
      await pressed(press)
      assert.match(
        await person.page.locator('main').innerText(),
        /not working now[\s\S]*What you said is safe/,
        kind,
      )
      if (kinds.length === 1) await house.check(person.page, 'form: not working')
      await stack.startServer()
      await next(person)
      await then()
    }
    const tell = (pattern) => async () => assert.match(await placeNow(), pattern)

    const first = await placeNow()
    await at('explainer', { then: async () => assert.notEqual(await placeNow(), first) })
    await next(person)
    await next(person)
    // Whoever is handed the device before the first answer is told first what it is.
    const explained = async () => {
      for (let pages = 0; pages < 3; ++pages) await next(person)
    }
    await at('teach-back', {
      back: explained,
      choose: pick('A bit'),
      then: () => answered('TEACH_BACK_SEES', { option: 'PARTLY' }),
    })
    await at('practice', {
      choose: pick('Yes'),
      then: () => answered('PRACTICE_YES_TALK', { code: 'ANSWER_CODE_YES' }),
    })
    await choose(person, 'No')
    await at('probe', {
      choose: pick('No'),
      then: () => answered('INJ_NOW_BODY', { code: 'ANSWER_CODE_NO' }),
    })
    await at('reword', {
      reach: () => choose(person, 'I do not understand'),
      choose: pick('Not sure'),
      then: () => answered('FEAR_NOW', { code: 'ANSWER_CODE_DONT_KNOW', reworded: true }),
    })
    const third = await placeNow()
    const same = async () => assert.equal(await placeNow(), third)
    await at('break', { reach: () => tool(person, 'Break'), press: button('Go on'), then: same })
    await at('screen', {
      reach: () => tool(person, 'Change the screen'),
      press: button('Use this screen'),
      then: same,
    })
    await at('stop', {
      reach: () => tool(person, 'Stop'),
      press: button('Yes, stop'),
      then: tell(/not your fault/),
    })
    // Stopped is not over: what was answered is there when it is taken up again.
    await person.leave()
    person = await house.as('idva')
    await handOver(person, taken)
    await same()
    const backToYes = async () => {
      await tool(person, 'Back')
      await choose(person, 'Yes')
    }
    await at('tell me more', {
      reach: () => choose(person, 'Yes'),
      back: backToYes,
      choose: () => person.page.locator('textarea').fill('He says he will come'),
      then: () => answered('FEAR_OF_HURT', { code: 'ANSWER_CODE_YES', note: 'He says he will come' }),
    })
    assert.match(await progress(), /^Question 4 of 24/)
    await at('other words', {
      reach: () => tool(person, 'Other words'),
      choose: pick('Not sure'),
      then: () => answered('ISOLATED', { code: 'ANSWER_CODE_DONT_KNOW', shown_instrument: 'plain24@1.0' }),
    })
    await at('announcement', { then: async () => assert.match(await progress(), /^Question 5 of 24/) })
    await choose(person, 'No')
    await at('skip', {
      press: button('Skip'),
      then: () => answered('MOOD_SI_LIFE', { code: 'ANSWER_CODE_NOT_ASKED' }),
    })
    assert.match(await heading(), /How do you feel now/)
    await at('check-in', {
      choose: pick('I feel very upset'),
      then: () => answered('CHECK_IN_FEEL', { option: 'VERY_UPSET' }),
    })
    await at('time', {
      reach: () => choose(person, 'Yes'),
      back: backToYes,
      choose: pick('Today'),
      then: () => answered('SEPARATED_LEFT', { code: 'ANSWER_CODE_YES', time_anchor: 'TIME_ANCHOR_TODAY' }),
    })

    await taken.upTo('SUPPORT_LEFT', 'ANSWER_CODE_NO', 'CONTACT')
    await person.page.goto(urls.form)
    await at('section', {
      choose: pick('No'),
      then: () => answered('SUPPORT_LEFT_ALONE', { code: 'ANSWER_CODE_NO' }),
    })
    await taken.upTo('', 'ANSWER_CODE_NO', 'SUPPORT_CARE')
    await taken.append([
      { item: 'MOOD_SI', probe: 'MOOD_SI_LIFE', code: 'ANSWER_CODE_NO' },
      { item: 'CHECK_IN_FEEL', code: 'ANSWER_CODE_OPTION', option: 'FINE' },
    ])
    await person.page.goto(urls.form)
    assert.match(await heading(), /Are these answers right/)
    await at('check', {
      press: button('Yes, they are right'),
      then: tell(/Did I ask in easy words/),
    })
    await at('after', {
      back: () => tool(person, 'Yes, they are right'),
      choose: pick('Yes'),
      then: () => answered('AFTER_EASY', { option: 'YES' }),
    })
    for (let left = 0; left < 2; ++left) await choose(person, 'Yes')
    await at('ending', { then: tell(/999/) })
    // The whole of it was pressed once, and is there.
    const { result, section_answers } = await taken.read()
    assert.equal(result.complete, true)
    assert.equal(section_answers.filter(({ item }) => item.startsWith('AFTER_')).length, 3)
    await answered('FEAR_OF_HURT', { note: 'He says he will come' })
    house.figures.killed_at_page_kinds = kinds.length
  })

  test('nor counted twice when it is sent twice', async () => {
    const taken = await begin('Tyra')
    await taken.upTo('FEAR')
    const person = await house.as('idva')
    await handOver(person, taken)
    const before = Number((await taken.read()).last_seq)
    const form = await person.page
      .locator('main form')
      .evaluate((element) => [
        ...new FormData(element).entries(),
        ['answer', 'ANSWER_CODE_NO'],
        ['do', 'next'],
      ])
    for (let times = 0; times < 2; ++times) {
      const answer = await person.context.request.post(urls.form, {
        ignoreHTTPSErrors: true,
        maxRedirects: 0,
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        data: new URLSearchParams(form).toString(),
      })
      assert.equal(answer.status(), 303)
    }
    assert.equal(Number((await taken.read()).last_seq), before + 1)
  })

  test('and the exit forgets the device when maracd is not there to take it back', async () => {
    const taken = await begin('Tove')
    await taken.upTo('FEAR')
    const person = await house.as('idva')
    const { page } = person
    await handOver(person, taken)
    await house.stack.stopServer()
    try {
      await page.goto(urls.exit)
      assert.equal(page.url(), house.stack.elsewhere)
      const device = (await person.context.cookies()).find(({ name }) => name === '__Host-form')
      assert.equal(device.value.split('.')[0], '')
    } finally {
      await house.stack.startServer()
    }
  })

  test('and whoever holds the device comes to nothing of the practitioner’s', async () => {
    const taken = await begin('Tyra')
    await taken.upTo('MOOD_SI', 'ANSWER_CODE_YES')
    const person = await house.as('idva')
    const { page } = person
    await handOver(person, taken)
    const theirs = [
      urls.home,
      urls.assessments,
      urls.assessment(taken.name),
      urls.result(taken.name),
      urls.questions(taken.name),
      urls.tablet(taken.name),
      urls.tabletDo(taken.name, 'profile'),
      urls.tabletDo(taken.name, 'record'),
      urls.services,
    ]
    for (const address of theirs) {
      await page.goto(address)
      assert.equal(await person.heading(), 'Locked', address)
      assert.doesNotMatch(await page.content(), /Tyra|Thistlewood|of 24|score/i, address)
    }
    await page.goto(urls.form)
    assert.doesNotMatch(await page.content(), /Tyra|Thistlewood|At work|Lantern room/)
    // The address takes nothing but what its pages send.
    const elsewhere = await person.context.request.post(urls.form, {
      ignoreHTTPSErrors: true,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' },
      data: 'do=stopped',
    })
    assert.equal(elsewhere.status(), 403)
    await page.goto(urls.form)
    assert.equal(new URL(page.url()).pathname, urls.form)
  })
})
