// A referral being written, with what is kept apart from it: how to reach the person safely, and who must not see it.
import type { ExcludedPerson } from '../../generated/marac/v1/ExcludedPerson.js'
import type { ProtectedDetail__Output } from '../../generated/marac/v1/ProtectedDetail.js'
import type { ProtectedDetailMask } from '../../generated/marac/v1/ProtectedDetailMask.js'
import type { Referral, Referral__Output } from '../../generated/marac/v1/Referral.js'
import type { SafeContact } from '../../generated/marac/v1/SafeContact.js'
import { MaracError, type MaracClient } from '../data/index.js'
import { get, set, type Field } from '../forms/fields.js'
import { flat } from '../forms/fields.js'

export interface Draft {
  referral: Referral
  safe_contact?: SafeContact
  excluded_people?: ExcludedPerson[]
}

export interface LoadedDraft {
  draft: Draft
  referral: Referral__Output
  /** Given before, and no longer open to the author: what is given now comes in its place, or beside it. */
  hidden: { safeContact: boolean; excludedPeople: boolean; address: boolean }
}

const lists = ['referral.perpetrators', 'referral.children', 'excluded_people'] as const

const touches = (fields: readonly Field[], root: string): boolean =>
  flat(fields).some(({ path }) => path.startsWith(root))

/** Loads the referral, and of what is kept apart only what these fields ask for: every look at it is recorded. */
export async function loadDraft(
  marac: MaracClient,
  name: string,
  fields: readonly Field[],
): Promise<LoadedDraft> {
  const referral = await marac.call('ReferralService', 'GetReferral', { name })
  const loaded: LoadedDraft = {
    draft: { referral: structuredClone(referral) },
    referral,
    hidden: { safeContact: false, excludedPeople: false, address: false },
  }
  if (touches(fields, 'safe_contact')) {
    loaded.draft.safe_contact = {}
    const mask = referral.protected_details.find((detail) => detail.kind === 'PROTECTED_KIND_SAFE_CONTACT')
    if (mask) {
      const revealed = await reveal(marac, mask)
      loaded.hidden.safeContact = revealed === undefined
      loaded.draft.safe_contact = revealed?.safe_contact ?? {}
    }
  }
  if (touches(fields, 'excluded_people')) {
    const listed = await ifOpen(marac.call('ReferralService', 'ListExcludedPeople', { referral: name }))
    loaded.hidden.excludedPeople = listed === undefined && referral.excluded_people_count > 0
    loaded.draft.excluded_people = listed?.excluded_people ?? []
  }
  for (const { path } of flat(fields)) {
    const mask = path.endsWith('.protected_detail') && maskOf(loaded.draft, parentOf(path))
    if (!mask) continue
    // Once it was sent it is shown for a reason only, and a form is none.
    const address =
      referral.state === 'REFERRAL_STATE_DRAFT' ? (await reveal(marac, mask))?.address : undefined
    if (address) set(loaded.draft, parentOf(path), address)
    else loaded.hidden.address = true
  }
  return loaded
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('.'))

/** What is kept apart of an address, "referral.victim.address": it reads back empty. */
export function maskOf(draft: Draft, address: string): ProtectedDetailMask | undefined {
  const kind = address.endsWith('.usual_home') ? 'PROTECTED_KIND_USUAL_HOME' : 'PROTECTED_KIND_ADDRESS'
  const party = get(draft, `${parentOf(address)}.party_id`)
  return draft.referral.protected_details?.find((mask) => mask.kind === kind && mask.party_id === party)
}

const reveal = (
  marac: MaracClient,
  { detail }: ProtectedDetailMask,
): Promise<ProtectedDetail__Output | undefined> =>
  ifOpen(marac.call('CaseService', 'RevealDetail', { name: detail ?? '', reason: 'going on with the draft' }))

/** Saves the draft as it is now; what was not loaded stays as it was. */
export async function saveDraft(
  marac: MaracClient,
  area: string,
  { draft }: LoadedDraft,
): Promise<Referral__Output> {
  for (const list of lists) {
    const entries = get(draft, list)
    if (Array.isArray(entries))
      set(
        draft,
        list,
        entries.filter((entry) => !isBlank(entry)),
      )
  }
  const contact = draft.safe_contact
  return marac.call('ReferralService', 'SaveDraft', {
    parent: area,
    referral: draft.referral,
    ...(contact && !isBlank(contact) ? { safe_contact: contact } : {}),
    ...(draft.excluded_people ? { excluded_people: draft.excluded_people } : {}),
  })
}

// Ids are given by the server; an entry that holds nothing else was never filled in.
const givenByServer = new Set(['party_id', 'referral', 'answer', 'account'])

export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0) return true
  if (typeof value === 'string') return value.endsWith('_UNSPECIFIED') || value.startsWith('areas/')
  if (Array.isArray(value)) return value.every(isBlank)
  if (typeof value === 'object') {
    return Object.entries(value).every(([key, inner]) => givenByServer.has(key) || isBlank(inner))
  }
  return false
}

// Since it was sent, the coordinator alone sees who was named: its author is told so instead of an empty list.
const isKeptApart = ({ code, reason }: MaracError): boolean =>
  code === 'NOT_FOUND' || code === 'PERMISSION_DENIED' || reason === 'ALREADY_SENT'

async function ifOpen<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof MaracError && isKeptApart(error)) return undefined
    throw error
  }
}
