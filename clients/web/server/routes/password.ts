import { Router } from 'express'
import { bodyOf, callerOf, localsOf, one } from '../context.js'
import { MaracError } from '../data/index.js'
import { urls } from '../urls.js'

export function passwordRoutes(): Router {
  const router = Router()

  router.get(urls.password, (_req, res) => {
    res.render('pages/password', { must: callerOf(res).account?.must_change_password })
  })

  router.post(urls.password, async (req, res) => {
    const body = bodyOf(req)
    const [before, after, again] = [one(body, 'old_password'), one(body, 'new_password'), one(body, 'again')]
    const errors: { field: string; text: string }[] = []
    if (before === '') errors.push({ field: 'old_password', text: 'Enter your present password' })
    if (after === '') errors.push({ field: 'new_password', text: 'Enter a new password' })
    else if (after !== again) errors.push({ field: 'again', text: 'The two new passwords are not the same' })
    if (errors.length === 0) {
      try {
        await localsOf(res).marac.call('SessionService', 'ChangePassword', {
          old_password: before,
          new_password: after,
        })
        res.render('pages/password-changed')
        return
      } catch (error) {
        if (!(error instanceof MaracError)) throw error
        if (error.reason === 'SIGN_IN_FAILED') {
          errors.push({ field: 'old_password', text: 'The present password is not right' })
        } else if (error.violations.length > 0) {
          errors.push(...error.violations.map((one) => ({ field: one.field, text: one.description })))
        } else throw error
      }
    }
    res.status(400).render('pages/password', { must: callerOf(res).account?.must_change_password, errors })
  })

  return router
}
