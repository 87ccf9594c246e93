// Pages without a person: signing in and out, help.
import { Router } from 'express'
import { bodyOf, localsOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { localPath, urls } from '../urls.js'
import { sentence } from '../utils/format.js'
import { dropSession, keepHolder, keepSession } from '../utils/cookies.js'
import { goOn } from './lock.js'

export function openRoutes(context: Context): Router {
  const { connection, secrets } = context
  const router = Router()

  router.get(urls.signIn, (req, res) => {
    // Whoever comes here wants to prove who they are: the form's token is that of no session.
    localsOf(res).formToken = secrets.formToken(localsOf(res).session)
    res.render('pages/sign-in', {
      next: localPath(req.query['next']),
      out: req.query['out'] === '1',
      recovered: req.query['recovered'] === '1',
    })
  })

  router.post(urls.signIn, async (req, res) => {
    const body = bodyOf(req)
    const login = one(body, 'login').trim()
    const next = localPath(one(body, 'next'))
    const sealed = one(body, 'kept')
    const address = req.socket.remoteAddress ?? ''
    const errors = [
      ...(login === '' ? [{ field: 'login', text: 'Enter your sign-in name' }] : []),
      ...(one(body, 'password') === '' ? [{ field: 'password', text: 'Enter your password' }] : []),
    ]
    const again = (status: number, found: typeof errors) => {
      res.status(status).render('pages/sign-in', { login, next, kept: sealed, errors: found })
    }
    if (errors.length > 0) return again(400, errors)
    const locals = localsOf(res)
    try {
      const session = await connection.as('', address).call('SessionService', 'SignIn', {
        login,
        password: one(body, 'password'),
        code: one(body, 'code').replaceAll(/\s/g, ''),
      })
      locals.session = session.token
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      // maracd does not say which of them it was, or a guesser would learn that the others are right.
      if (error.code === 'UNAUTHENTICATED') {
        return again(400, [
          {
            field: 'login',
            text: 'The sign-in name, the password or the one-time code is not right. Enter them again; a code counts once, so wait for the next one',
          },
        ])
      }
      if (error.code === 'RESOURCE_EXHAUSTED') {
        return again(429, [
          { field: 'login', text: 'Too many tries. Wait 15 minutes, or ask your administrator' },
        ])
      }
      throw error
    }
    locals.marac = connection.as(locals.session, address)
    locals.formToken = secrets.formToken(locals.session)
    locals.caller = await locals.marac.call('SessionService', 'GetCaller', {})
    keepSession(res, locals.session)
    keepHolder(res, { account: locals.caller.account?.name ?? '', hasCode: locals.caller.has_code })
    await goOn(res, secrets, { sealed, next, heading: 'You are signed in again' })
  })

  // --- Somebody who cannot sign in, and whom an administrator has told a code ---------------------------------------

  router.get(urls.recover, (_req, res) => {
    localsOf(res).formToken = secrets.formToken(localsOf(res).session)
    res.render('pages/recover', {})
  })

  router.post(urls.recover, async (req, res) => {
    const body = bodyOf(req)
    const login = one(body, 'login').trim()
    const [code, after, again] = [one(body, 'recovery_code'), one(body, 'new_password'), one(body, 'again')]
    const errors = [
      ...(login === '' ? [{ field: 'login', text: 'Enter your sign-in name' }] : []),
      ...(code === '' ? [{ field: 'recovery_code', text: 'Enter the code that you were told' }] : []),
      ...(after === '' ? [{ field: 'new_password', text: 'Enter a new password' }] : []),
      ...(after !== again ? [{ field: 'again', text: 'The two new passwords are not the same' }] : []),
    ]
    const show = (status: number, found: typeof errors) => {
      // The code was told once, on the telephone: with another password it is as good as before.
      const isRefused = found.some(({ field }) => field === 'recovery_code')
      res.status(status).render('pages/recover', { login, code: isRefused ? '' : code, errors: found })
    }
    if (errors.length > 0) return show(400, errors)
    try {
      await connection.as('', req.socket.remoteAddress ?? '').call('SessionService', 'Recover', {
        login,
        recovery_code: code,
        new_password: after,
      })
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (error.code === 'UNAUTHENTICATED') {
        const text = 'The sign-in name or the code is not right, or the code no longer counts'
        return show(400, [{ field: 'recovery_code', text }])
      }
      if (error.code === 'RESOURCE_EXHAUSTED') {
        return show(429, [{ field: 'recovery_code', text: 'Too many tries. Wait 15 minutes' }])
      }
      if (error.violations.length === 0) throw error
      return show(
        400,
        error.violations.map(({ field, description }) => ({ field, text: sentence(description) })),
      )
    }
    res.redirect(303, `${urls.signIn}?recovered=1`)
  })

  router.post(urls.signOut, async (_req, res) => {
    const { session, marac } = localsOf(res)
    dropSession(res)
    if (session !== '') {
      // Ended already, or not reached: it ends by itself, and the browser has forgotten it.
      await marac.call('SessionService', 'SignOut', {}).catch((error: unknown) => {
        if (!(error instanceof MaracError)) throw error
      })
    }
    res.redirect(303, `${urls.signIn}?out=1`)
  })

  router.get(urls.help, (_req, res) => {
    res.render('pages/help')
  })

  return router
}
