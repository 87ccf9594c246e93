// What my cases and the next meeting ask of me today.
import type { Case__Output } from '../../generated/marac/v1/Case.js'
import type { CaseStage } from '../../generated/marac/v1/CaseStage.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import type { MaracClient } from '../data/index.js'
import { momentInWords } from '../utils/format.js'
import { listInStates, listWhole } from './lists.js'
import { hasCome, nextMeetings, timelineOf } from './meetings.js'

export interface Caseload {
  /** Cases that are open, counted by where they stand. */
  listed: number
  heard: number
  waiting: number
  /** Nobody has tried to reach these people. */
  toContact: Case__Output[]
  /** Heard, and nobody has recorded what they were told. */
  toTell: Case__Output[]
}

/** In the order in which somebody wants to see them. */
export const openStages: CaseStage[] = ['CASE_STAGE_LISTED', 'CASE_STAGE_HEARD', 'CASE_STAGE_ACCEPTED']

export async function caseloadOf(marac: MaracClient, area: string): Promise<Caseload> {
  const cases = await listInStates(openStages, (stage) =>
    listWhole((page) => marac.call('CaseService', 'ListCases', { parent: area, stage, ...page }), 'cases'),
  )
  const at = (stage: string) => cases.filter((one) => one.stage === stage)
  const before = [...at('CASE_STAGE_ACCEPTED'), ...at('CASE_STAGE_LISTED')]
  return {
    listed: at('CASE_STAGE_LISTED').length,
    heard: at('CASE_STAGE_HEARD').length,
    waiting: at('CASE_STAGE_ACCEPTED').length,
    toContact: before.filter(isUntried),
    toTell: at('CASE_STAGE_HEARD').filter(({ victim_update }) => !victim_update),
  }
}

export const isUntried = ({ victim_contact }: Case__Output): boolean =>
  !victim_contact || /_(UNSPECIFIED|NOT_ATTEMPTED)$/.test(String(victim_contact.state))

/** The meeting that comes next, with what is due for it first, and the emergency meetings. */
export async function meetingsOf(marac: MaracClient, area: string, now: number) {
  const { next, emergencies } = await nextMeetings(marac, area, now)
  return { next: next && withWhatIsDue(next, now), emergencies }
}

function withWhatIsDue(meeting: Meeting__Output, now: number) {
  // On its day the meeting itself is what is due, whatever comes after it.
  if (hasCome(meeting, now)) {
    return { meeting, due: [momentInWords(meeting.start_time), meeting.venue].filter(Boolean).join(', ') }
  }
  const step = timelineOf(meeting, now).find(({ state }) => state === 'next')
  const due = step ? `${step.label}${step.isMeeting ? ',' : ''} ${momentInWords(step.time)}` : ''
  return { meeting, due }
}
