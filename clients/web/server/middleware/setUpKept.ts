// A form that was kept while the session was locked, and is sent again: once it is through, it is kept no longer.
import { Router } from 'express'
import { bodyOf, localsOf, one } from '../context.js'
import { dropKept } from '../services/kept.js'

export function setUpKept(): Router {
  const router = Router()
  router.post(/.*/, (req, res, next) => {
    if (one(bodyOf(req), '_kept') === 'yes') {
      res.on('finish', () => {
        // Not worth failing for: it is offered once more, or goes by itself.
        if (res.statusCode < 400) dropKept(localsOf(res).marac, req.path).catch(() => undefined)
      })
    }
    next()
  })
  return router
}
