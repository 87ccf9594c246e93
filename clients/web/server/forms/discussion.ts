// The record of a case in the meeting, in the order in which it is talked through. Paths are those of maracd's errors.
import type { Discussion__Output } from '../../generated/marac/v1/Discussion.js'
import type { Discussion } from '../../generated/marac/v1/Discussion.js'
import type { Field, Option, Raw } from './fields.js'

export interface Part {
  id: string
  title: string
  fields: Field[]
}

const basis: Option[] = [
  { value: 'INFORMATION_BASIS_FACT', text: 'Fact' },
  { value: 'INFORMATION_BASIS_OPINION', text: 'Opinion' },
]

/** `told`: how many things agencies told; there is room for one more. */
export function discussionParts(agencies: Option[], told: number): Part[] {
  return [
    {
      id: 'why',
      title: 'Why it is here',
      fields: [
        { path: 'discussion.presenter', kind: 'string', label: 'Who presents it', hint: 'Agency and name' },
        { path: 'discussion.latest_incident', kind: 'longstring', label: 'The latest incident' },
      ],
    },
    {
      id: 'views',
      title: 'What they want',
      fields: [
        {
          path: 'discussion.victim_views',
          kind: 'longstring',
          label: 'Their views and wishes',
          hint: 'Or why nobody could bring them',
        },
        { path: 'discussion.victim_views_source', kind: 'string', label: 'Who brings them' },
      ],
    },
    {
      id: 'told',
      title: 'What the agencies know',
      fields: Array.from({ length: told + 1 }, (_none, at) => informationFields(at, agencies)).flat(),
    },
    {
      id: 'risk',
      title: 'The risk',
      fields: [
        {
          path: 'discussion.risk_summary',
          kind: 'longstring',
          label: 'The chair sums up',
          hint: 'What harm, to whom, how soon; what points to it, and what protects',
        },
        {
          path: 'discussion.children_considered',
          kind: 'yesno',
          label: 'Were children considered?',
          hint: 'No, if there are none',
          unknowns: [],
        },
        {
          path: 'discussion.proportionality',
          kind: 'longstring',
          label: 'If they did not agree: why sharing is in proportion',
        },
      ],
    },
    {
      id: 'telling',
      title: 'Telling them',
      fields: [
        {
          path: 'discussion.victim_update_by',
          kind: 'string',
          label: 'Who tells them what came of it',
          hint: 'A named person',
        },
        { path: 'discussion.victim_update_method', kind: 'string', label: 'How, safely' },
      ],
    },
  ]
}

function informationFields(at: number, agencies: Option[]): Field[] {
  const path = `discussion.information[${at}]`
  const nth = `${at + 1}`
  return [
    {
      path: `${path}.agency`,
      kind: 'select',
      label: `${nth}. Agency`,
      options: [{ value: '', text: 'Choose one' }, ...agencies],
    },
    { path: `${path}.text`, kind: 'longstring', label: `${nth}. What it told` },
    { path: `${path}.basis`, kind: 'choice', label: `${nth}. Fact or opinion`, options: basis },
    { path: `${path}.onward_sharing`, kind: 'tick', label: `${nth}. May be passed on beyond the meeting` },
  ]
}

/** The new thing told comes after those that others added since the form was made. */
export function afterTheirs(raw: Raw, shown: number, present: number): Raw {
  if (shown === present) return raw
  const [from, to] = [`discussion.information[${shown}].`, `discussion.information[${present}].`]
  const moved = Object.entries(raw).filter(([name]) => name.startsWith(from))
  const others = Object.entries(raw).filter(([name]) => !name.startsWith(from))
  return Object.fromEntries([
    ...others,
    ...moved.map(([name, value]) => [name.replace(from, to), value]),
  ]) as Raw
}

/** Without what was left empty. */
export function cleaned(discussion: Discussion): Discussion {
  return { ...discussion, information: (discussion.information ?? []).filter((entry) => entry?.text) }
}

export const isSame = (a: Discussion | null | undefined, b: Discussion__Output | null): boolean =>
  plain(a) === plain(b)

// Written with the fields in one order, and without those that say nothing.
function plain(value: unknown): string {
  return JSON.stringify(value ?? {}, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(
      Object.entries(inner)
        .filter(([, one]) => one !== '' && one !== false && !/_UNSPECIFIED$/.test(String(one)))
        .filter(([, one]) => !Array.isArray(one) || one.length > 0)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  })
}
