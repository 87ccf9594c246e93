// Reads the session's token and gives the request a client that speaks for it. The process itself keeps nothing.
import { Router } from 'express'
import { localsOf, type Context } from '../context.js'
import { isToken } from '../data/index.js'
import { urls } from '../urls.js'
import { sessionOf } from '../utils/cookies.js'

export function setUpSession({ connection, secrets }: Context): Router {
  const router = Router()
  router.use((req, res, next) => {
    const cookie = sessionOf(req)
    const locals = localsOf(res)
    locals.session = isToken(cookie) ? cookie : ''
    locals.marac = connection.as(locals.session, req.socket.remoteAddress ?? '')
    locals.formToken = secrets.formToken(locals.session)
    // Where "Lock" leads back to: a page that answers a form has no address of its own.
    locals.here = req.method === 'GET' ? req.originalUrl : urls.home
    next()
  })
  return router
}
