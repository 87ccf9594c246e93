// A supervisor's queue: signed assessments that name them, and agreeing to one or sending it back.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import { bodyOf, localsOf, nameOf, one, type Context } from '../context.js'
import { directoryOf } from '../services/directory.js'
import { awaitedSupervisor, supervisionOf, waitsBecause } from '../services/supervision.js'
import { loadAssessment } from '../services/waiting.js'
import { urls } from '../urls.js'
import { fieldErrors } from './assessments.js'

const decisions = [
  { value: 'SUPERVISOR_DECISION_AGREED', text: 'I agree' },
  { value: 'SUPERVISOR_DECISION_SENT_BACK', text: 'I do not agree, and send it back' },
] as const

export function supervisionRoutes(context: Context): Router {
  const router = Router()
  const { config } = context

  router.get(urls.supervision, async (_req, res) => {
    const waiting = await supervisionOf(localsOf(res).marac, config.area)
    res.render('pages/supervision', {
      waiting: waiting.map((assessment) => ({ assessment, because: waitsBecause(assessment) })),
    })
  })

  router.get('/supervision/:id', async (req, res) => {
    await show(req, res, 200, { requestId: randomUUID() })
  })

  router.post('/supervision/:id', async (req, res) => {
    const body = bodyOf(req)
    const [decision, reason] = [one(body, 'decision'), one(body, 'reason')]
    try {
      await localsOf(res).marac.call('AssessmentService', 'CountersignAssessment', {
        name: nameOf(req, context, 'assessments'),
        etag: one(body, 'etag'),
        decision:
          decisions.find(({ value }) => value === decision)?.value ?? 'SUPERVISOR_DECISION_UNSPECIFIED',
        reason,
        request_id: one(body, 'request_id'), // A second click decides nothing twice.
      })
    } catch (error) {
      const errors = fieldErrors(error).map(({ field, text }) => ({
        field,
        text: advice[field] ?? text,
        href: advice[field] ? `#${field}` : '#main-content',
      }))
      return show(req, res, 400, { requestId: randomUUID(), decision, reason, errors })
    }
    res.redirect(303, urls.supervision)
  })

  async function show(req: Request, res: Response, status: number, form: object): Promise<void> {
    const { marac } = localsOf(res)
    const [taken, directory] = await Promise.all([
      loadAssessment(marac, config.area, nameOf(req, context, 'assessments')),
      directoryOf(marac, config.area),
    ])
    const { assessment } = taken
    res.status(status).render('pages/supervision-one', {
      ...taken,
      waits: awaitedSupervisor(assessment) !== '',
      because: waitsBecause(assessment),
      assessor: directory.nameOf(assessment.assessor),
      decider: directory.nameOf(assessment.countersignature?.account ?? ''),
      decisions,
      ...form,
    })
  }

  return router
}

const advice: Record<string, string> = {
  decision: 'Say whether you agree',
  reason: 'Say why you send it back, and what is to be done',
}
