// A form counts only if it was ours: it carries the token of this session, and the browser does not say that another
// site sent it. Our own pages send no referrer, so their forms come with the origin "null"; the token decides then.
// A form of ours that comes after the session has gone can do nothing: it goes on to the sign-in, which keeps it.
import { Router } from 'express'
import { bodyOf, localsOf, one, type Context } from '../context.js'
import { ForeignForm } from '../errorHandler.js'
import { urls } from '../urls.js'

export function setUpForms({ config, secrets }: Context): Router {
  const router = Router()
  router.use((req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next()
    const site = req.get('sec-fetch-site')
    const origin = req.get('origin')
    const foreign =
      (site !== undefined && site !== 'same-origin') ||
      (origin !== undefined && origin !== 'null' && !config.origins.includes(origin))
    const { session } = localsOf(res)
    if (session === '' && site === 'same-origin' && req.path !== urls.signIn) return next()
    if (foreign || !secrets.isFormToken(session, one(bodyOf(req), '_token'))) {
      return next(new ForeignForm())
    }
    next()
  })
  return router
}
