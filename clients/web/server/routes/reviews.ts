// When a signed assessment is to be reviewed: what is due, what changed since, and that none is needed; and that one
// should never have been.
import { Router, type Request, type Response } from 'express'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import { localsOf, nameOf, queried, type Context } from '../context.js'
import { refusal } from '../services/dataFile.js'
import { reviewsDue } from '../services/reviews.js'
import { olderAt } from '../services/lists.js'
import { sendForm, showForm, textOf, type FormPage } from '../services/formPage.js'
import { urls } from '../urls.js'
import { dayInWords } from '../utils/format.js'

export function reviewRoutes(context: Context): Router {
  const router = Router()
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('AssessmentService', 'GetAssessment', {
      name: nameOf(req, context, 'assessments'),
    })
  const beside = (assessment: Assessment__Output) => ({
    now: {},
    etag: assessment.etag,
    nav: 'assessments',
    back: { text: 'Assessment', href: urls.assessment(assessment.name) },
  })

  const changePage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const assessment = await load(req, res)
    return {
      ...beside(assessment),
      title: 'Something changed',
      intro: 'What was true may be so no longer. The assessment is due for review from that day on.',
      fields: [
        {
          path: 'code',
          kind: 'choice',
          label: 'What changed',
          options: (assessment.review?.choices ?? []).map(({ code, label }) => ({
            value: code,
            text: label,
          })),
        },
        { path: 'day', kind: 'day', label: 'When', hint: 'For example, 27 3 2026. Leave it empty for today' },
        { path: 'note', kind: 'longstring', label: 'What happened', hint: 'If there is more to say' },
      ],
      submit: 'Save',
    }
  }
  const endPage = (req: Request, res: Response) => async (): Promise<FormPage> => ({
    ...beside(await load(req, res)),
    title: 'No review is needed',
    intro: 'It is not asked for any more, until something changes and is recorded.',
    fields: [{ path: 'reason', kind: 'longstring', label: 'Why not' }],
    submit: 'Save',
  })

  router.get('/assessments/:id/change', async (req, res) => {
    showForm(res, await changePage(req, res)())
  })
  router.post('/assessments/:id/change', async (req, res) => {
    const name = nameOf(req, context, 'assessments')
    const sent = await sendForm(req, res, changePage(req, res), async (typed, { request_id }) => {
      // maracd names the codes, which say nothing to whoever chooses by their words.
      if (textOf(typed['code']) === '') throw refusal('code', 'Choose what changed')
      await localsOf(res).marac.call('AssessmentService', 'RecordChange', { ...typed, name, request_id })
    })
    if (sent) res.redirect(303, urls.assessment(name))
  })

  const errorPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const assessment = await load(req, res)
    return {
      ...beside(assessment),
      caption: `${assessment.victim?.name?.value || 'Name not known'}, assessment of ${dayInWords(assessment.assessment_date)}`,
      title: 'This was entered in error',
      intro: 'For an assessment that should never have been: of the wrong person, or begun twice.',
      points: [
        'It is kept, and its answers count nowhere. Whoever may read it still may.',
        ...(assessment.referral === ''
          ? []
          : [
              'The referral that it went with, and the case that came of it, say so. They lose its number of yes answers and what it says of how to communicate.',
            ]),
        ...(assessment.reviews === '' ? [] : ['The one that it reviews is due for review again.']),
      ],
      warning: 'You cannot undo this. If only an answer is wrong, change that answer instead.',
      fields: [{ path: 'reason', kind: 'longstring', label: 'What was wrong' }],
      submit: 'Mark as entered in error',
    }
  }

  router.get(urls.reviews, async (req, res) => {
    const { assessments, next_page_token: rest } = await reviewsDue(
      res,
      context.config.area,
      queried(req, 'page'),
    )
    res.render('pages/reviews', { reviews: assessments, later: olderAt(urls.reviews, rest) })
  })

  router.get('/assessments/:id/entered-in-error', async (req, res) => {
    showForm(res, await errorPage(req, res)())
  })
  router.post('/assessments/:id/entered-in-error', async (req, res) => {
    const name = nameOf(req, context, 'assessments')
    const sent = await sendForm(req, res, errorPage(req, res), (typed, sending) =>
      localsOf(res).marac.call('AssessmentService', 'MarkEnteredInError', { ...typed, ...sending, name }),
    )
    if (sent) res.redirect(303, urls.assessment(name))
  })

  router.get('/assessments/:id/no-review', async (req, res) => {
    showForm(res, await endPage(req, res)())
  })
  router.post('/assessments/:id/no-review', async (req, res) => {
    const name = nameOf(req, context, 'assessments')
    const sent = await sendForm(req, res, endPage(req, res), (typed, sending) =>
      localsOf(res).marac.call('AssessmentService', 'EndReview', { ...typed, ...sending, name }),
    )
    if (sent) res.redirect(303, urls.assessment(name))
  })

  return router
}
