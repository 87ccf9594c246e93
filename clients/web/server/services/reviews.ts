// Signed assessments that are to be taken anew soon.
import type { Response } from 'express'
import { callerOf, localsOf } from '../context.js'
import { clockInLondon, secondsOf } from '../utils/format.js'
import { listWhole } from './lists.js'

// Long enough to find a time and a safe place for it.
const soonSeconds = 14 * 24 * 60 * 60

const dueSoon = (res: Response) =>
  clockInLondon({ seconds: String(secondsOf(callerOf(res).business_time) + soonSeconds) }).day

/** What the caller took themselves, the soonest first. */
export const ownReviews = (res: Response, area: string) =>
  listWhole(
    (page) =>
      localsOf(res).marac.call('AssessmentService', 'ListAssessments', {
        parent: area,
        mine: true,
        review_due_by: dueSoon(res),
        ...page,
      }),
    'assessments',
  )

/** A page of what the caller may see of it, the soonest first. */
export const reviewsDue = (res: Response, area: string, page_token = '') =>
  localsOf(res).marac.call('AssessmentService', 'ListAssessments', {
    parent: area,
    review_due_by: dueSoon(res),
    page_size: 100,
    page_token,
  })
