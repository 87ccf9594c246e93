// From what went wrong to a page that says what to do. Whatever was typed is kept: a form that met a locked session
// waits in maracd for the unlocking, one that met an ended session in a sealed box for the sign-in, and one that did
// not get through can be sent again.
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { localsOf, wantsJson, type Context } from './context.js'
import { MaracError, stepUpNeeded } from './data/index.js'
import { showLocked, showStepUp } from './routes/lock.js'
import { keep, typedIn } from './services/kept.js'
import { urls } from './urls.js'
import { dropSession, holderOf } from './utils/cookies.js'

export class ForeignForm extends Error {}

export const notFound: RequestHandler = (_req, res) => {
  res.status(404).render('pages/not-found')
}

const statusOf: Partial<Record<MaracError['code'], number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 503,
}

export function errorHandler({ secrets }: Context): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error)
      return
    }
    const body = typedIn(req)
    const typed = Object.entries(body)
    const isForm = req.method === 'POST' && typed.length > 0
    const again = { path: req.originalUrl, typed: isForm ? typed : [] }
    if (error instanceof MaracError) {
      const status = statusOf[error.code] ?? 500
      if (status === 500) logFault(req.method, error)
      if (wantsJson(req)) {
        res.status(status).json({ message: error.message, violations: error.violations })
        return
      }
      res.status(status)
      if (error.reason === stepUpNeeded) {
        const kept = isForm
          ? secrets.seal({ account: holderOf(req).account, path: req.originalUrl, body, time: Date.now() })
          : ''
        return showStepUp(res, { next: req.originalUrl, kept })
      }
      switch (status) {
        case 401: {
          const path = req.originalUrl
          const isLocked = error.reason === 'SESSION_LOCKED'
          const isKept =
            isLocked &&
            isForm &&
            (await keep(localsOf(res).marac, { path, body, sent: true }).catch(() => false))
          const next = req.method === 'GET' || isKept ? path : urls.home
          const kept =
            isForm && !isKept
              ? secrets.seal({ account: holderOf(req).account, path, body, time: Date.now() })
              : ''
          if (isLocked) return showLocked(req, res, { next, kept, isForm })
          dropSession(res)
          // The old session's token signs no more forms: the sign-in form's is that of no session.
          localsOf(res).formToken = secrets.formToken('')
          res.render('pages/sign-in', { ended: error.reason === 'SESSION_ENDED', next, kept })
          return
        }
        case 403:
          res.render('pages/not-allowed')
          return
        case 404:
          res.render('pages/not-found')
          return
        case 409:
          res.render('pages/changed', { back: req.originalUrl })
          return
        case 429:
          if (error.reason === 'LIMIT') {
            res.render('pages/refused', { message: error.message, violations: [] })
            return
          }
          res.render('pages/wait', again)
          return
        case 503:
          res.render('pages/unavailable', again)
          return
        case 400:
          res.render('pages/refused', { message: error.message, violations: error.violations })
          return
        default:
          res.render('pages/fault', again)
          return
      }
    }
    if (error instanceof ForeignForm) {
      // From another site it is refused for good. From a page of ours that was open while somebody signed in again,
      // it is shown once more with what was typed, to be sent on purpose.
      const isOurs = req.get('sec-fetch-site') === 'same-origin' && !wantsJson(req)
      res.status(403).render('pages/form-expired', { path: req.originalUrl, typed: isOurs ? typed : [] })
      return
    }
    const status = (error as { status?: unknown }).status
    if (status === 413) {
      res.status(413).render('pages/refused', {
        message: 'What you sent is larger than anything that is taken here. Nothing of it was saved.',
        violations: [],
      })
      return
    }
    if (typeof status === 'number' && status >= 400 && status < 500) {
      res.status(status).render('pages/not-found')
      return
    }
    logFault(req.method, error)
    res.status(500).render('pages/fault', again)
  }
}

// The kind of fault and where in our code: never an address, a name or what was typed.
function logFault(method: string, error: unknown): void {
  const kind =
    error instanceof MaracError ? `maracd ${error.code}` : error instanceof Error ? error.name : 'fault'
  const where =
    error instanceof Error ? (error.stack?.split('\n').find((line) => /^\s+at /.test(line)) ?? '') : ''
  process.stderr.write(`web: ${method}: ${kind}${where.replace(/^\s+/, ' ')}\n`)
}
