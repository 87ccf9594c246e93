// The form in a person's hands: what happened before a page of it is looked at, and how somebody moves through it.
import assert from 'node:assert/strict'
import { urls } from '../../clients/web/dist/server/urls.js'

const area = 'areas/mk'
export const word = 'Tam'

export const safe = {
  mode: 'SITTING_MODE_PERSON_TAPS_WITH_SUPPORT',
  place: 'Lantern room',
  safety: {
    alone: 'YES_NO_YES',
    safe_to_talk: 'YES_NO_YES',
    minutes_available: 90,
    safe_contact_known: 'YES_NO_YES',
    in_the_building: 'The reception',
    where_abuser_is: 'At work until five',
    where_children_are: 'No children',
  },
}

/** An accessible assessment of the IDVA's in an open sitting, with what somebody answered already. */
export class Taken {
  static async begin(office, { victim, display = {}, sitting = safe } = {}) {
    const taken = new Taken()
    taken.call = (method, request) => office.call('idva', 'AssessmentService', method, request)
    const { name, etag, instrument } = await taken.call('StartAssessment', {
      parent: area,
      presentation: 'PRESENTATION_EASY_READ',
      victim: { name: { value: victim } },
      perpetrators: [{ name: { value: 'Thaddeus Thistlewood' } }],
    })
    taken.name = name
    taken.pack = await taken.call('GetInstrument', { instrument })
    await taken.call('RecordCommunicationProfile', {
      name,
      etag,
      profile: { person_words: [{ perpetrator: 1, word }], display },
    })
    await taken.call('BeginSitting', { name, sitting })
    return taken
  }

  read = () => this.call('GetAssessment', { name: this.name })

  /** Every place of the form in its order, as {section, item, probe}. */
  places(kinds = ['SECTION_KIND_TEACH_BACK', 'SECTION_KIND_PRACTICE', '', 'SECTION_KIND_UNSCORED']) {
    const parts = (item) => (item.probes.length ? item.probes.map(({ code }) => code) : [''])
    return kinds.flatMap((kind) =>
      (kind === '' ? [{ items: this.pack.items }] : this.pack.sections.filter((one) => one.kind === kind))
        .flatMap(({ items }) => items)
        .flatMap((item) => parts(item).map((probe) => ({ item, probe }))),
    )
  }

  /**
   * Answers everything before the question with this code, and every check-in; `code` '' answers it all. `from`: the
   * first that is answered.
   */
  async upTo(code, answer = 'ANSWER_CODE_NO', from = '') {
    const places = this.places()
    const placeOf = (wanted) =>
      places.findIndex(({ item, probe }) => item.code === wanted || probe === wanted)
    const at = code === '' ? places.length : placeOf(code)
    const first = from === '' ? 0 : placeOf(from)
    assert.ok(at >= 0 && first >= 0, `${from} ${code}`)
    const answers = places.slice(first, at).map(({ item, probe }) => ({
      item: item.code,
      probe,
      ...(item.options.length
        ? { code: 'ANSWER_CODE_OPTION', option: item.options[0].code }
        : { code: answer }),
    }))
    await this.append(answers)
    await this.append([{ item: 'CHECK_IN_FEEL', code: 'ANSWER_CODE_OPTION', option: 'FINE' }])
  }

  async append(answers) {
    const { last_seq } = await this.read()
    if (answers.length > 0)
      await this.call('AppendAnswers', { name: this.name, answers, expected_seq: last_seq })
  }

  /** What was answered to a probe, or to an item. */
  async answerTo(code) {
    const { answers, probe_answers, section_answers } = await this.read()
    return [...probe_answers, ...section_answers, ...answers].find(
      ({ item, probe }) => probe === code || (probe === '' && item === code),
    )
  }
}

/** From the practitioner's pages into the person's hands. */
export async function handOver(person, taken) {
  await person.page.goto(urls.tablet(taken.name))
  await person.page.getByRole('button', { name: /^Hand over/ }).click()
  await person.page.waitForURL(urls.form)
}

/** Chooses an answer and goes on. `press` is how this person presses: a click, a tap. */
export async function choose(person, text, press = (target) => target.click()) {
  const { page } = person
  await press(page.locator('.app-answer__label', { hasText: new RegExp(`^\\s*${text}\\s*$`) }))
  await next(person, press)
}

export async function next(person, press = (target) => target.click()) {
  await go(person, press, person.page.locator('.app-form__next').first())
}

export async function go(person, press, target) {
  const { page } = person
  await Promise.all([page.waitForEvent('framenavigated'), press(target)])
  await page.waitForLoadState()
}

export const tool = (person, name) =>
  go(person, (target) => target.click(), person.page.getByRole('button', { name, exact: true }))

// --- What the page must look like ------------------------------------------------------------------------------------

/** What of ACC-31 does not hold, and of the sizes of what is pressed (WCAG 2.5.8, dash.md 6). */
export const lookOf = (page) =>
  page.evaluate(() => {
    const wrong = []
    const seen = (element) =>
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      !element.closest('.govuk-visually-hidden, .govuk-skip-link, .govuk-exit-this-page__indicator')
    const nameOf = (element) =>
      `${element.tagName.toLowerCase()}.${element.className} “${element.textContent.trim().slice(0, 30)}”`
    let ink = 0
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement
      if (node.textContent.trim() === '' || /^(SCRIPT|STYLE|TITLE)$/.test(element.tagName) || !seen(element))
        continue
      const style = getComputedStyle(element)
      const size = parseFloat(style.fontSize)
      const say = (what) => wrong.push(`${nameOf(element)}: ${what}`)
      if (size < 22) say(`${size} px`)
      if (!/sans-serif/.test(style.fontFamily)) say(style.fontFamily)
      if (parseFloat(style.lineHeight) < size * 1.5 - 0.1) say(`lines of ${style.lineHeight}`)
      if (!/^(left|start)$/.test(style.textAlign)) say(style.textAlign)
      if (style.textTransform !== 'none') say(style.textTransform)
      if (style.fontStyle !== 'normal') say(style.fontStyle)
      if (style.hyphens === 'auto') say('hyphens')
      const letters = element.textContent.replaceAll(/[^A-Za-z]/g, '')
      if (letters.length > 3 && letters === letters.toUpperCase()) say('capitals')
      // Characters on each line, word by word.
      const lines = new Map()
      for (const found of node.textContent.matchAll(/\S+/g)) {
        const range = document.createRange()
        range.setStart(node, found.index)
        range.setEnd(node, found.index + found[0].length)
        const box = range.getBoundingClientRect()
        const top = Math.round(box.top)
        lines.set(top, (lines.get(top) ?? -1) + found[0].length + 1)
        ink += box.width * box.height
      }
      const longest = Math.max(...lines.values())
      if (longest > 60) say(`a line of ${longest} characters`)
    }
    for (const picture of document.querySelectorAll('img, .app-shape')) {
      const { width, height } = picture.getBoundingClientRect()
      ink += width * height
      if (picture.tagName === 'IMG' && seen(picture) && (width < 96 || height < 96))
        wrong.push(`a picture of ${width} px`)
      if (picture.tagName === 'IMG' && picture.alt !== '') wrong.push('a picture that says something')
    }
    const root = document.documentElement
    const white = 1 - ink / (Math.max(root.scrollHeight, innerHeight) * innerWidth)
    if (white < 0.35) wrong.push(`${Math.round(white * 100)} % white space`)
    const boxOf = (element) => element.getBoundingClientRect()
    const answers = [...document.querySelectorAll('.app-answer')].filter(seen)
    for (const answer of answers)
      if (boxOf(answer).height < 64) wrong.push(`${nameOf(answer)}: ${boxOf(answer).height} px high`)
    answers.slice(1).forEach((answer, at) => {
      const gap = boxOf(answer).top - boxOf(answers[at]).bottom
      if (gap < 8) wrong.push(`${nameOf(answer)}: ${gap} px below the one before`)
    })
    for (const target of document.querySelectorAll('button, a[href], .app-answer__input')) {
      const box = boxOf(target)
      if (seen(target) && (box.width < 24 || box.height < 24))
        wrong.push(`${nameOf(target)}: ${box.width} by ${box.height}`)
    }
    return wrong
  })
