// People and cases that may be the same, as the coordinator compares them, and what can be decided because of each.
import type { Day__Output } from '../../generated/marac/v1/Day.js'
import type { MatchCandidate__Output } from '../../generated/marac/v1/MatchCandidate.js'
import type { Party__Output } from '../../generated/marac/v1/Party.js'
import { idOf } from '../urls.js'
import { dayInWords, dayOfMoment } from '../utils/format.js'

const fieldWords: Record<string, string> = {
  name: 'name',
  alias: 'another name or spelling',
  birth_date: 'date of birth',
  birth_date_reversed: 'date of birth, with day and month the other way round',
  nhs_number: 'NHS number',
  address: 'address',
}

const stageWords: Record<string, string> = {
  CASE_STAGE_ACCEPTED: 'Accepted, waits for an agenda',
  CASE_STAGE_LISTED: 'On an agenda',
  CASE_STAGE_HEARD: 'Heard',
  CASE_STAGE_CLOSED: 'Closed',
}

export interface CandidateView {
  id: string
  /** "Case MK-26-7QX4-K", or who sent the other referral. */
  title: string
  /** Who is there, what agrees with this referral, where it stands, and both anchors. */
  rows: { label: string; value: string }[]
  samePair: boolean
  rolesReversed: boolean
  repeat: boolean
  /** What may be decided because of it. */
  choices: { value: string; text: string; hint: string }[]
}

function agreedWords(fields: string[]): string {
  if (fields.length === 0) return 'Nothing agrees'
  return `The same: ${fields.map((field) => fieldWords[field] ?? field.replaceAll('_', ' ')).join(', ')}`
}

function partyWords(party: Party__Output | null | undefined): string {
  const name = party?.name?.value || party?.description?.value || 'Name not known'
  const born = dayInWords(party?.birth_date?.day)
  return born ? `${name}, born ${born}` : name
}

const anchorWords = (day: Day__Output | null, within: boolean): string =>
  day
    ? `${dayInWords(day)}, ${within ? 'and a new incident within 12 months of it' : 'and no new incident within 12 months of it, as far as is known'}`
    : 'Never'

export function candidateView(candidate: MatchCandidate__Output): CandidateView {
  const record = candidate.candidate
  const waiting = candidate.waiting
  const id = idOf(record?.name ?? waiting?.name ?? '')
  const people = record ?? waiting
  const victim = partyWords(people?.victim)
  const view: CandidateView = {
    id,
    title: record
      ? `Case ${record.case_number}`
      : `Referral by ${waiting?.referrer?.person || 'somebody else'}, ${dayOfMoment(waiting?.receive_time)}`,
    rows: [
      { label: 'Person at risk', value: `${victim}\n${agreedWords(candidate.victim_fields)}` },
      {
        label: 'Person causing harm',
        value: `${people?.perpetrators.map(partyWords).join('; ') || 'Not named'}\n${agreedWords(candidate.perpetrator_fields)}`,
      },
      { label: 'Where it is', value: record ? (stageWords[record.stage] ?? '') : 'Waits for triage as well' },
      ...(record
        ? [
            {
              label: 'Last referred',
              value: anchorWords(record.last_referral_day, candidate.repeat_by_referral),
            },
            { label: 'Last heard', value: anchorWords(record.last_heard_day, candidate.repeat_by_heard) },
          ]
        : []),
    ],
    samePair: candidate.same_pair,
    rolesReversed: candidate.roles_reversed,
    repeat: candidate.repeat,
    choices: [],
  }
  if (candidate.same_pair || !candidate.roles_reversed)
    view.choices = choicesOf(candidate, id, view.title, victim)
  return view
}

function choicesOf(candidate: MatchCandidate__Output, id: string, title: string, victim: string) {
  if (candidate.waiting) {
    return [
      {
        value: `duplicate:${id}`,
        text: `It is the same matter as the ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
        hint: 'Both are kept, and the other one goes on',
      },
    ]
  }
  const number = candidate.candidate?.case_number ?? ''
  return [
    ...(candidate.open_case
      ? [
          {
            value: `join:${id}`,
            text: `Put it into the open case ${number}`,
            hint: `${victim}. Everybody to whom that case is open sees this referral at once`,
          },
        ]
      : []),
    ...(candidate.same_pair
      ? [
          {
            value: `repeat:${id}`,
            text: `Accept it as a repeat of ${number}`,
            hint: candidate.repeat
              ? 'The same two people, and a new incident within 12 months'
              : 'The same two people, but no new incident within 12 months is known',
          },
        ]
      : []),
  ]
}
