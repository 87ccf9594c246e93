// My work: what needs me today, and what is mine.
import { Router } from 'express'
import type { Action__Output } from '../../generated/marac/v1/Action.js'
import type { ActionState } from '../../generated/marac/v1/ActionState.js'
import type { AssessmentState } from '../../generated/marac/v1/AssessmentState.js'
import type { ListAssessmentsResponse__Output } from '../../generated/marac/v1/ListAssessmentsResponse.js'
import type { ReferralState } from '../../generated/marac/v1/ReferralState.js'
import { callerOf, holds, localsOf, type Context } from '../context.js'
import { alertsWaiting } from '../services/alerts.js'
import { approvalsWaiting } from '../services/approvals.js'
import { caseloadOf, meetingsOf } from '../services/caseload.js'
import { actionsOf } from '../services/actions.js'
import { listInStates, listWhole, orNone } from '../services/lists.js'
import { dueOf, isReturned } from '../services/research.js'
import { ownReviews, reviewsDue } from '../services/reviews.js'
import { supervisionOf } from '../services/supervision.js'
import { countOf, queueOf } from '../services/triage.js'
import { urls } from '../urls.js'
import { secondsOf } from '../utils/format.js'

const daySeconds = 24 * 60 * 60
const soonSeconds = 2 * daySeconds
const waitingReferrals: ReferralState[] = [
  'REFERRAL_STATE_DRAFT',
  'REFERRAL_STATE_RETURNED',
  'REFERRAL_STATE_SUBMITTED',
]
const waitingAssessments: AssessmentState[] = [
  'ASSESSMENT_STATE_DRAFT',
  'ASSESSMENT_STATE_COMPLETED',
  'ASSESSMENT_STATE_AMENDED',
]
const waitingActions: ActionState[] = ['ACTION_STATE_PROPOSED', 'ACTION_STATE_OPEN']

export function homeRoutes({ config }: Context): Router {
  const router = Router()

  router.get(urls.home, async (_req, res) => {
    const { marac } = localsOf(res)
    const mine = { parent: config.area, mine: true }
    const isIdva = holds(res, 'ROLE_IDVA')
    const now = secondsOf(callerOf(res).business_time)
    // What waits is asked for by its state, to its end: the newest hundred of everything leave out what is old and open.
    const referralsIn = (state: ReferralState) =>
      listWhole(
        (page) => marac.call('ReferralService', 'ListReferrals', { ...mine, state, ...page }),
        'referrals',
      )
    const assessmentsIn = (state: AssessmentState) =>
      listWhole(
        (page) => marac.call('AssessmentService', 'ListAssessments', { ...mine, state, ...page }),
        'assessments',
      )
    const actionsIn = (state: ActionState) => actionsOf(marac, config.area, { mine: true, state })
    const [
      referrals,
      lately,
      assessments,
      actions,
      triage,
      caseload,
      meetings,
      undecided,
      alerts,
      approvals,
      supervision,
      reviews,
      allReviews,
      research,
    ] = await Promise.all([
      orNone(listInStates(waitingReferrals, referralsIn), []),
      orNone(marac.call('ReferralService', 'ListReferrals', { ...mine, page_size: 30 }), { referrals: [] }),
      orNone(listInStates(waitingAssessments, assessmentsIn), []),
      orNone(listInStates(waitingActions, actionsIn), []),
      holds(res, 'ROLE_COORDINATOR') ? queueOf(marac, config.area) : undefined,
      orNone(caseloadOf(marac, config.area), undefined),
      orNone(meetingsOf(marac, config.area, now), { next: undefined, emergencies: [] }),
      holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR')
        ? marac.call('AccessService', 'ListUndecided', { parent: config.area })
        : { names: [], alarms: [] },
      holds(res, 'ROLE_AUDITOR', 'ROLE_PRIVACY_OFFICER') ? alertsWaiting(marac, config.area) : undefined,
      holds(res, 'ROLE_ADMIN') ? approvalsWaiting(marac, config.area, callerOf(res).account?.name) : 0,
      holds(res, 'ROLE_SUPERVISOR') ? supervisionOf(marac, config.area) : [],
      orNone(ownReviews(res, config.area), []),
      // Whoever took it may have gone: an IDVA sees what is due of the area, a supervisor what is due of the agency.
      holds(res, 'ROLE_IDVA', 'ROLE_SUPERVISOR')
        ? orNone(reviewsDue(res, config.area), undefined)
        : undefined,
      holds(res, 'ROLE_REPRESENTATIVE', 'ROLE_IDVA') ? dueOf(marac, config.area) : [],
    ])
    const toReturn = research.filter(
      (one) => one.agency === callerOf(res).account?.agency && !isReturned(one),
    )
    const waiting = actions.filter((action) => needsMe(action, now))
    res.render('pages/home', {
      triage: triage && countOf(triage.referrals, callerOf(res).business_time ?? { seconds: '0' }),
      returned: referrals.filter(({ state }) => state === 'REFERRAL_STATE_RETURNED'),
      owed: referrals.filter(
        ({ state, urgent, missing_fields }) =>
          state === 'REFERRAL_STATE_SUBMITTED' && urgent && missing_fields.length > 0,
      ),
      drafts: referrals.filter(({ state }) => state === 'REFERRAL_STATE_DRAFT'),
      unfinished: assessments.filter(({ state }) => state === 'ASSESSMENT_STATE_DRAFT'),
      unsigned: assessments.filter(({ state }) => state !== 'ASSESSMENT_STATE_DRAFT'),
      actions: waiting,
      caseload,
      toContact: isIdva ? (caseload?.toContact ?? []) : [],
      toTell: isIdva ? (caseload?.toTell ?? []) : [],
      next: holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR') ? meetings.next : undefined,
      // To everybody who is called.
      emergencies: meetings.emergencies,
      // Only the chair decides; that nobody is left to open something, a coordinator sees to as well.
      undecided: holds(res, 'ROLE_CHAIR') ? undecided.names.length : 0,
      alarms: undecided.alarms.length,
      alerts,
      approvals,
      supervision: supervision.length,
      research: toReturn.length > 0 && {
        count: toReturn.length,
        due: toReturn[0]?.due_time,
        overdue: toReturn.some(({ overdue }) => overdue),
      },
      reviews,
      othersReviews: countReviews(allReviews, callerOf(res).account?.name),
      sent: lately.referrals
        .filter(({ state }) => state !== 'REFERRAL_STATE_DRAFT' && state !== 'REFERRAL_STATE_RETURNED')
        .slice(0, 5),
    })
  })

  return router
}

function countReviews(listed: ListAssessmentsResponse__Output | undefined, me = '') {
  const others = listed?.assessments.filter(({ assessor }) => assessor !== me) ?? []
  return {
    due: others.length,
    overdue: others.filter(({ review }) => review?.overdue).length,
    moreExist: Boolean(listed?.next_page_token),
  }
}

function needsMe(action: Action__Output, now: number): boolean {
  if (action.state === 'ACTION_STATE_PROPOSED') return true
  if (action.state !== 'ACTION_STATE_OPEN') return false
  return action.overdue || secondsOf(action.due_time) - now < soonSeconds
}
