import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Area__Output } from '../../generated/marac/v1/Area.js'
import { apply, rawOf } from './fields.js'
import { areaWith, changeView, fieldsOf, settingGroups, shownOf, type SettingGroup } from './settings.js'

const groups = settingGroups([
  { value: 'agencies/csc', text: 'Children’s services' },
  { value: 'agencies/police', text: 'Police' },
])
const group = (id: string): SettingGroup => groups.find((one) => one.id === id) ?? assert.fail(id)

// As maracd has an area that was made before there were limits and quorum.
const area = {
  name: 'areas/mk',
  display_name: 'Milton Keynes',
  settings: {
    slot_minutes: 10,
    every_weeks: 2,
    cut_off: { working_days: -8, minute: 720 },
    status_due: { working_days: 0, minute: 1020 },
    minutes_due: { working_days: 3, minute: 1020 },
    steering_group_meetings: 0,
    research_mode: 'RESEARCH_MODE_UNSPECIFIED',
    mandatory_fields: [],
    source_categories: ['POLICE', 'IDVA'],
    action_kinds: [
      { code: 'SANCTUARY', label: 'Sanctuary', outcomes: ['FITTED', 'CANCELLED'] },
      { code: 'OTHER', label: 'Else', outcomes: [] },
    ],
    limits: null,
    quorum: null,
  },
} as unknown as Area__Output

/** What comes of a form that was sent with some of its inputs changed. */
function sent(id: string, typed: Record<string, string | string[]> = {}) {
  const one = group(id)
  const fields = fieldsOf(one)
  const record = {}
  apply(fields, { ...rawOf(fields, shownOf(one, area)), ...typed }, {}, record)
  return areaWith(one, area, record)
}

test('a form that nobody changed leaves the area to the letter', () => {
  for (const { id } of groups.filter((one) => one.id !== 'meetings')) {
    const wanted = { ...sent(id).area.settings, quorum: null }
    assert.deepEqual(wanted, area.settings, id)
  }
})

test('days are counted from the meeting, before it and after it', () => {
  const { settings } = sent('meetings', {
    'settings.cut_off.working_days': '10',
    'settings.status_due.working_days': '1',
    'settings.minutes_due.working_days': '5',
    'settings.minutes_due.minute': '9:30',
  }).area
  assert.deepEqual(settings?.cut_off, { working_days: -10, minute: 720 })
  assert.deepEqual(settings?.status_due, { working_days: -1, minute: 1020 })
  assert.deepEqual(settings?.minutes_due, { working_days: 5, minute: 570 })
})

test('what can be no value at all is an error at its input, and nothing else is', () => {
  assert.deepEqual(
    sent('agenda', { 'settings.slot_minutes': 'ten', 'settings.warn_above_cases': '-1' }).errors.map(
      ({ field }) => field,
    ),
    ['settings.slot_minutes', 'settings.warn_above_cases'],
  )
  assert.deepEqual(
    sent('meetings', { 'settings.cut_off.minute': '' }).errors.at(0)?.field,
    'settings.cut_off.minute',
  )
  assert.deepEqual(
    sent('agenda', { 'settings.slot_minutes': '99' }).errors.length,
    0,
    'this is maracd’s to refuse',
  )
})

test('lists are read a line at a time', () => {
  const typed = 'SANCTUARY | Sanctuary scheme | FITTED\nDRIVE | Drive panel'
  assert.deepEqual(sent('actions', { 'settings.action_kinds': typed }).area.settings?.action_kinds, [
    { code: 'SANCTUARY', label: 'Sanctuary scheme', outcomes: ['FITTED'] },
    { code: 'DRIVE', label: 'Drive panel', outcomes: [] },
  ])
})

test('who has to be there is ticked, at every meeting or with a child', () => {
  const { area: wanted } = sent('quorum', {
    'settings.quorum.agencies_min': '3',
    'settings.quorum.agencies': ['agencies/police'],
    'settings.quorum.for_children': ['agencies/csc'],
  })
  assert.deepEqual(wanted.settings?.quorum, {
    agencies_min: 3,
    agencies: [
      { agency: 'agencies/police', condition: 'QUORUM_CONDITION_ALWAYS' },
      { agency: 'agencies/csc', condition: 'QUORUM_CONDITION_CHILDREN' },
    ],
  })
})

test('a change is told in the words of the page', () => {
  const view = (field: string, before: string, after: string) => changeView(groups, { field, before, after })
  assert.deepEqual(view('settings.cut_off.minute', '720', '570'), {
    label: 'Referral cut-off: time',
    before: '12:00',
    after: '09:30',
  })
  assert.equal(view('settings.steering_group_meetings', '0', '1').before, '2 meetings')
  assert.deepEqual(view('settings.action_kinds', '', 'code: "X" label: "A \\"B\\"" outcomes: "DONE"'), {
    label: 'Kinds of action',
    before: 'Not there',
    after: 'A "B" (done)',
  })
  assert.match(
    view('settings.quorum.agencies', '', 'agency: "agencies/csc" condition: QUORUM_CONDITION_CHILDREN').after,
    /^Children’s services, when a case has a child$/,
  )
  assert.equal(view('settings.something_new', '1', '2').label, 'settings.something_new')
})
