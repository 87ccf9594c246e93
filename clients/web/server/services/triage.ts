// The referrals that wait for triage, in the order in which they are looked at.
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import type { ReferralState } from '../../generated/marac/v1/ReferralState.js'
import type { MaracClient } from '../data/index.js'
import { ageInWords, secondsOf, workingDaysBetween } from '../utils/format.js'

// A queue of a meeting or two; a longer one says so and is worked off from the front.
const pageSize = 100
const pagesMax = 5

// Triage is the next working day's work (marac.md 3).
const oldDays = 2

export interface Queue {
  referrals: Referral__Output[]
  /** More wait than were fetched. */
  moreExist: boolean
}

type Moment = { seconds: string }

export async function listAll(marac: MaracClient, area: string, state: ReferralState): Promise<Queue> {
  const referrals: Referral__Output[] = []
  let token = ''
  for (let page = 0; page < pagesMax; ++page) {
    const answer = await marac.call('ReferralService', 'ListReferrals', {
      parent: area,
      state,
      page_size: pageSize,
      page_token: token,
    })
    referrals.push(...answer.referrals)
    token = answer.next_page_token
    if (token === '') break
  }
  return { referrals, moreExist: token !== '' }
}

/** What waits: urgent ones first, then who has waited longest. */
export async function queueOf(marac: MaracClient, area: string): Promise<Queue> {
  const queue = await listAll(marac, area, 'REFERRAL_STATE_SUBMITTED')
  return { ...queue, referrals: queue.referrals.sort(byTurn) }
}

export function byTurn(a: Referral__Output, b: Referral__Output): number {
  return (
    Number(b.urgent) - Number(a.urgent) ||
    secondsOf(a.receive_time) - secondsOf(b.receive_time) ||
    (a.receive_time?.nanos ?? 0) - (b.receive_time?.nanos ?? 0) ||
    (a.name < b.name ? -1 : 1)
  )
}

/** The next to look at: whoever comes after this one, and after the last one the first that was left waiting. */
export function nextAfter(
  queue: Referral__Output[],
  referral: Referral__Output,
): Referral__Output | undefined {
  const others = queue.filter(({ name }) => name !== referral.name)
  return others.find((other) => byTurn(referral, other) < 0) ?? others[0]
}

export interface Age {
  words: string
  isOld: boolean
}

export function ageOf(referral: Referral__Output, now: Moment): Age {
  const from = referral.receive_time ?? now
  return { words: ageInWords(from, now), isOld: workingDaysBetween(from, now) >= oldDays }
}

/** Sent once before, sent back, and sent again. */
export const cameBack = (referral: Referral__Output): boolean =>
  referral.state === 'REFERRAL_STATE_SUBMITTED' && (referral.triage?.reasons ?? '') !== ''

export interface Count {
  waiting: number
  urgent: number
  old: number
}

export function countOf(queue: Referral__Output[], now: Moment): Count {
  return {
    waiting: queue.length,
    urgent: queue.filter(({ urgent }) => urgent).length,
    old: queue.filter((referral) => ageOf(referral, now).isOld).length,
  }
}
