// What the pages show of a referral and its parts: fields by section, what is missing, labels, and everything in words.
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import { isBlank, maskOf, type Draft } from '../services/draft.js'
import { apply, flat, get, inWords, type Field, type Raw } from './fields.js'
import { groupsFor, type Group, type Lists, type Section } from './sections.js'

export function groupsOf(lists: Lists, referral: Referral__Output): Group[] {
  return groupsFor(
    lists,
    referral.urgent,
    referral.victim_voice?.consent === 'YES_NO_NO',
    referral.referrer?.on_behalf ?? false,
  )
}

/** The fields of a section, with those of each entry of its list and of `extra` more. */
export function fieldsOf(section: Section, draft: Draft, extra = 0): Field[] {
  const { people } = section
  if (!people) return section.fields
  const held = ((get(draft, people.list) ?? []) as unknown[]).length
  return [
    ...section.fields,
    ...Array.from({ length: held + extra }, (_none, at) => people.fieldsOf(`${people.list}[${at}]`)).flat(),
  ]
}

/** The fields of a section, people apart from each other; a "yes, there are" asks for the first one at once. */
export function restOf(section: Section, referral: Referral__Output): { heading: string; fields: Field[] }[] {
  const { people } = section
  if (!people) return [{ heading: section.title, fields: section.fields }]
  const held = (get({ referral }, people.list) ?? []) as { name?: { value?: string } | null }[]
  if (held.length === 0) return [{ heading: section.title, fields: withFirst(section, people) }]
  return [
    { heading: section.title, fields: section.fields },
    ...held.map((entry, at) => ({
      heading: `${section.title}: ${entry.name?.value ?? `${people.what} ${at + 1}`}`,
      fields: people.fieldsOf(`${people.list}[${at}]`),
    })),
  ]
}

export function withFirst(section: Section, people: NonNullable<Section['people']>): Field[] {
  const first = people.fieldsOf(`${people.list}[0]`)
  const [asked] = section.fields
  return asked ? [{ ...asked, followUps: { on: 'YES_NO_YES', fields: first } }] : first
}

export const covers = (section: Section, path: string): boolean =>
  flat(section.fields).some((field) => path === field.path || path.startsWith(`${field.path}.`)) ||
  (section.people !== undefined && path.startsWith(section.people.list))

/** Nobody has answered it; of a list in which nobody is named yet, the first person's fields. */
export const isMissing = ({ missing_fields }: Referral__Output, path: string): boolean =>
  missing_fields.some((missing) => path === missing || path.startsWith(`${missing}[0]`))

export const missingOf = (section: Section, referral: Referral__Output): string[] =>
  referral.missing_fields.filter((path) => covers(section, path))

export function isBegun(section: Section, referral: Referral__Output): boolean {
  if (section.id === 'contact') {
    return referral.protected_details.some(({ kind }) => kind === 'PROTECTED_KIND_SAFE_CONTACT')
  }
  if (section.id === 'excluded') return !isBlank(referral.has_excluded_people)
  return fieldsOf(section, { referral }).some(({ path }) => !isBlank(get({ referral }, path)))
}

/** The field of the page that an error is about: maracd may name a part of it. */
export function closest(fields: Field[], path: string): string {
  const found = flat(fields)
    .map((field) => field.path)
    .filter((candidate) => path === candidate || path.startsWith(candidate))
    .sort((a, b) => b.length - a.length)
  return found[0] ?? path
}

/** Whoever names a child has said that there are children. */
export function answerByGiving(draft: Draft): void {
  if (isBlank(draft.referral.has_children) && !isBlank(draft.referral.children))
    draft.referral.has_children = 'YES_NO_YES'
  if (isBlank(draft.referral.has_excluded_people) && !isBlank(draft.excluded_people)) {
    draft.referral.has_excluded_people = 'YES_NO_YES'
  }
}

/** The same, or the first part of what an error names as a whole. */
export function fieldFor(fields: Field[], path: string): string {
  const found = closest(fields, path)
  const paths = flat(fields).map((field) => field.path)
  return paths.includes(found) ? found : (paths.find((other) => other.startsWith(`${path}.`)) ?? path)
}

export function labelOf(sections: Section[], path: string): string {
  const fields = sections.flatMap((section) => [
    ...flat(section.fields),
    ...flat(section.people?.fieldsOf(`${section.people.list}[${/\[(\d+)\]/.exec(path)?.[1] ?? 0}]`) ?? []),
  ])
  return (
    fields.find((field) => path === field.path || path.startsWith(`${field.path}.`))?.label ??
    sections.find((section) => covers(section, path))?.title ??
    // It is written with the assessment, and changed there.
    (path.startsWith('referral.communication.') ? 'How they communicate, in the assessment' : path)
  )
}

/** Labels by path, for lists of what is missing. `draft`: where there are several children, which of them. */
export function labelsOf(groups: Group[], draft?: Draft): (path: string) => string {
  const all = groups.flatMap(({ sections }) => sections)
  return (path) => {
    const section = all.find((candidate) => covers(candidate, path))
    const label = labelOf(all, path)
    if (!section || section.title === label) return label
    const [, at] = /\[(\d+)\]/.exec(path) ?? []
    const entries = draft && section.people ? ((get(draft, section.people.list) ?? []) as unknown[]) : []
    const which = at !== undefined && entries.length > 1 ? `, ${Number(at) + 1}` : ''
    return `${section.title}${which}: ${label.charAt(0).toLowerCase()}${label.slice(1)}`
  }
}

export function summaryOf(groups: Group[], draft: Draft) {
  return groups.flatMap(({ sections }) =>
    sections.map((section) => ({
      id: section.id,
      title: section.title,
      rows: [
        ...rowsOf(section.fields, draft),
        ...(
          (section.people ? (get(draft, section.people.list) as unknown[] | undefined) : undefined) ?? []
        ).flatMap((_entry, at, entries) =>
          rowsOf(
            section.people?.fieldsOf(`${section.people.list}[${at}]`) ?? [],
            draft,
            entries.length > 1 ? at + 1 : 0,
          ),
        ),
      ],
    })),
  )
}

function rowsOf(fields: Field[], draft: Draft, number = 0): { path: string; label: string; value: string }[] {
  return fields.flatMap((field) => {
    const value = inWords(field, draft) || keptApart(field, draft)
    const row =
      value === ''
        ? []
        : [{ path: field.path, label: number > 0 ? `${number}. ${field.label}` : field.label, value }]
    return [...row, ...rowsOf(field.followUps?.fields ?? [], draft, number)]
  })
}

// Where an address would stand that is kept apart.
const keptApart = ({ path }: Field, draft: Draft): string =>
  path.endsWith('.lines') && maskOf(draft, path.replace(/\.lines$/, '')) ? 'Kept apart' : ''

/** Where what somebody else saved differs from what was typed. */
export function differences(
  fields: Field[],
  theirs: Raw,
  mine: Raw,
): { label: string; theirs: string; mine: string }[] {
  return flat(fields).flatMap((field) => {
    const part = (raw: Raw) => {
      const record = {}
      apply([{ ...field, followUps: undefined } as unknown as Field], raw, raw, record)
      return inWords(field, record) || 'No answer'
    }
    const row = { label: field.label, theirs: part(theirs), mine: part(mine) }
    return row.theirs === row.mine ? [] : [row]
  })
}

/** Paths of fields by the part of the referral that they are in, each with its label. */
export function bySection(
  groups: Group[],
  paths: string[],
): { title: string; fields: { path: string; label: string }[] }[] {
  const all = groups.flatMap(({ sections }) => sections)
  return all.flatMap((section) => {
    const fields = paths
      .filter((path) => covers(section, path))
      .map((path) => ({ path, label: labelOf([section], path) }))
    return fields.length > 0 ? [{ title: section.title, fields }] : []
  })
}

/** Fields that were answered with "not known" or "not asked": what may be known by now. */
export function unknownFields(groups: Group[], referral: Referral__Output): string[] {
  const fields = groups.flatMap(({ sections }) =>
    sections.flatMap((section) => flat(fieldsOf(section, { referral }))),
  )
  const open = new Set(['UNKNOWN_NOT_KNOWN', 'UNKNOWN_NOT_ASKED', 'YES_NO_NOT_KNOWN', 'YES_NO_NOT_ASKED'])
  return fields
    .filter(({ path }) => {
      const value = get({ referral }, path)
      const unknown = typeof value === 'object' ? (value as { unknown?: string } | null)?.unknown : value
      return typeof unknown === 'string' && open.has(unknown)
    })
    .map(({ path }) => path)
}
