// Nothing behind this is for strangers. maracd says whose session it is, on every request: a suspended person's next
// page is the sign-in page.
import { Router } from 'express'
import { localsOf, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { urls } from '../urls.js'
import { holderOf, keepHolder } from '../utils/cookies.js'

export function setUpAuthentication({ config }: Context): Router {
  const router = Router()
  router.use(async (req, res, next) => {
    const locals = localsOf(res)
    if (locals.session === '') throw new MaracError('UNAUTHENTICATED', 'sign in first', 'NO_SESSION')
    locals.caller = await locals.marac.call('SessionService', 'GetCaller', {})
    locals.roles = (locals.caller.account?.roles ?? [])
      .filter(({ area }) => area === config.area)
      .map(({ role }) => role)
    const holder = { account: locals.caller.account?.name ?? '', hasCode: locals.caller.has_code }
    const known = holderOf(req)
    if (known.account !== holder.account || known.hasCode !== holder.hasCode) keepHolder(res, holder)
    if (locals.caller.account?.must_change_password && req.path !== urls.password) {
      res.redirect(303, urls.password)
      return
    }
    next()
  })
  return router
}
