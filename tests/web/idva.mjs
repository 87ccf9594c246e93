// What an IDVA does, in the words of the pages. Used with script and without.

export const yes = new Set(
  'INJ_NOW FEAR FEAR_OF ISOLATED SEPARATED STALK FREQ_UP SEV_UP CONTROL KILL_THREAT STRANGLE MONEY SUBST_MH BREACH RECORD'.split(
    ' ',
  ),
)

export async function startAssessment(person, { victim, harm }) {
  const { page } = person
  await person.press('Start an assessment')
  await page.getByLabel('Name of the person at risk', { exact: true }).fill(victim)
  await page.getByLabel('Name of the person they are frightened of', { exact: true }).fill(harm)
  await page.getByLabel('All on one page').check()
  await person.press('Start')
}

export async function answer(item) {
  const code = await item.getAttribute('data-item')
  await item
    .getByLabel(yes.has(code) ? 'Yes' : 'No', { exact: true })
    .first()
    .check()
}

/** Answers what is left: each text with what is given, or "not known" where nothing is. */
export async function answerWhatIsLeft(page, given) {
  const form = page.locator('form[data-keep]')
  const names = new Set(
    await form.locator('input[type=radio]').evaluateAll((radios) => radios.map(({ name }) => name)),
  )
  for (const name of names) {
    const value = given[name] ?? (name.endsWith('.unknown') ? 'UNKNOWN_NOT_ASKED' : 'YES_NO_NO')
    const radio = form.locator(`input[type=radio][name="${name}"][value="${value}"]`)
    if ((await radio.count()) === 1 && (await radio.isVisible())) await radio.check()
  }
  for (const tick of await form.locator('input[type=checkbox][data-instead-of]').all()) {
    const name = await tick.getAttribute('data-instead-of')
    if (!(await tick.isVisible())) continue
    if (given[name] === undefined) await tick.check()
  }
  for (const [name, value] of Object.entries(given)) {
    const field = form.locator(`[name="${name}"]:not([type=radio])`)
    if ((await field.count()) === 1 && (await field.isVisible())) await field.fill(value)
  }
}

export const whatIsKnown = {
  'referral.victim.birth_date.day': '17',
  'referral.victim.birth_date.month': '5',
  'referral.victim.birth_date.year': '1991',
  'referral.victim.address.lines': '12 Gossamer Lane',
  'referral.victim.address.postcode': 'MK99 4QX',
  'referral.victim.birth_date': 'given',
  'safe_contact.phone': '01632 960123',
  'safe_contact.safe_to_call': 'YES_NO_YES',
  'referral.victim_voice.aware': 'YES_NO_YES',
  'referral.victim_voice.consent': 'YES_NO_YES',
  'referral.victim_voice.fears': 'That he comes to the school gate.',
  'referral.reason.narrative': 'Left him last week. He strangled her in March and says he will finish it.',
  'referral.referrer.job_title': 'IDVA',
  'referral.referrer.contact': '01632 960100',
}
