// The form on paper, in real Chromium before a real maracd: downloaded as a PDF, and what was ticked keyed in (ACC-46).
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { urls } from '../../clients/web/dist/server/urls.js'
import { safe, Taken, word } from './device.mjs'
import { House } from './house.mjs'

const house = await House.open({ names: ['thistlewood', 'tansy', 'easy', 'dash', 'risk'] })
const onPaper = { ...safe, mode: 'SITTING_MODE_PAPER' }
const begin = (victim, sitting = onPaper) => Taken.begin(house.office, { victim: `${victim} Tansy`, sitting })
const group = (page, code) =>
  page.locator('.govuk-radios').locator('xpath=ancestor::fieldset').filter({ hasText: code })

describe('the booklet', () => {
  test('is a PDF under a name that tells nothing, made from the same form', async () => {
    const taken = await begin('Tova', safe)
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.tablet(taken.name))
    await house.check(page, 'tablet: paper')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the questions' }).click(),
    ])
    assert.equal(download.suggestedFilename(), 'form.pdf')
    assert.doesNotMatch(download.url(), /tansy|booklet\.pdf/i)
    const file = await download.path()
    assert.match(readFileSync(file).subarray(0, 5).toString(), /^%PDF-/)
    const text = execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' })
    assert.match(text, new RegExp(`Did ${word} hurt your`))
    assert.doesNotMatch(text, /Tova|Tansy|Thistlewood|score|[{}]/i)
    const codes = [...text.matchAll(/^([A-Z_]+\/[A-Z_]+) ·/gm)].map(([, code]) => code)
    const wanted = taken
      .places()
      .filter(({ probe }) => probe !== '')
      .map(({ item, probe }) => `${item.code}/${probe}`)
    assert.deepEqual(codes, wanted)
    // No sitting on paper is open: nothing can be keyed in.
    await page.goto(urls.paperPart(taken.name, 1))
    assert.equal(await idva.heading(), 'The form in the person’s hands')
  })
})

describe('paper answers', () => {
  test('are keyed in page by page, kept, and changed where they were mistyped', async () => {
    const taken = await begin('Tirza')
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.tablet(taken.name))
    await idva.follow('Key in paper answers')
    await house.check(page, 'tablet: key in')
    assert.match(await page.locator('main').innerText(), new RegExp(taken.name.slice(-8)))
    await group(page, 'INJ_NOW/INJ_NOW_BODY').getByLabel('Yes').check()
    await group(page, 'FEAR/FEAR_NOW').getByLabel('I do not understand').check()
    await idva.press('Save and go on')
    assert.match(await page.locator('main').innerText(), /Part 2 of/)
    assert.equal((await taken.answerTo('INJ_NOW_BODY')).code, 'ANSWER_CODE_YES')
    assert.equal((await taken.answerTo('FEAR_NOW')).reason, 'ANSWER_REASON_NOT_UNDERSTOOD')
    assert.equal((await taken.answerTo('INJ_NOW_BODY')).sitting, (await taken.read()).sittings[0].id)
    await idva.follow('The part before')
    assert.ok(await group(page, 'INJ_NOW/INJ_NOW_BODY').getByLabel('Yes').isChecked())
    // What nobody touched is not answered again.
    const { last_seq } = await taken.read()
    await idva.press('Save and go on')
    assert.equal((await taken.read()).last_seq, last_seq)
  })

  test('stay on the page when somebody answered meanwhile', async () => {
    const taken = await begin('Tilly')
    await taken.append([{ item: 'INJ_NOW', probe: 'INJ_NOW_BODY', code: 'ANSWER_CODE_NO' }])
    const idva = await house.as('idva')
    const { page } = idva
    await page.goto(urls.paperPart(taken.name, 1))
    await group(page, 'FEAR/FEAR_NOW').getByLabel('No', { exact: true }).check()
    await taken.append([
      { item: 'INJ_NOW', probe: 'INJ_NOW_BODY', code: 'ANSWER_CODE_YES' },
      { item: 'FEAR', probe: 'FEAR_NOW', code: 'ANSWER_CODE_YES' },
    ])
    await idva.press('Save and go on')
    assert.match(await page.getByRole('alert').innerText(), /Somebody answered meanwhile/)
    assert.match(await group(page, 'FEAR/FEAR_NOW').innerText(), /There is another answer now: Yes/)
    // What was left alone is as it is now, and leaving it alone once more changes nothing.
    assert.ok(await group(page, 'INJ_NOW/INJ_NOW_BODY').getByLabel('Yes').isChecked())
    await house.check(page, 'key in: another answer meanwhile')
    assert.ok(await group(page, 'FEAR/FEAR_NOW').getByLabel('No', { exact: true }).isChecked())
    await idva.press('Save and go on')
    assert.equal((await taken.answerTo('FEAR_NOW')).code, 'ANSWER_CODE_NO')
    assert.equal((await taken.answerTo('INJ_NOW_BODY')).code, 'ANSWER_CODE_YES')
  })

  test('are keyed in without script', async () => {
    const taken = await begin('Talia')
    const idva = await house.as('idva', { script: false })
    const { page } = idva
    await page.goto(urls.paperPart(taken.name, 1))
    await group(page, 'FEAR/FEAR_NOW').getByLabel('Not sure').check()
    await idva.press('Save and go on')
    assert.equal((await taken.answerTo('FEAR_NOW')).code, 'ANSWER_CODE_DONT_KNOW')
  })
})
