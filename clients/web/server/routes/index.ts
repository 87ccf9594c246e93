// All pages behind the sign-in.
import { Router } from 'express'
import type { Context } from '../context.js'
import { actionRoutes } from './actions.js'
import { assessmentRoutes } from './assessments.js'
import { homeRoutes } from './home.js'
import { passwordRoutes } from './password.js'
import { referralRoutes } from './referrals.js'

export function routes(context: Context): Router {
  const router = Router()
  router.use(homeRoutes(context))
  router.use(passwordRoutes())
  router.use(actionRoutes(context))
  router.use(assessmentRoutes(context))
  router.use(referralRoutes(context))
  return router
}
