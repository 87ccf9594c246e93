// Locking and unlocking: a locked session shows nothing, and keeps what is typed.
import { setTimeout as sleep } from 'node:timers/promises'
import { Router, type Request, type Response } from 'express'
import { bodyOf, localsOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import type { FieldError } from '../forms/fields.js'
import { dropKept, findKept, formNamed, keep, typedIn } from '../services/kept.js'
import { localPath, urls } from '../urls.js'
import { deviceOf, dropSession, holderOf, keepDevice } from '../utils/cookies.js'
import type { Secrets } from '../utils/secrets.js'

// Whoever wants to be away waits no longer for the server; the browser then forgets the session instead.
const lockPatienceMs = 1500
// As long as a session lasts at most.
const sealedMsMax = 8 * 60 * 60 * 1000

/** Goes on where somebody was who has just proved who they are, with what they typed there. */
export async function goOn(
  res: Response,
  secrets: Secrets,
  { sealed, next, heading }: { sealed: string; next: string; heading: string },
): Promise<void> {
  const { marac, caller } = localsOf(res)
  const proceed = (path: string, body: object) =>
    res.render('pages/continue', {
      heading,
      path,
      typed: Object.entries(body),
    })
  const box = sealed === '' ? undefined : secrets.open(sealed)
  if (box && box.account === caller?.account?.name && Date.now() - box.time < sealedMsMax) {
    return proceed(box.path, box.body)
  }
  if (!caller?.account?.must_change_password) {
    const kept = await findKept(marac, next)
    if (kept?.sent) return proceed(kept.path, kept.body)
    if (kept) return res.redirect(303, `/${formNamed(next) ?? ''}?kept=yes`)
  }
  res.redirect(303, next)
}

export function showLocked(
  req: Request,
  res: Response,
  page: {
    next: string
    kept?: string
    isForm?: boolean
    errors?: FieldError[]
    status?: number
    refused?: boolean
  },
): void {
  const { hasCode } = holderOf(req)
  res.status(page.status ?? 401).render('pages/locked', {
    ...page,
    asksCode: hasCode || page.refused, // Codes may have been set up elsewhere since.
    asksPassword: !hasCode,
    hasCode,
  })
}

/** Asks somebody whose session is open who they are, for what wants to know that now. */
export function showStepUp(
  res: Response,
  page: { next: string; kept: string; errors?: FieldError[]; status?: number },
): void {
  res
    .status(page.status ?? 401)
    .render('pages/step-up', { ...page, hasCode: localsOf(res).caller?.has_code ?? false })
}

export function lockRoutes(context: Context): Router {
  const { config, secrets } = context
  const router = Router()

  // The button of a page with a long form sends that form along.
  router.post(urls.lock, async (req, res) => {
    const { marac } = localsOf(res)
    const next = localPath(req.query['next'])
    const body = typedIn(req)
    const isTyped = Object.keys(body).length > 0
    const isKept = !isTyped || (await keep(marac, { path: next, body, sent: false }))
    await lockAtOnce(res)
    if (isKept) return res.redirect(303, next)
    const kept = secrets.seal({ account: holderOf(req).account, path: next, body, time: Date.now() })
    showLocked(req, res, { next, kept })
  })

  router.post(urls.unlock, async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    const next = localPath(one(body, 'next'))
    const sealed = one(body, 'kept')
    const code = one(body, 'code').replaceAll(/\s/g, '')
    const password = one(body, 'password')
    const { hasCode } = holderOf(req)
    const field = hasCode ? 'code' : 'password'
    const again = (status: number, text: string, refused = false) =>
      showLocked(req, res, { next, kept: sealed, errors: [{ field, text }], status, refused })
    if (code === '' && password === '') {
      return again(400, hasCode ? 'Enter your one-time code' : 'Enter your password')
    }
    try {
      await marac.call('SessionService', 'Unlock', { code, password })
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (error.code === 'RESOURCE_EXHAUSTED') {
        return again(429, 'Too many tries. Wait 15 minutes, or sign out and ask your administrator')
      }
      if (error.code !== 'UNAUTHENTICATED') throw error
      if (error.reason === 'SIGN_IN_FAILED') {
        return again(
          400,
          hasCode
            ? 'This code is not right, or it was used before. A code counts once: wait for the next one'
            : 'The password is not right',
          true,
        )
      }
      // Eight hours are over: the session has ended, and where the person was is kept.
      dropSession(res)
      localsOf(res).formToken = secrets.formToken('')
      res.status(401).render('pages/sign-in', { ended: true, next, kept: sealed })
      return
    }
    localsOf(res).caller = await marac.call('SessionService', 'GetCaller', {})
    await goOn(res, secrets, { sealed, next, heading: 'Unlocked' })
  })

  // The address of a refused proof, come back to.
  router.get(urls.stepUp, (_req, res) => {
    res.redirect(303, urls.home)
  })

  router.post(urls.stepUp, async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    const next = localPath(one(body, 'next'))
    const sealed = one(body, 'kept')
    const code = one(body, 'code').replaceAll(/\s/g, '')
    const password = one(body, 'password')
    localsOf(res).caller = await marac.call('SessionService', 'GetCaller', {})
    const hasCode = localsOf(res).caller?.has_code ?? false
    const again = (status: number, text: string) =>
      showStepUp(res, {
        next,
        kept: sealed,
        errors: [{ field: hasCode ? 'code' : 'password', text }],
        status,
      })
    if (code === '' && password === '') {
      return again(400, hasCode ? 'Enter your one-time code' : 'Enter your password')
    }
    try {
      await marac.call('SessionService', 'StepUp', { code, password })
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (error.code === 'RESOURCE_EXHAUSTED') return again(429, 'Too many tries. Wait 15 minutes')
      if (error.reason !== 'SIGN_IN_FAILED') throw error
      return again(
        400,
        hasCode
          ? 'This code is not right, or it was used before. A code counts once: wait for the next one'
          : 'The password is not right',
      )
    }
    await goOn(res, secrets, { sealed, next, heading: 'Thank you' })
  })

  // The way out that has to work at once: a link, so that it also works without script. It locks the session, which
  // changes nothing else, and SameSite keeps other sites from sending anybody here with their session.
  router.get(urls.exit, async (req, res) => {
    // A device that was handed over goes dark; the session that it was made from is locked already.
    if (!(await endAtOnce(context, req, res))) await lockAtOnce(res)
    res.redirect(303, config.exitAddress)
  })

  // The page's script, while somebody types. Open to a locked session, which only maracd can tell.
  router.post(urls.typed, async (req, res) => {
    const path = localPath(req.query['of'])
    const isKept = await keep(localsOf(res).marac, { path, body: typedIn(req), sent: false })
    res.status(isKept ? 204 : 507).end()
  })

  router.post(urls.discardTyped, async (req, res) => {
    const path = localPath(req.query['of'])
    await dropKept(localsOf(res).marac, path)
    res.redirect(303, path)
  })

  return router
}

/** Whether a device was in somebody's hands, and is no more. Its token is forgotten whatever maracd says. */
async function endAtOnce({ connection }: Context, req: Request, res: Response): Promise<boolean> {
  const device = deviceOf(req)
  const { token } = device
  if (token === '') return false
  keepDevice(res, { ...device, token: '' })
  const ended = connection
    .as(token, req.socket.remoteAddress ?? '')
    .call('SessionService', 'EndHandover', { end: 'HANDOVER_END_EXIT_QUICKLY' })
    .then(
      () => true,
      () => false, // Taken back already, or not reached.
    )
  return Promise.race([ended, sleep(lockPatienceMs, false, { ref: false })])
}

async function lockAtOnce(res: Response): Promise<void> {
  const { session, marac } = localsOf(res)
  if (session === '') return
  const locked = marac.call('SessionService', 'Lock', {}).then(
    () => true,
    () => false, // Ended already, or not reached.
  )
  const late = sleep(lockPatienceMs, false, { ref: false })
  if (!(await Promise.race([locked, late]))) dropSession(res)
}
