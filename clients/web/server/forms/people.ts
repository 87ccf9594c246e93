// The people of a case or of an agenda in words: what is known, and what is kept apart.
import type { Address__Output } from '../../generated/marac/v1/Address.js'
import type { Party__Output } from '../../generated/marac/v1/Party.js'
import type { ProtectedDetailMask__Output } from '../../generated/marac/v1/ProtectedDetailMask.js'
import { words } from '../utils/format.js'
import { flat, inWords } from './fields.js'
import { aboutFields, childFields, harmFields } from './sections.js'

export interface PersonView {
  what: string
  name: string
  /** With `detail`: kept apart, and shown only to who needs it and asks for it. */
  rows: { label: string; value: string; detail?: string }[]
}

interface Record {
  victim: Party__Output | null
  perpetrators: Party__Output[]
  children: Party__Output[]
  protected_details?: ProtectedDetailMask__Output[]
}

export function peopleOf(record: Record): PersonView[] {
  const masks = (record.protected_details ?? []).filter(({ kind }) => kind !== 'PROTECTED_KIND_SAFE_CONTACT')
  return [
    ...(record.victim ? [viewOf('The person at risk', record.victim, masks)] : []),
    ...record.perpetrators.map((party) => viewOf('Who causes the harm', party, masks)),
    ...record.children.map((party) => viewOf('Child', party, masks)),
  ]
}

function viewOf(what: string, party: Party__Output, masks: ProtectedDetailMask__Output[]): PersonView {
  return {
    what,
    name: party.name?.value ?? party.description?.value ?? 'Name not known',
    rows: rowsOf(
      party,
      masks
        .filter(({ party_id }) => party_id === party.party_id)
        .map(({ detail, kind }) => ({ detail, label: kindInWords(kind), value: 'Kept apart' })),
    ),
  }
}

export const kindInWords = (kind: string): string => words(kind, 'PROTECTED_KIND_')

// Told by the heading, in a row of their own, or said by the row of what is kept apart.
const elsewhere = /\.(name|description|has_aliases|address\..*|usual_home\..*)$/

const fields = flat([...harmFields('party'), ...childFields('party'), ...aboutFields('party')]).filter(
  ({ path }, at, all) => !elsewhere.test(path) && all.findIndex((other) => other.path === path) === at,
)

function rowsOf(party: Party__Output, apart: PersonView['rows']): PersonView['rows'] {
  const [born, ...others] = fields
    .map((field) => ({ path: field.path, label: field.label, value: inWords(field, { party }) }))
    .sort((a, b) => Number(b.path.endsWith('birth_date')) - Number(a.path.endsWith('birth_date')))
  const rows = [
    ...(born ? [born] : []),
    { label: 'Address', value: addressInWords(party.address) },
    { label: 'Usual address', value: addressInWords(party.usual_home) },
    ...apart,
    ...others,
  ]
  return rows.filter(({ value }) => value !== '')
}

export function addressInWords(address: Address__Output | null): string {
  if (!address) return ''
  const parts = [address.lines, address.postcode].flatMap((text) => text?.value ?? [])
  if (parts.length > 0) return parts.join(', ')
  return address.lines?.unknown ? 'Not known' : ''
}
