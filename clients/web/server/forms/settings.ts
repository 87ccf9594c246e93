// What an area decides for itself, as one table: each setting in words, with its documented default, and the inputs that
// change it. A form holds texts; what is typed becomes what maracd keeps, and what is wrong in it is maracd's to say.
import type { Area__Output } from '../../generated/marac/v1/Area.js'
import { spelt } from '../services/area.js'
import { words } from '../utils/format.js'
import { get, minuteFrom, set, type Field, type Option } from './fields.js'

export interface Setting {
  /** In Area, as maracd names it in errors and in the history. */
  path: string
  label: string
  hint: string
  /** The documented default, in words; empty: there is none. */
  standard: string
  /** Shown, and changed elsewhere, where it says. */
  fixed?: boolean
  inputs: Input[]
  /** What the area has. */
  inWords: (area: object) => string
}

/** One input; `show` and `read` are between what is kept at its path and what a form holds. */
interface Input {
  field: Field
  show: (kept: unknown) => unknown
  /** Undefined: this cannot be a value at all. */
  read: (typed: unknown) => unknown
  /** What the history has of it, in words. */
  told: (text: string) => string
}

export interface SettingGroup {
  id: string
  title: string
  intro?: string
  settings: Setting[]
}

// --- Kinds of setting --------------------------------------------------------------------------------------------

interface About {
  label: string
  hint: string
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const counted = (number: number, [one, many]: [string, string]): string =>
  `${number} ${number === 1 ? one : many}`

/** A whole number with its unit. What an area that was made earlier says by 0 is shown as the default. */
function number(name: string, about: About, standard: number, unit: [string, string], zero = true): Setting {
  const path = `settings.${name}`
  const shown = (kept: unknown) => (Number(kept ?? 0) === 0 && !zero ? standard : Number(kept ?? 0))
  const told = (kept: unknown) => counted(shown(kept), unit)
  return {
    path,
    ...about,
    standard: told(standard),
    inputs: [
      {
        field: {
          path,
          kind: 'string',
          label: about.label,
          hint: `${about.hint} Default: ${told(standard)}`,
          width: '4',
        },
        show: (kept) => String(shown(kept)),
        read: (typed) => (/^\d{1,5}$/.test(textOf(typed)) ? Number(typed) : undefined),
        told,
      },
    ],
    inWords: (area) => told(get(area, path)),
  }
}

/** One of a few; `standard` is the value of the default. */
function choice(name: string, about: About, standard: string, options: Option[]): Setting {
  const path = `settings.${name}`
  const textFor = (value: string) => options.find((option) => option.value === value)?.text ?? ''
  const told = (kept: unknown) => textFor(String(kept)) || textFor(standard)
  return {
    path,
    ...about,
    standard: textFor(standard),
    inputs: [
      {
        field: {
          path,
          kind: 'choice',
          label: about.label,
          hint: `${about.hint} Default: ${textFor(standard)}`,
          options,
        },
        show: (kept) => (textFor(String(kept)) === '' ? standard : String(kept)),
        read: (typed) => typed,
        told,
      },
    ],
    inWords: (area) => told(get(area, path)),
  }
}

/** Yes or no, in the words of what each means. */
function either(name: string, about: About, standard: boolean, yes: string, no: string): Setting {
  const setting = choice(name, about, String(standard), [
    { value: 'true', text: yes },
    { value: 'false', text: no },
  ])
  return {
    ...setting,
    inputs: setting.inputs.map((input) => ({ ...input, read: (typed) => typed === 'true' })),
  }
}

const clockOf = (minute: unknown): string => {
  const [hour, rest] = [Math.floor(Number(minute) / 60), Number(minute) % 60]
  return `${String(hour).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
}

/** A day and a time in the cycle. It is on one side of the meeting, whatever its number. */
function offset(name: string, about: About, side: 'before' | 'after', days: number, minute: number): Setting {
  const path = `settings.${name}`
  const sign = side === 'before' ? -1 : 1
  const dayWords = (kept: unknown) =>
    Number(kept) === 0
      ? 'On the day of the meeting'
      : `${counted(Math.abs(Number(kept)), ['working day', 'working days'])} ${Number(kept) < 0 ? 'before' : 'after'} it`
  const inAll = (day: unknown, at: unknown) => `${dayWords(day)}, at ${clockOf(at)}`
  const standard = inAll(sign * days, minute)
  return {
    path,
    ...about,
    standard,
    inputs: [
      {
        field: {
          path: `${path}.working_days`,
          kind: 'string',
          label: `${about.label}: working days ${side} the meeting`,
          hint: `${about.hint} Default: ${standard}`,
          width: '4',
        },
        show: (kept) => String(sign * Number(kept) || 0),
        read: (typed) => (/^\d{1,3}$/.test(textOf(typed)) ? sign * Number(typed) || 0 : undefined),
        told: dayWords,
      },
      {
        field: {
          path: `${path}.minute`,
          kind: 'string',
          label: `${about.label}: time`,
          hint: 'For example, 14:30',
          width: '10',
        },
        show: clockOf,
        read: (typed) => (textOf(typed) === '' ? undefined : minuteFrom(textOf(typed))),
        told: clockOf,
      },
    ],
    inWords: (area) => inAll(get(area, `${path}.working_days`), get(area, `${path}.minute`)),
  }
}

/** A list, one entry a line. */
function lines(
  name: string,
  about: About,
  standard: string,
  line: {
    /** How a line is written. */
    how: string
    show: (entry: unknown) => string
    read: (text: string) => unknown
    told: (text: string) => string
  },
): Setting {
  const path = `settings.${name}`
  const entries = (kept: unknown) => (Array.isArray(kept) ? kept : []) as unknown[]
  return {
    path,
    ...about,
    standard,
    inputs: [
      {
        field: { path, kind: 'lines', label: about.label, hint: `${about.hint} ${line.how}`.trim() },
        show: (kept) => entries(kept).map(line.show),
        read: (typed) => entries(typed).map((text) => line.read(textOf(text))),
        told: line.told,
      },
    ],
    inWords: (area) =>
      entries(get(area, path))
        .map((entry) => line.told(line.show(entry)))
        .join('\n'),
  }
}

const plain = {
  how: 'One a line, as errors name it: referral.victim.pregnant',
  show: textOf,
  read: (text: string) => text,
  told: (text: string) => text,
}
const coded = {
  ...plain,
  how: 'One code a line, in capitals: POLICE',
  told: (code: string) => spelt[code] ?? words(code),
}

// "SANCTUARY: Sanctuary scheme: FITTED, CANCELLED"
interface Kind {
  code: string
  label: string
  outcomes: string[]
}
const kindLine = ({ code, label, outcomes }: Kind): string =>
  [code, label, outcomes.join(', ')].join(' | ').replace(/ \| $/, '')
const kindFrom = (text: string): Kind => {
  const [code = '', label = '', outcomes = ''] = text.split('|').map((part) => part.trim())
  return {
    code,
    label,
    outcomes: outcomes
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  }
}
const valuesIn = (text: string, field: string): string[] =>
  [...text.matchAll(new RegExp(`${field}: "((?:[^"\\\\]|\\\\.)*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll(/\\(.)/g, '$1'),
  )

const actionKinds = lines(
  'action_kinds',
  {
    label: 'Kinds of action',
    hint: 'With the outcomes that an action of the kind may be reported with.',
  },
  'The 26 kinds of the documents',
  {
    how: 'One a line: its code in capitals, what it is in words, and the outcomes. SANCTUARY | Sanctuary scheme | FITTED, CANCELLED',
    show: (entry) => kindLine(entry as Kind),
    read: kindFrom,
    // A line of a form, or one of the history in the form of a text proto.
    told: (text) => {
      const [label = ''] = valuesIn(text, 'label')
      const kind = label === '' ? kindFrom(text) : { label, outcomes: valuesIn(text, 'outcomes') }
      return kind.outcomes.length > 0
        ? `${kind.label} (${kind.outcomes.map((one) => words(one).toLowerCase()).join(', ')})`
        : kind.label
    },
  },
)

interface Demanded {
  agency: string
  condition: string
}

/** Agencies that have to be there on one condition; the other conditions of the list stay. */
function demanded(agencies: Option[], about: About, condition: string, at: string): Setting {
  const path = 'settings.quorum.agencies'
  const those = (kept: unknown) =>
    ((kept ?? []) as Demanded[]).filter((one) => one.condition === condition).map(({ agency }) => agency)
  const nameOf = (name: string) => agencies.find(({ value }) => value === name)?.text ?? name
  return {
    path,
    ...about,
    standard: 'None',
    inputs: [
      {
        field: { path: at, kind: 'ticks', label: about.label, hint: about.hint, options: agencies },
        show: those,
        read: (typed) => (typed as string[]).map((agency) => ({ agency, condition })),
        told: (text) =>
          `${valuesIn(text, 'agency').map(nameOf).join(', ')}${text.includes('CHILDREN') ? ', when a case has a child' : ', at every meeting'}`,
      },
    ],
    inWords: (area) => those(get(area, path)).map(nameOf).join('\n') || 'None',
  }
}

const fixed = (path: string, about: About): Setting => ({
  path,
  ...about,
  standard: '',
  fixed: true,
  inputs: [],
  inWords: (area) => textOf(get(area, path)),
})

// --- The table -----------------------------------------------------------------------------------------------------

const minutes: [string, string] = ['minute', 'minutes']
const days: [string, string] = ['day', 'days']
const workingDays: [string, string] = ['working day', 'working days']
const cases: [string, string] = ['case', 'cases']

/** `agencies` are the members of the area. */
export const settingGroups = (agencies: Option[]): SettingGroup[] => [
  {
    id: 'meetings',
    title: 'Meetings and deadlines',
    intro:
      'Working days are Mondays to Fridays without bank holidays. The day of the meeting is not counted. Meetings whose agenda has gone out keep their dates.',
    settings: [
      number('every_weeks', { label: 'Weeks between meetings', hint: 'For new series of meetings.' }, 2, [
        'week',
        'weeks',
      ]),
      number(
        'opening_minutes',
        { label: 'Opening', hint: 'Introductions, the statement, what is left from before.' },
        10,
        minutes,
      ),
      number('break_minutes', { label: 'Breaks', hint: 'All of them together.' }, 0, minutes),
      offset(
        'cut_off',
        { label: 'Referral cut-off', hint: 'What comes later needs the chair.' },
        'before',
        8,
        720,
      ),
      offset(
        'circulation',
        { label: 'Agenda goes out', hint: 'When agencies expect it.' },
        'before',
        5,
        1020,
      ),
      offset(
        'research_due',
        { label: 'Research is due', hint: 'From every agency that was asked.' },
        'before',
        2,
        1020,
      ),
      offset(
        'status_due',
        { label: 'Status of actions is due', hint: 'Of those from the meetings before.' },
        'before',
        1,
        1020,
      ),
      offset(
        'actions_out',
        { label: 'Actions go out', hint: 'Before the minutes, and apart from them.' },
        'after',
        1,
        1020,
      ),
      offset(
        'minutes_due',
        { label: 'Minutes go out', hint: 'When agencies expect them.' },
        'after',
        3,
        1020,
      ),
    ],
  },
  {
    id: 'agenda',
    title: 'Agenda and order',
    settings: [
      number(
        'slot_minutes',
        { label: 'Time for each case', hint: 'How many cases fit is worked out from it. At most 15.' },
        10,
        minutes,
      ),
      number(
        'warn_above_cases',
        { label: 'A long agenda', hint: 'A warning is given when there are more.' },
        15,
        cases,
      ),
      number(
        'deferrals_alert',
        { label: 'Put off too often', hint: 'The chair is told from so many times on.' },
        2,
        ['time', 'times'],
      ),
      either(
        'unborn_counts_as_child',
        { label: 'Unborn children', hint: 'Cases with children are heard first.' },
        true,
        'Count as children',
        'Do not count as children',
      ),
      either(
        'higher_score_first',
        { label: 'Of two cases with children, or two without', hint: 'Which is heard first.' },
        false,
        'The higher score, then repeats',
        'Repeats, then the higher score',
      ),
    ],
  },
  {
    id: 'quorum',
    title: 'Who has to be there',
    intro:
      'When somebody is missing, the chair is told and decides whether to go on. A deputy counts; an observer does not.',
    settings: [
      number('quorum.agencies_min', { label: 'At least', hint: '0: no number is demanded.' }, 0, [
        'agency',
        'agencies',
      ]),
      demanded(
        agencies,
        { label: 'At every meeting', hint: '' },
        'QUORUM_CONDITION_ALWAYS',
        'settings.quorum.agencies',
      ),
      demanded(
        agencies,
        { label: 'When a case has a child', hint: '' },
        'QUORUM_CONDITION_CHILDREN',
        'settings.quorum.for_children',
      ),
    ],
  },
  {
    id: 'research',
    title: 'Research',
    settings: [
      choice(
        'research_mode',
        { label: 'What agencies know', hint: 'Who may read it before the meeting.' },
        'RESEARCH_MODE_PRIVATE',
        [
          { value: 'RESEARCH_MODE_PRIVATE', text: 'Stays in each agency, and is spoken in the meeting' },
          { value: 'RESEARCH_MODE_SHARED', text: 'Is collected, as far as each agency shares it' },
        ],
      ),
    ],
  },
  {
    id: 'actions',
    title: 'Actions and flags',
    settings: [
      number(
        'reminder_working_days',
        { label: 'Reminder', hint: 'So long before an action is due.' },
        2,
        workingDays,
      ),
      number(
        'manager_working_days',
        { label: 'Word to the manager', hint: 'So long after it was due.' },
        3,
        workingDays,
      ),
      number(
        'steering_group_meetings',
        { label: 'Word to the steering group', hint: 'After so many meetings since it was due.' },
        2,
        ['meeting', 'meetings'],
        false,
      ),
      number(
        'flag_expiring_days',
        { label: 'A flag is about to end', hint: 'So long before its last day. Nothing is shown of it yet.' },
        30,
        days,
      ),
      actionKinds,
    ],
  },
  {
    id: 'referrals',
    title: 'Referrals',
    settings: [
      lines(
        'mandatory_fields',
        {
          label: 'Fields that must be answered here as well',
          hint: 'Beside those that every referral needs.',
        },
        'None',
        plain,
      ),
      lines(
        'source_categories',
        { label: 'Where referrals come from', hint: 'For the return.' },
        'The 14 of the return',
        coded,
      ),
    ],
  },
  {
    id: 'limits',
    title: 'Sessions and limits',
    intro:
      'Above a limit an alert is raised and the work goes on. Only opening cases that one has no part in is refused.',
    settings: [
      number(
        'idle_lock_minutes',
        { label: 'A session locks after', hint: 'Without use. At most 15.' },
        15,
        minutes,
      ),
      number(
        'limits.opens_per_day',
        { label: 'Cases opened that one has a part in', hint: 'In a day.' },
        200,
        cases,
        false,
      ),
      number(
        'limits.uninvolved_opens_per_hour',
        { label: 'Cases opened that one has no part in', hint: 'In an hour.' },
        10,
        cases,
        false,
      ),
      number(
        'limits.reveals_per_day',
        { label: 'Cases with protected details shown', hint: 'In a day.' },
        60,
        cases,
        false,
      ),
      number(
        'limits.searches_per_minute',
        { label: 'Searches for the same people', hint: 'In a minute.' },
        30,
        ['referral', 'referrals'],
        false,
      ),
      number(
        'limits.lists_per_minute',
        { label: 'Lists opened', hint: 'In a minute.' },
        120,
        ['list', 'lists'],
        false,
      ),
    ],
  },
  {
    id: 'assessments',
    title: 'Assessments',
    settings: [
      fixed('settings.instrument', { label: 'Form of new assessments', hint: '' }),
      fixed('settings.policy', { label: 'Rules for grading them', hint: '' }),
      either(
        'training_required',
        { label: 'To sign an assessment', hint: '' },
        false,
        'Training that counts on the day is needed',
        'No training is needed',
      ),
      number(
        'permission_warning_days',
        { label: 'Warning that a permission for a form ends', hint: 'So long before.' },
        60,
        days,
        false,
      ),
    ],
  },
]

// --- Between an area and a form --------------------------------------------------------------------------------------

const inputsOf = ({ settings }: SettingGroup): { setting: Setting; input: Input }[] =>
  settings.flatMap((setting) => setting.inputs.map((input) => ({ setting, input })))

export const fieldsOf = (group: SettingGroup): Field[] => inputsOf(group).map(({ input }) => input.field)

/** What the form of a group shows of an area: a record with what each field takes. */
export function shownOf(group: SettingGroup, area: object): object {
  const shown = {}
  for (const { setting, input } of inputsOf(group)) {
    set(shown, input.field.path, input.show(get(area, keptAt(setting, input))))
  }
  return shown
}

// Of a setting with several inputs each has a place of its own; only the agencies share theirs.
const keptAt = (setting: Setting, { field }: Input): string =>
  setting.path === 'settings.quorum.agencies' ? setting.path : field.path

/** The area as it is wanted. What is not another stays to the letter. Errors are of what can be no value at all. */
export function areaWith(
  group: SettingGroup,
  area: Area__Output,
  typed: object,
): { area: Area__Output; errors: { field: string; description: string }[] } {
  const wanted = structuredClone(area)
  const errors: { field: string; description: string }[] = []
  const before = shownOf(group, area)
  const isSame = (path: string) => JSON.stringify(get(typed, path)) === JSON.stringify(get(before, path))
  const shared = new Map<string, unknown[]>()
  for (const { setting, input } of inputsOf(group)) {
    const { path } = input.field
    const value = input.read(get(typed, path))
    if (setting.path === 'settings.quorum.agencies') {
      shared.set(setting.path, [...(shared.get(setting.path) ?? []), ...(value as unknown[])])
    } else if (value === undefined) {
      errors.push({
        field: path,
        description: path.endsWith('.minute') ? 'enter a time, like 14:30' : 'enter a whole number',
      })
    } else if (!isSame(path)) {
      set(wanted, path, value)
    }
  }
  // Ticks come in the order of their options, which is nobody's change.
  const inOrder = (value: unknown) =>
    JSON.stringify(((value ?? []) as Demanded[]).map((one) => `${one.agency} ${one.condition}`).sort())
  for (const [path, value] of shared) {
    if (inOrder(value) !== inOrder(get(area, path))) set(wanted, path, value)
  }
  return { area: wanted, errors }
}

// --- What was changed ------------------------------------------------------------------------------------------------

export interface ChangeView {
  label: string
  before: string
  after: string
}

/** A change in the words of the table, or as maracd has it where the table does not know it. */
export function changeView(
  groups: SettingGroup[],
  change: { field: string; before: string; after: string },
): ChangeView {
  if (change.field === 'display_name')
    return { label: 'Name of the area', before: change.before, after: change.after }
  const setting = groups
    .flatMap(({ settings }) => settings)
    .find(({ path }) => change.field === path || change.field.startsWith(`${path}.`))
  const input = setting?.inputs.find(({ field }) => field.path === change.field)
  const isList = setting?.path === 'settings.quorum.agencies' || input?.field.kind === 'lines'
  const told = (text: string) => {
    if (text === '' && isList) return 'Not there'
    const inWords = input?.told ?? ((one: string) => one)
    return text.split('\n').map(inWords).join('\n')
  }
  return {
    label: input && !isList ? input.field.label : (setting?.label ?? change.field),
    before: told(change.before),
    after: told(change.after),
  }
}
