// One referral that waits for triage, with everything a coordinator decides by.
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { ExcludedPerson__Output } from '../../generated/marac/v1/ExcludedPerson.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import type { Lists } from '../forms/sections.js'
import { saidTo } from './answering.js'
import { listsOf } from './area.js'
import { candidateView, type CandidateView } from './candidates.js'
import { meetingOf } from './meeting.js'
import type { MaracClient } from '../data/index.js'

export interface TakenAssessment {
  assessment: Assessment__Output
  pack: InstrumentPack__Output
  /** Each question and its answer, in words. */
  answers: { label: string; value: string }[]
}

export interface Waiting {
  referral: Referral__Output
  lists: Lists
  /** The agency it comes from, in words. */
  agency: string | undefined
  excluded: ExcludedPerson__Output[]
  /** Those nobody has answered for. */
  unanswered: number
  meeting: Meeting__Output | undefined
  candidates: CandidateView[]
  moreCandidates: boolean
}

export async function loadWaiting(
  marac: MaracClient,
  area: string,
  referral: Referral__Output,
): Promise<Waiting> {
  const [lists, excluded, meeting, matches] = await Promise.all([
    listsOf(marac, area),
    // Also where its author named nobody: workers are found who have the name of somebody in it.
    marac.call('ReferralService', 'ListExcludedPeople', { referral: referral.name }),
    meetingOf(marac, referral.meeting),
    marac.call('ReferralService', 'FindMatches', { name: referral.name }),
  ])
  return {
    referral,
    lists,
    agency: lists.agencies.find(({ value }) => value === referral.referrer?.agency)?.text,
    excluded: excluded.excluded_people,
    unanswered: excluded.excluded_people.filter(isUnanswered).length,
    meeting,
    candidates: matches.candidates.map(candidateView),
    moreCandidates: matches.more_exist,
  }
}

export const isUnanswered = ({ answer }: ExcludedPerson__Output): boolean =>
  answer === 'EXCLUSION_ANSWER_UNSPECIFIED'

/** An assessment it rests on. */
export async function loadAssessment(
  marac: MaracClient,
  area: string,
  name: string,
): Promise<TakenAssessment> {
  const assessment = await marac.call('AssessmentService', 'GetAssessment', { name })
  const pack = await marac.call('AssessmentService', 'GetInstrument', {
    instrument: assessment.instrument,
    area,
  })
  const answers = pack.items.map((item) => ({
    label: `${item.number}. ${item.question}`,
    value: saidTo(
      item,
      assessment.answers.find(({ item: code }) => code === item.code),
    ),
  }))
  return { assessment, pack, answers }
}
