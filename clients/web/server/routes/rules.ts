// Rules for grading: which versions the area has, installing another, and trying one on assessments that were signed.
import { Router } from 'express'
import { callerOf, holds, localsOf, queried, type Body, type Context } from '../context.js'
import { apply, idOfField, rawFrom, rawOf, viewsOf, type Field, type FieldError } from '../forms/fields.js'
import { onlyFor } from '../middleware/onlyFor.js'
import { installing, refusal } from '../services/dataFile.js'
import { sendForm, showForm, textOf, type FormPage } from '../services/formPage.js'
import { lastQuarter, rulesOf, rulesOptions, rulesViews } from '../services/gradingRules.js'
import { urls } from '../urls.js'
import { clockInLondon } from '../utils/format.js'
import { fieldErrors } from './assessments.js'

export function rulesRoutes({ config }: Context): Router {
  const router = Router()
  const { area } = config

  router.use(urls.rules, onlyFor('ROLE_ADMIN', 'ROLE_COORDINATOR', 'ROLE_STEERING_GROUP'))

  router.get(urls.rules, async (req, res) => {
    res.render('pages/rules', {
      all: await rulesViews(localsOf(res).marac, area),
      keeps: holds(res, 'ROLE_ADMIN'),
      tries: holds(res, 'ROLE_COORDINATOR'),
      done: queried(req, 'done'),
    })
  })

  // --- Another version ------------------------------------------------------------------------------------------

  const newPage: FormPage = {
    title: 'Install rules for grading',
    intro:
      'The rules come as a file in text format. It is checked as a whole: if anything in it is wrong, nothing is installed.',
    points: [
      'A version that is here never changes. A change is another version.',
      'Rules that are installed are not in use yet. Let a coordinator try them first; putting them to use is an area setting.',
    ],
    fields: [
      { path: 'policy_file', kind: 'file', label: 'The file of the rules' },
      { path: 'policy_text', kind: 'longstring', label: 'Or paste its text' },
    ],
    now: {},
    etag: '',
    nav: 'forms',
    back: { text: 'Rules for grading', href: urls.rules },
    submit: 'Install them',
  }

  router.get(urls.newRules, onlyFor('ROLE_ADMIN'), (_req, res) => {
    showForm(res, newPage)
  })

  router.post(urls.newRules, onlyFor('ROLE_ADMIN'), async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => Promise.resolve(newPage),
      (typed, { request_id }) => {
        const file = typed['policy_file'] as Buffer
        const text = textOf(typed['policy_text'])
        if (file.length > 0 && text !== '') {
          throw refusal('policy_text', 'Choose a file or paste its text, not both')
        }
        if (file.length === 0 && text === '')
          throw refusal('policy_file', 'Choose the file, or paste its text')
        return installing(file.length > 0 ? 'policy_file' : 'policy_text', () =>
          localsOf(res).marac.call('InstrumentService', 'InstallPolicy', {
            parent: area,
            policy_file: file.length > 0 ? file : Buffer.from(text),
            request_id,
          }),
        )
      },
    )
    if (sent) res.redirect(303, `${urls.rules}?done=installed`)
  })

  // --- Trying one -----------------------------------------------------------------------------------------------

  router.get(urls.tryRules, onlyFor('ROLE_COORDINATOR'), async (req, res) => {
    const { marac } = localsOf(res)
    const all = await rulesOf(marac, area)
    const fields: Field[] = [
      { path: 'policy', kind: 'select', label: 'Rules', options: rulesOptions(all) },
      { path: 'first_day', kind: 'day', label: 'First day', hint: 'On which the assessments were begun' },
      { path: 'last_day', kind: 'day', label: 'Last day', hint: 'At most a year later' },
    ]
    const isAsked = queried(req, 'policy') !== ''
    const today = clockInLondon(callerOf(res).business_time ?? { seconds: '0' }).day
    const raw = isAsked
      ? rawFrom(fields, req.query as Body)
      : rawOf(fields, { policy: queried(req, 'rules') || all[0]?.about.policy, ...lastQuarter(today) })
    const show = (errors: FieldError[], found: object = {}) => {
      res.status(errors.length > 0 ? 400 : 200).render('pages/rules-try', {
        fields: viewsOf(fields, raw, errors),
        errors: errors.map(({ field, text }) => ({ text, href: `#${idOfField(field)}` })),
        ...found,
      })
    }
    if (!isAsked) return show([])
    const asked: { policy?: string; first_day?: null; last_day?: null } = {}
    const errors = apply(fields, raw, {}, asked)
    if (errors.length > 0) return show(errors)
    try {
      const tried = await marac.call('InstrumentService', 'PreviewPolicy', { parent: area, ...asked })
      show([], { tried, policy: asked.policy })
    } catch (error) {
      show(fieldErrors(error))
    }
  })

  return router
}
