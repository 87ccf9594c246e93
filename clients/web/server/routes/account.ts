// A person's own account: the password, and one-time codes.
import { Router, type Response } from 'express'
import type { AccountEventKind__Output } from '../../generated/marac/v1/AccountEventKind.js'
import { bodyOf, callerOf, localsOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import type { FieldError } from '../forms/fields.js'
import { urls } from '../urls.js'
import { qrCodeOf } from '../utils/qrCode.js'

// Longer than anybody needs to take out a telephone, and shorter than a session.
const setUpMsMax = 60 * 60 * 1000

const happened: Record<AccountEventKind__Output, string> = {
  ACCOUNT_EVENT_KIND_UNSPECIFIED: '',
  ACCOUNT_EVENT_KIND_NEW_PLACE: 'Signed in from a place that was new, or not used for 30 days',
  ACCOUNT_EVENT_KIND_PASSWORD_CHANGED: 'The password was changed',
  ACCOUNT_EVENT_KIND_CODES_SET_UP: 'One-time codes were set up',
  ACCOUNT_EVENT_KIND_RECOVERY_STARTED: 'An administrator started a recovery of your account',
  ACCOUNT_EVENT_KIND_RECOVERED: 'A recovery code set a new password, and took away the one-time codes',
  ACCOUNT_EVENT_KIND_SESSIONS_ENDED: 'Sessions were ended from another one',
}

// "ipv4:10.1.2.3", "ipv6:[fe80::1]": how it is reached tells its owner nothing.
const addressIn = (source: string): string => source.replace(/^ipv[46]:/, '')

export function accountRoutes({ secrets }: Context): Router {
  const router = Router()

  // The address of a refused unlocking, come back to.
  router.get(urls.unlock, (_req, res) => {
    res.redirect(303, urls.home)
  })

  router.get(urls.account, async (req, res) => {
    const { sessions, events } = await localsOf(res).marac.call('SessionService', 'ListSessions', {})
    res.render('pages/account', {
      hasCode: callerOf(res).has_code,
      done: req.query['done'],
      sessions: sessions.map((session) => ({ ...session, source: addressIn(session.source) })),
      events: events.map((event) => ({
        ...event,
        source: addressIn(event.source),
        text: happened[event.kind],
      })),
    })
  })

  // Ended already is as good as ended.
  router.post(urls.endSession, async (req, res) => {
    await localsOf(res)
      .marac.call('SessionService', 'EndSession', { id: one(bodyOf(req), 'id') })
      .catch((error: unknown) => {
        if (!(error instanceof MaracError) || error.code !== 'NOT_FOUND') throw error
      })
    res.redirect(303, `${urls.account}?done=ended`)
  })

  router.post(urls.endOtherSessions, async (_req, res) => {
    await localsOf(res).marac.call('SessionService', 'EndOtherSessions', {})
    res.redirect(303, `${urls.account}?done=others`)
  })

  router.get(urls.accountCode, (_req, res) => {
    res.render('pages/account-code', { hasCode: callerOf(res).has_code })
  })

  router.post(urls.accountCode, async (req, res) => {
    const password = one(bodyOf(req), 'password')
    const again = (text: string, status = 400) =>
      res.status(status).render('pages/account-code', {
        hasCode: callerOf(res).has_code,
        errors: [{ field: 'password', text }],
      })
    if (password === '') return again('Enter your password')
    try {
      const { uri, secret } = await localsOf(res).marac.call('SessionService', 'EnrolCode', { password })
      showSecret(res, { uri, secret })
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (error.code === 'INVALID_ARGUMENT') return again('The password is not right')
      if (error.code === 'RESOURCE_EXHAUSTED') return again('Too many tries. Wait 15 minutes', 429)
      throw error
    }
  })

  router.get(urls.confirmCode, (_req, res) => {
    res.redirect(303, urls.accountCode)
  })

  router.post(urls.confirmCode, async (req, res) => {
    const body = bodyOf(req)
    const code = one(body, 'code').replaceAll(/\s/g, '')
    const box = secrets.open(one(body, 'set_up'))
    if (!box || box.account !== callerOf(res).account?.name || Date.now() - box.time > setUpMsMax) {
      return res.redirect(303, urls.accountCode)
    }
    const shown = { uri: one(box.body, 'uri'), secret: one(box.body, 'secret') }
    if (code === '') return showSecret(res, shown, [{ field: 'code', text: 'Enter the six digits' }])
    try {
      await localsOf(res).marac.call('SessionService', 'ConfirmCode', { code })
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      // Begun anew in another window, or confirmed there.
      if (error.code === 'FAILED_PRECONDITION') return res.redirect(303, urls.account)
      if (error.code !== 'INVALID_ARGUMENT') throw error
      return showSecret(res, shown, [
        {
          field: 'code',
          text: 'This is not the code of this moment. Enter the next one, and check that the clock of your telephone is right',
        },
      ])
    }
    res.redirect(303, `${urls.account}?done=code`)
  })

  // maracd tells the secret once. It is sealed into the page, so that a mistyped digit does not mean to begin again.
  function showSecret(
    res: Response,
    shown: { uri: string; secret: string },
    errors: FieldError[] = [],
  ): void {
    const account = callerOf(res).account?.name ?? ''
    res.status(errors.length > 0 ? 400 : 200).render('pages/account-code-confirm', {
      qr: qrCodeOf(shown.uri),
      secret: shown.secret.match(/.{1,4}/g)?.join(' ') ?? '',
      setUp: secrets.seal({ account, path: urls.confirmCode, body: shown, time: Date.now() }),
      errors,
    })
  }

  return router
}
