// Meetings and their agendas, as pages ask for them.
import type { Agenda__Output } from '../../generated/marac/v1/Agenda.js'
import type { AgendaItem__Output } from '../../generated/marac/v1/AgendaItem.js'
import type { Day } from '../../generated/marac/v1/Day.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import type { Timestamp__Output } from '../../generated/google/protobuf/Timestamp.js'
import { MaracError, type MaracClient } from '../data/index.js'
import { momentInLondon, secondsOf } from '../utils/format.js'
import type { Directory } from './directory.js'
import { listWhole } from './lists.js'

const daySeconds = 24 * 60 * 60
const overdueDays = 60 // A meeting that nobody closed is still the next one that wants somebody.

export const isOver = ({ state }: Meeting__Output): boolean =>
  state === 'MEETING_STATE_CLOSED' || state === 'MEETING_STATE_CANCELLED'

/** One of the cycle, and no emergency meeting. */
export const isInCycle = ({ kind }: Meeting__Output): boolean => kind !== 'MEETING_KIND_EMERGENCY'

export const listMeetings = (marac: MaracClient, area: string): Promise<Meeting__Output[]> =>
  listWhole((page) => marac.call('MeetingService', 'ListMeetings', { parent: area, ...page }), 'meetings')

/** The meeting of the cycle that is being held or comes next, and the emergency meetings. */
export async function nextMeetings(
  marac: MaracClient,
  area: string,
  now: number,
): Promise<{ next: Meeting__Output | undefined; emergencies: Meeting__Output[] }> {
  const from = new Date((now - overdueDays * daySeconds) * 1000)
  const from_day = { year: from.getUTCFullYear(), month: from.getUTCMonth() + 1, day: from.getUTCDate() }
  const meetings = await listWhole(
    (page) => marac.call('MeetingService', 'ListMeetings', { parent: area, from_day, ...page }),
    'meetings',
  )
  return nextOf(meetings, now)
}

/** Of these. An emergency meeting that nobody held is no longer one the day after. */
export function nextOf(meetings: Meeting__Output[], now: number) {
  const open = meetings.filter((meeting) => !isOver(meeting))
  return {
    next: open.find(isInCycle),
    emergencies: open.filter(
      (meeting) =>
        !isInCycle(meeting) &&
        (meeting.state === 'MEETING_STATE_IN_PROGRESS' || secondsOf(meeting.start_time) > now - daySeconds),
    ),
  }
}

export interface Step {
  label: string
  time: Timestamp__Output | null
  isMeeting: boolean
  state: 'passed' | 'next' | 'ahead'
}

/** What happens when, from the cut-off to the minutes. */
export function timelineOf(meeting: Meeting__Output, now: number): Step[] {
  const { deadlines } = meeting
  const steps = [
    { label: 'Referrals are in time until', time: deadlines?.cut_off_time },
    { label: 'The agenda goes out by', time: deadlines?.circulation_time },
    { label: 'Agencies have searched their files by', time: deadlines?.research_due_time },
    { label: 'Earlier actions are reported by', time: deadlines?.status_due_time },
    { label: 'The meeting', time: meeting.start_time, isMeeting: true },
    { label: 'Actions are out by', time: deadlines?.actions_out_time },
    { label: 'Minutes are out by', time: deadlines?.minutes_due_time },
  ].filter(({ time }) => time)
  const next = steps.findIndex(({ time }) => secondsOf(time) >= now)
  return steps.map(({ label, time, isMeeting = false }, at) => ({
    label,
    time: time ?? null,
    isMeeting,
    state: next === -1 || at < next ? 'passed' : at === next ? 'next' : 'ahead',
  }))
}

/** The agenda, and one of its items. */
export async function loadItem(
  marac: MaracClient,
  meeting: string,
  wanted: (item: AgendaItem__Output) => boolean,
): Promise<{ agenda: Agenda__Output; meeting: Meeting__Output; item: AgendaItem__Output }> {
  const agenda = await marac.call('MeetingService', 'GetAgenda', { name: meeting })
  const item = agenda.items.find(wanted)
  if (!item || !agenda.meeting) throw new MaracError('NOT_FOUND', 'no such item')
  return { agenda, meeting: agenda.meeting, item }
}

/**
 * Who is recorded as here and may not see this case: they leave the room while it is talked about (marac.md 6). For
 * those who may ask who sees it.
 */
export async function mustLeave(
  marac: MaracClient,
  { attendance }: Meeting__Output,
  { case_name }: AgendaItem__Output,
  { accounts, nameOf }: Directory,
): Promise<string[]> {
  const access = await marac.call('AccessService', 'GetCaseAccess', { name: case_name })
  const out = access.kept_from.map(({ subject }) => subject)
  const isChair = (account: string) =>
    accounts.some(({ name, roles }) => name === account && roles.some(({ role }) => role === 'ROLE_CHAIR'))
  return attendance
    .filter(({ state }) => state === 'ATTENDANCE_STATE_PRESENT' || state === 'ATTENDANCE_STATE_OBSERVER')
    .filter(({ account, agency }) => {
      if (out.includes(account)) return true
      if (access.named.includes(account)) return false
      return out.includes(agency) || (access.restricted && !isChair(account))
    })
    .map(({ account, person, agency }) =>
      [nameOf(account) || person || 'Somebody', nameOf(agency)].filter(Boolean).join(', '),
    )
}

/** What the chair comes to next: the case that is open, or the first that waits. */
export const nextItem = (items: AgendaItem__Output[]): AgendaItem__Output | undefined =>
  items.find(({ state }) => state === 'AGENDA_ITEM_STATE_OPEN') ??
  items.find(({ state }) => state === 'AGENDA_ITEM_STATE_LISTED')

/** Neither heard nor put off. */
export const isLeft = ({ state }: AgendaItem__Output): boolean =>
  state === 'AGENDA_ITEM_STATE_PROPOSED' ||
  state === 'AGENDA_ITEM_STATE_LISTED' ||
  state === 'AGENDA_ITEM_STATE_OPEN'

/** Its day is here, in London: before that maracd does not let it be started. */
export const hasCome = ({ day }: Meeting__Output, now: number): boolean =>
  now >= secondsOf(momentInLondon(day as Required<Day>, 0))
