// Signed assessments that are to be taken anew soon.
import type { Response } from 'express'
import { callerOf, localsOf } from '../context.js'
import { clockInLondon, secondsOf } from '../utils/format.js'
import { listWhole } from './lists.js'

// Long enough to find a time and a safe place for it.
const soonSeconds = 14 * 24 * 60 * 60

/** What the caller may see of it, the soonest first; or only what they took themselves. */
export function reviewsDue(res: Response, area: string, mine = false) {
  const seconds = secondsOf(callerOf(res).business_time) + soonSeconds
  const review_due_by = clockInLondon({ seconds: String(seconds) }).day
  return listWhole(
    (page) =>
      localsOf(res).marac.call('AssessmentService', 'ListAssessments', {
        parent: area,
        mine,
        review_due_by,
        ...page,
      }),
    'assessments',
  )
}
