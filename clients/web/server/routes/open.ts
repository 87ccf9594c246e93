// Pages without a person: signing in and out, exit, help.
import { Router } from 'express'
import { bodyOf, localsOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { localPath, urls } from '../urls.js'
import { dropSession, keepSession } from '../utils/cookies.js'

// As long as a session lasts at most.
const keptMsMax = 8 * 60 * 60 * 1000

export function openRoutes(context: Context): Router {
  const { connection, config, secrets } = context
  const router = Router()

  router.get(urls.signIn, (req, res) => {
    // Whoever comes here wants to prove who they are: the form's token is that of no session.
    localsOf(res).formToken = secrets.formToken(localsOf(res).session)
    res.render('pages/sign-in', { next: localPath(req.query['next']), out: req.query['out'] === '1' })
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
    let token: string
    try {
      const session = await connection
        .as('', address)
        .call('SessionService', 'SignIn', { login, password: one(body, 'password') })
      token = session.token
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (error.code === 'UNAUTHENTICATED') {
        return again(400, [{ field: 'login', text: 'The sign-in name or the password is not right' }])
      }
      if (error.code === 'RESOURCE_EXHAUSTED') {
        return again(429, [
          { field: 'login', text: 'Too many tries. Wait 15 minutes, or ask your administrator' },
        ])
      }
      throw error
    }
    const caller = await connection.as(token, address).call('SessionService', 'GetCaller', {})
    const account = caller.account?.name ?? ''
    keepSession(res, token, account)
    const kept = sealed === '' ? undefined : secrets.open(sealed)
    if (kept && kept.account === account && Date.now() - kept.time < keptMsMax) {
      const locals = localsOf(res)
      locals.session = token
      locals.formToken = secrets.formToken(token)
      locals.caller = caller
      res.render('pages/continue', { path: kept.path, typed: Object.entries(kept.body) })
      return
    }
    res.redirect(303, next)
  })

  router.post(urls.signOut, async (_req, res) => {
    await endSession(res)
    res.redirect(303, `${urls.signIn}?out=1`)
  })

  // The way out that has to work at once: a link, so that it also works without script. It ends the session, which
  // changes nothing else, and SameSite keeps other sites from sending anybody here with their session.
  router.get(urls.exit, async (_req, res) => {
    await endSession(res)
    res.redirect(303, config.exitAddress)
  })

  router.get(urls.help, (_req, res) => {
    res.render('pages/help')
  })

  async function endSession(res: Parameters<typeof dropSession>[0]): Promise<void> {
    const { session, marac } = localsOf(res)
    dropSession(res)
    if (session === '') return
    try {
      await marac.call('SessionService', 'SignOut', {})
    } catch (error) {
      // Ended already, or not reached: it ends by itself, and the browser has forgotten it.
      if (!(error instanceof MaracError)) throw error
    }
  }

  return router
}
