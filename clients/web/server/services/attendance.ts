// Who is expected at a meeting and how they are recorded: a line for each, of which only what was changed is sent.
import type { Attendance__Output } from '../../generated/marac/v1/Attendance.js'
import type { Attendance } from '../../generated/marac/v1/Attendance.js'
import type { AttendanceState } from '../../generated/marac/v1/AttendanceState.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import type { Role } from '../../generated/marac/v1/Role.js'
import { one, type Body } from '../context.js'
import type { FieldError } from '../forms/fields.js'
import type { Directory } from './directory.js'

export interface Line {
  agency: string
  account: string
  person: string
  /** As recorded, or empty. */
  state: string
  /** As chosen on the form. */
  chosen: string
  /** Ticked on the form: signed on paper. */
  signs: boolean
  /** A name can still be typed. */
  named: boolean
  entry: Attendance__Output | undefined
}

/** Takes an entry out again. */
export const takenOut = 'REMOVED'
const linesMax = 300
const attending: Role[] = [
  'ROLE_REPRESENTATIVE',
  'ROLE_IDVA',
  'ROLE_CHAIR',
  'ROLE_COORDINATOR',
  'ROLE_MINUTE_TAKER',
]

interface Named {
  agency?: string
  account?: string
  person?: string
}

/** Which person, or which agency as a whole, an entry is about. */
export const keyOf = ({ agency, account, person }: Named): string =>
  JSON.stringify([agency, account || person])

/** How somebody is recorded; empty when they are not. */
export const stateOf = (entry: Named, meeting: Meeting__Output): string =>
  String(meeting.attendance.find((found) => keyOf(found) === keyOf(entry))?.state ?? '')

export function linesOf(meeting: Meeting__Output, { accounts }: Directory, area: string): Line[] {
  const lines = meeting.invited_agencies.flatMap((agency) => {
    const people = accounts.filter(
      (account) =>
        account.agency === agency &&
        !account.suspended &&
        account.roles.some((grant) => grant.area === area && attending.includes(grant.role)),
    )
    const recorded = meeting.attendance.filter((entry) => entry.agency === agency)
    const expected = people.map(({ name }) => ({ agency, account: name, person: '' }))
    const others = recorded
      .filter((entry) => !expected.some((line) => line.account === entry.account && entry.account))
      .map(({ account, person }) => ({ agency, account, person }))
    return expected.length + others.length > 0
      ? [...expected, ...others]
      : [{ agency, account: '', person: '' }]
  })
  const guests = meeting.attendance.filter(({ agency }) => !meeting.invited_agencies.includes(agency))
  return [...lines, ...guests.map(({ agency, account, person }) => ({ agency, account, person }))].map(
    (line) => {
      const entry = meeting.attendance.find((found) => keyOf(found) === keyOf(line))
      const state = stateOf(line, meeting)
      return {
        ...line,
        entry,
        state,
        chosen: state,
        signs: false,
        named: line.account === '' && entry === undefined,
      }
    },
  )
}

export interface Change {
  index: number
  entry: Attendance
  was: string
  chosen: string
}

/** What somebody changed on the form; `was` is what it showed. */
export function changesFrom(body: Body): Change[] {
  const count = Math.min(Number(one(body, 'lines')) || 0, linesMax)
  const changes: Change[] = []
  for (let index = 0; index <= count; ++index) {
    const field = (name: string) => one(body, `r${index}.${name}`).trim()
    const [was, signed] = [field('was'), field('signed') === 'yes']
    // Whoever has signed is here, where nothing else was chosen.
    const chosen = field('state') || (signed ? 'ATTENDANCE_STATE_PRESENT' : '')
    if (chosen === '' || (chosen === was && !signed)) continue
    changes.push({
      index,
      was,
      chosen,
      entry: {
        agency: field('agency'),
        account: field('account'),
        person: field('person'),
        ...(chosen === takenOut ? {} : { state: chosen as AttendanceState, signed }),
      },
    })
  }
  return changes
}

/** Recorded just so by now, by somebody else. */
export function isRecorded({ entry, chosen }: Change, meeting: Meeting__Output): boolean {
  const found = meeting.attendance.find((other) => keyOf(other) === keyOf(entry))
  return stateOf(entry, meeting) === chosen && (!entry.signed || found?.signed === true)
}

/** Those of the changes that somebody else made differently in the meantime. */
export function conflictsOf(changes: Change[], meeting: Meeting__Output): Change[] {
  return changes.filter(({ entry, was, chosen }) => {
    const now = stateOf(entry, meeting)
    return now !== was && now !== chosen
  })
}

/** maracd's "attendance[1].person" is a line of the form. */
export function errorsFor(errors: FieldError[], changes: Change[]): FieldError[] {
  const kept = changes.filter(({ chosen }) => chosen !== takenOut)
  return errors.map(({ field, text }) => {
    const [, at, part] = /^attendance\[(\d+)\]\.(\w+)/.exec(field) ?? []
    const change = kept[Number(at)]
    if (!change) return { field, text }
    return { field: `r${change.index}.${part === 'person' || part === 'signed' ? part : 'state'}`, text }
  })
}
