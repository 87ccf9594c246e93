// Alerts, for the auditor of the area and for an agency's privacy officer: what waits, and saying what it was.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import { bodyOf, holds, localsOf, nameOf, one, queried, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { outcomes, viewOf } from '../services/alerts.js'
import { directoryOf } from '../services/directory.js'
import { olderAt } from '../services/lists.js'
import { urls } from '../urls.js'

export function alertRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('AuditService', 'GetAlert', { name: nameOf(req, context, 'alerts') })

  router.get(urls.alerts, onlyReviewers, async (req, res) => {
    const { marac } = localsOf(res)
    const all = queried(req, 'all') === 'yes'
    const [answer, directory] = await Promise.all([
      marac.call('AuditService', 'ListAlerts', {
        parent: config.area,
        state: all ? 'ALERT_STATE_UNSPECIFIED' : 'ALERT_STATE_WAITING',
        page_token: queried(req, 'page'),
      }),
      directoryOf(marac, config.area),
    ])
    res.render('pages/alerts', {
      alerts: answer.alerts.map((alert) => viewOf(alert, directory.nameOf)),
      all,
      older: olderAt(urls.alerts, answer.next_page_token, all ? { all: 'yes' } : {}),
    })
  })

  router.get('/alerts/:id', onlyReviewers, async (req, res) => {
    await show(req, res, 200, { requestId: randomUUID() })
  })

  router.post('/alerts/:id', async (req, res) => {
    const body = bodyOf(req)
    const [requestId, outcome, note] = ['request_id', 'outcome', 'note'].map((name) => one(body, name))
    const chosen = outcomes.find(({ value }) => value === outcome)?.value ?? 'ALERT_OUTCOME_UNSPECIFIED'
    try {
      await localsOf(res).marac.call('AuditService', 'ReviewAlert', {
        name: nameOf(req, context, 'alerts'),
        outcome: chosen,
        note: note ?? '',
        request_id: requestId ?? '', // A second click reviews nothing twice.
      })
    } catch (error) {
      if (!(error instanceof MaracError) || error.violations.length === 0) throw error
      const errors = error.violations.map(({ field }) => ({
        href: `#${field}`,
        text: advice[field] ?? error.message,
      }))
      return show(req, res, 400, { requestId, chosen, note, errors })
    }
    res.redirect(303, urls.alerts)
  })

  async function show(req: Request, res: Response, status: number, form: object): Promise<void> {
    const [alert, directory] = await Promise.all([
      load(req, res),
      directoryOf(localsOf(res).marac, config.area),
    ])
    const reviewer = directory.nameOf(alert.review?.account ?? '')
    res
      .status(status)
      .render('pages/alert', { view: viewOf(alert, directory.nameOf), reviewer, outcomes, ...form })
  }

  return router
}

const advice: Record<string, string> = {
  outcome: 'Say what it was',
  note: 'Say what was found and what was done',
}

// Saying so here spares people a list that maracd would refuse.
function onlyReviewers(_req: Request, res: Response, next: () => void): void {
  if (!holds(res, 'ROLE_AUDITOR', 'ROLE_PRIVACY_OFFICER')) {
    throw new MaracError('PERMISSION_DENIED', 'not for this role')
  }
  next()
}
