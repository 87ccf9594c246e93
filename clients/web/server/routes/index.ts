// All pages behind the sign-in.
import { Router } from 'express'
import type { Context } from '../context.js'
import { setUpKept } from '../middleware/setUpKept.js'
import { accessRoutes } from './access.js'
import { accountRoutes } from './account.js'
import { actionRoutes } from './actions.js'
import { additionRoutes } from './additions.js'
import { alertRoutes } from './alerts.js'
import { assessmentRoutes } from './assessments.js'
import { calendarRoutes } from './calendar.js'
import { caseRoutes } from './cases.js'
import { comparisonRoutes } from './comparisons.js'
import { decisionRoutes } from './decisions.js'
import { entryRoutes } from './entry.js'
import { excludedRoutes } from './excluded.js'
import { formRoutes } from './forms.js'
import { attendanceRoutes } from './attendance.js'
import { homeRoutes } from './home.js'
import { itemRoutes } from './items.js'
import { meetingRoutes } from './meetings.js'
import { passwordRoutes } from './password.js'
import { peopleRoutes } from './people.js'
import { pilotRoutes } from './pilots.js'
import { readerRoutes } from './readers.js'
import { referralRoutes } from './referrals.js'
import { registerRoutes } from './register.js'
import { researchRoutes } from './research.js'
import { reviewRoutes } from './reviews.js'
import { rulesRoutes } from './rules.js'
import { serviceRoutes } from './services.js'
import { settingRoutes } from './settings.js'
import { paperRoutes } from './paper.js'
import { tabletRoutes } from './tablet.js'
import { supervisionRoutes } from './supervision.js'
import { triageRoutes } from './triage.js'

export function routes(context: Context): Router {
  const router = Router()
  router.use(setUpKept())
  router.use(homeRoutes(context))
  router.use(accountRoutes(context))
  router.use(registerRoutes())
  router.use(passwordRoutes())
  router.use(peopleRoutes(context))
  router.use(actionRoutes(context))
  router.use(assessmentRoutes(context))
  router.use(tabletRoutes(context))
  router.use(paperRoutes(context))
  router.use(comparisonRoutes(context))
  router.use(reviewRoutes(context))
  router.use(supervisionRoutes(context))
  router.use(referralRoutes(context))
  router.use(entryRoutes(context)) // Before the referrals themselves, whose address it would be.
  router.use(triageRoutes(context))
  router.use(decisionRoutes(context))
  router.use(excludedRoutes(context))
  router.use(additionRoutes(context))
  router.use(caseRoutes(context))
  router.use(researchRoutes(context))
  router.use(readerRoutes(context))
  router.use(accessRoutes(context))
  router.use(calendarRoutes(context))
  router.use(meetingRoutes(context))
  router.use(attendanceRoutes(context))
  router.use(itemRoutes(context))
  router.use(settingRoutes(context))
  router.use(serviceRoutes(context))
  router.use(alertRoutes(context))
  router.use(formRoutes(context))
  router.use(rulesRoutes(context))
  router.use(pilotRoutes(context))
  return router
}
