// What triage did with a referral, and what happens next, in words for the coordinator who did it.
import { MaracError, type MaracClient } from '../data/index.js'
import { meetingOf } from './meeting.js'
import { dayInWords, momentInWords } from '../utils/format.js'

export interface Outcome {
  referral: string
  title: string
  /** The case's number, where there is a case. */
  number: string
  next: string
  /** People who must not see it and who are not answered for yet. */
  unanswered: number
}

/** Of the referral with this id, as an address holds it; nothing where there is none, or nothing was decided. */
export async function outcomeOf(marac: MaracClient, area: string, id: string): Promise<Outcome | undefined> {
  if (!/^[A-Za-z0-9-]+$/.test(id)) return undefined
  try {
    const referral = await marac.call('ReferralService', 'GetReferral', { name: `${area}/referrals/${id}` })
    const who = referral.victim?.name?.value || referral.victim?.description?.value || 'Name not known'
    const referrer = referral.referrer?.person || 'The referrer'
    const outcome = (title: string, next: string, number = '', unanswered = 0): Outcome => ({
      referral: referral.name,
      title,
      number,
      next,
      unanswered,
    })
    switch (referral.state) {
      case 'REFERRAL_STATE_ACCEPTED': {
        const record = await marac.call('CaseService', 'GetCase', { name: referral.case_name })
        // A case begins with the referral that it was made of; duplicates of that come into it as well.
        const joined = record.referrals[0] !== referral.name
        const repeat = record.kind === 'CASE_KIND_REPEAT' ? 'a repeat, ' : ''
        const meeting = await meetingOf(marac, record.meeting || referral.meeting)
        const listed = meeting
          ? `It is in time for the meeting on ${dayInWords(meeting.day)}; its agenda goes out by ${momentInWords(meeting.deadlines?.circulation_time)}.`
          : 'No meeting is on the calendar for it yet.'
        return outcome(
          joined ? `${who}: put into case` : `${who}: accepted as ${repeat}case`,
          `${referrer} and the advisers see it now. ${listed}`,
          record.case_number,
          record.unresolved_exclusions,
        )
      }
      case 'REFERRAL_STATE_RETURNED':
        return outcome(
          `${who}: sent back`,
          `${referrer} sees your reasons now. It is in this list again as soon as it is sent again, and keeps its place for the meeting.`,
        )
      case 'REFERRAL_STATE_DECLINED':
        return outcome(
          `${who}: declined`,
          `${referrer} sees your reasons and where to turn instead. The record is kept.`,
        )
      case 'REFERRAL_STATE_DUPLICATE':
        return outcome(
          `${who}: kept with the other referral`,
          'Both are kept. Who must not see the one does not see the other. The other one still waits.',
        )
      default:
        return undefined
    }
  } catch (error) {
    if (error instanceof MaracError && (error.code === 'NOT_FOUND' || error.code === 'PERMISSION_DENIED'))
      return undefined
    throw error
  }
}
