// My work: what needs me today, and what is mine.
import { Router } from 'express'
import type { Action__Output } from '../../generated/marac/v1/Action.js'
import { callerOf, holds, localsOf, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { caseloadOf, nextMeetingOf } from '../services/caseload.js'
import { countOf, queueOf } from '../services/triage.js'
import { urls } from '../urls.js'
import { secondsOf } from '../utils/format.js'

const soonSeconds = 2 * 24 * 60 * 60

export function homeRoutes({ config }: Context): Router {
  const router = Router()

  router.get(urls.home, async (_req, res) => {
    const { marac } = localsOf(res)
    const page = { parent: config.area, page_size: 100 }
    const isIdva = holds(res, 'ROLE_IDVA')
    const now = secondsOf(callerOf(res).business_time)
    const [referrals, assessments, actions, triage, caseload, next] = await Promise.all([
      orNone(marac.call('ReferralService', 'ListReferrals', { ...page, mine: true }), { referrals: [] }),
      orNone(marac.call('AssessmentService', 'ListAssessments', { ...page, mine: true }), {
        assessments: [],
      }),
      orNone(marac.call('ActionService', 'ListActions', { ...page, mine: true }), { actions: [] }),
      holds(res, 'ROLE_COORDINATOR') ? queueOf(marac, config.area) : undefined,
      orNone(caseloadOf(marac, config.area), {}),
      holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR') ? nextMeetingOf(marac, config.area, now) : undefined,
    ])
    const waiting = actions.actions.filter((action) => needsMe(action, now))
    res.render('pages/home', {
      triage: triage && countOf(triage.referrals, callerOf(res).business_time ?? { seconds: '0' }),
      returned: referrals.referrals.filter(({ state }) => state === 'REFERRAL_STATE_RETURNED'),
      owed: referrals.referrals.filter(
        ({ state, urgent, missing_fields }) =>
          state === 'REFERRAL_STATE_SUBMITTED' && urgent && missing_fields.length > 0,
      ),
      drafts: referrals.referrals.filter(({ state }) => state === 'REFERRAL_STATE_DRAFT'),
      unfinished: assessments.assessments.filter(({ state }) => state === 'ASSESSMENT_STATE_DRAFT'),
      unsigned: assessments.assessments.filter(
        ({ state }) => state === 'ASSESSMENT_STATE_COMPLETED' || state === 'ASSESSMENT_STATE_AMENDED',
      ),
      actions: waiting,
      caseload,
      toContact: isIdva ? (caseload.toContact ?? []) : [],
      toTell: isIdva ? (caseload.toTell ?? []) : [],
      next,
      sent: referrals.referrals
        .filter(({ state }) => state !== 'REFERRAL_STATE_DRAFT' && state !== 'REFERRAL_STATE_RETURNED')
        .slice(0, 5),
    })
  })

  return router
}

function needsMe(action: Action__Output, now: number): boolean {
  if (action.state === 'ACTION_STATE_PROPOSED') return true
  if (action.state !== 'ACTION_STATE_OPEN') return false
  return action.overdue || secondsOf(action.due_time) - now < soonSeconds
}

// Somebody whose role has no such list has nothing there to do.
export async function orNone<T extends object>(answer: Promise<T>, none: Partial<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof MaracError && error.code === 'PERMISSION_DENIED') return none as T
    throw error
  }
}
