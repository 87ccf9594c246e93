// An action as it is agreed in the meeting: accepted by somebody who is there, or asked of an agency that is not.
import type { ActionKind__Output } from '../../generated/marac/v1/ActionKind.js'
import type { Day } from '../../generated/marac/v1/Day.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import { momentInLondon } from '../utils/format.js'
import type { Directory } from '../services/directory.js'
import { get, type Field, type Option } from './fields.js'

const dueMinute = 17 * 60

export function actionFields(kinds: ActionKind__Output[], owners: Option[]): Field[] {
  return [
    {
      path: 'action.text',
      kind: 'longstring',
      label: 'What will be done',
      hint: 'So that anybody can tell later whether it was',
    },
    {
      path: 'action.kind',
      kind: 'select',
      label: 'Kind of action',
      options: [
        { value: '', text: 'Choose one' },
        ...kinds.map(({ code, label }) => ({ value: code, text: label || code })),
      ],
    },
    {
      path: 'action.owner',
      kind: 'select',
      label: 'Who accepts it, or is asked',
      hint: 'An agency that is not here is asked, and answers itself',
      options: [{ value: '', text: 'Choose one' }, ...owners],
    },
    {
      path: 'action.due',
      kind: 'day',
      label: 'Due by 5pm on',
      hint: 'For example, 27 3 2026',
    },
  ]
}

/** Those who are there can accept for their agency; the others are asked. */
export function ownersOf(meeting: Meeting__Output, { agencies, accounts, nameOf }: Directory): Option[] {
  const present = meeting.attendance.filter(({ state }) => state === 'ATTENDANCE_STATE_PRESENT')
  const accepting = present.flatMap(({ account, agency }) =>
    accounts.some(({ name }) => name === account)
      ? [{ value: account, text: `${nameOf(account)}, ${nameOf(agency)}: accepts it`, agency }]
      : [],
  )
  const asked = agencies
    .filter(({ name }) => !accepting.some(({ agency }) => agency === name))
    .map(({ name, display_name }) => ({ value: name, text: `${display_name}: is asked` }))
  return [...accepting.map(({ value, text }) => ({ value, text })), ...asked]
}

/** The parts of CreateAction's request that were typed; undefined when nothing was. */
export function actionFrom(record: object, { accounts }: Directory) {
  const text = (name: string) => (get(record, `action.${name}`) as string | undefined) ?? ''
  const owner = text('owner')
  const due = get(record, 'action.due') as Required<Day> | null | undefined
  if (text('text') === '' && text('kind') === '' && owner === '' && !due) return undefined
  const account = accounts.find(({ name }) => name === owner)
  return {
    text: text('text'),
    kind: text('kind'),
    agency: account?.agency ?? owner,
    accepted_by: account?.name ?? '',
    ...(due ? { due_time: momentInLondon(due, dueMinute) } : {}),
  }
}

const places: Record<string, string> = {
  text: 'action.text',
  kind: 'action.kind',
  agency: 'action.owner',
  accepted_by: 'action.owner',
  due_time: 'action.due',
}

/** Where the form asks for what maracd names. */
export const placeOf = (field: string): string => places[field] ?? field
