// A person's own account: the password, and one-time codes.
import { Router, type Response } from 'express'
import { bodyOf, callerOf, localsOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import type { FieldError } from '../forms/fields.js'
import { urls } from '../urls.js'
import { qrCodeOf } from '../utils/qrCode.js'

// Longer than anybody needs to take out a telephone, and shorter than a session.
const setUpMsMax = 60 * 60 * 1000

export function accountRoutes({ secrets }: Context): Router {
  const router = Router()

  // The address of a refused unlocking, come back to.
  router.get(urls.unlock, (_req, res) => {
    res.redirect(303, urls.home)
  })

  router.get(urls.account, (req, res) => {
    res.render('pages/account', { hasCode: callerOf(res).has_code, done: req.query['done'] === 'code' })
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
