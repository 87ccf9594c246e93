// Who may see a case, or a referral that waits, in words for the coordinator and the chair.
import type { AccessChange__Output } from '../../generated/marac/v1/AccessChange.js'
import type { Account__Output } from '../../generated/marac/v1/Account.js'
import type { CaseAccess__Output } from '../../generated/marac/v1/CaseAccess.js'
import type { ExcludedPerson__Output } from '../../generated/marac/v1/ExcludedPerson.js'
import type { Role } from '../../generated/marac/v1/Role.js'
import type { MaracClient } from '../data/index.js'
import type { Option } from '../forms/fields.js'
import { secondsOf } from '../utils/format.js'
import { directoryOf, type Directory } from './directory.js'

/** What access is decided about. */
export interface Subject {
  name: string
  /** Who it is about, as a heading names it. */
  who: string
  /** Its number; empty for a referral. */
  number: string
  /** When its first referral came. */
  since: number
  /** Those that people who must not see it were named in. */
  referrals: string[]
  /** It became this case, which is what is decided about then. */
  caseName: string
}

export async function subjectOf(marac: MaracClient, name: string): Promise<Subject> {
  if (name.includes('/cases/')) {
    const { victim, case_number, referrals, receive_time } = await marac.call('CaseService', 'GetCase', {
      name,
    })
    const since = secondsOf(receive_time)
    return { name, who: nameIn(victim), number: case_number, since, referrals, caseName: '' }
  }
  const { victim, case_name, receive_time } = await marac.call('ReferralService', 'GetReferral', { name })
  const since = secondsOf(receive_time)
  return { name, who: nameIn(victim), number: '', since, referrals: [name], caseName: case_name }
}

type Victim = { name: { value?: string } | null; description: { value?: string } | null } | null

const nameIn = (victim: Victim): string =>
  victim?.name?.value || victim?.description?.value || 'Name not known'

export interface Access {
  subject: Subject
  access: CaseAccess__Output
  directory: Directory
  /** Who must not see it, by the names of their entries. */
  people: Map<string, ExcludedPerson__Output>
}

export async function loadAccess(marac: MaracClient, area: string, subject: Subject): Promise<Access> {
  const [access, directory, ...lists] = await Promise.all([
    marac.call('AccessService', 'GetCaseAccess', { name: subject.name }),
    directoryOf(marac, area),
    ...subject.referrals.map((referral) => marac.call('ReferralService', 'ListExcludedPeople', { referral })),
  ])
  const people = lists.flatMap(({ excluded_people }) => excluded_people)
  return { subject, access, directory, people: new Map(people.map((person) => [person.name, person])) }
}

/** "Callum Ashdyke, Police", or "Everybody at Police". */
export function subjectInWords(name: string, { accounts, nameOf }: Directory): string {
  if (name.startsWith('agencies/')) return `Everybody at ${nameOf(name) || 'an agency that is gone'}`
  const account = accounts.find((one) => one.name === name)
  return account ? `${account.display_name}, ${nameOf(account.agency)}` : 'Somebody who is here no more'
}

export interface KeptView {
  subject: string
  who: string
  undecided: boolean
  /** Why, in the words of who did it. */
  reason: string
  /** Where it comes from, if it was not decided here. */
  origin: string
}

export const keptFrom = (access: Access): KeptView[] =>
  access.access.kept_from.map(({ subject, undecided }) => {
    const change = access.access.changes.find((one) => one.subject === subject)
    return {
      subject,
      who: subjectInWords(subject, access.directory),
      undecided,
      reason: change?.reason ?? '',
      origin: originOf(access, change),
    }
  })

// Whoever was shut out once is shut out of what follows about the same two people, and of what is joined with it.
function originOf({ subject }: Access, change: AccessChange__Output | undefined): string {
  if (!change) return 'Comes from another referral or case of the same people'
  return secondsOf(change.time) < subject.since ? 'Comes from an earlier case of the same people' : ''
}

export interface ChangeView {
  what: string
  by: string
  time: AccessChange__Output['time']
  reason: string
}

export const changesOf = ({ access, directory }: Access): ChangeView[] =>
  access.changes.map((change) => ({
    what: inWords(change, subjectInWords(change.subject, directory)),
    by: change.account === '' ? 'Found by this service' : directory.nameOf(change.account),
    time: change.time,
    reason: change.reason,
  }))

function inWords({ kind }: AccessChange__Output, who: string): string {
  const small = who.replace(/^Everybody/, 'everybody').replace(/^Somebody/, 'somebody')
  switch (kind) {
    case 'ACCESS_CHANGE_KIND_RESTRICTED':
      return 'Restricted to the people on the list'
    case 'ACCESS_CHANGE_KIND_OPENED':
      return 'Restricted no more'
    case 'ACCESS_CHANGE_KIND_SHUT_OUT':
    case 'ACCESS_CHANGE_KIND_AGENCY_SHUT_OUT':
      return `Kept from ${small}`
    case 'ACCESS_CHANGE_KIND_FOUND':
      return `Kept from ${small}, until the chair decides`
    case 'ACCESS_CHANGE_KIND_DECLARED':
      return `${who}: has a conflict of interest`
    case 'ACCESS_CHANGE_KIND_CONFIRMED':
      return `Stays hidden from ${small}`
    case 'ACCESS_CHANGE_KIND_LIFTED':
      return `${who}: may see it again`
    default:
      return who
  }
}

// Whose role opens cases; the chair's always does. The server's kCaseStaff.
const opening: Role[] = [
  'ROLE_REFERRER',
  'ROLE_IDVA',
  'ROLE_REPRESENTATIVE',
  'ROLE_SUPERVISOR',
  'ROLE_COORDINATOR',
  'ROLE_MINUTE_TAKER',
]

/** Everybody who can be named, and who is already, under their agencies; being named lets nobody in who is kept out. */
export function peopleToName(
  { agencies, accounts }: Directory,
  area: string,
  { named, kept_from }: CaseAccess__Output,
): Option[] {
  const holds = ({ roles }: Account__Output, ...wanted: Role[]) =>
    roles.some((grant) => grant.area === area && wanted.includes(grant.role))
  const works = (account: Account__Output) =>
    named.includes(account.name) || (!account.suspended && holds(account, ...opening))
  // Those without whom a case does not go on.
  const partOf = (account: Account__Output) =>
    holds(account, 'ROLE_COORDINATOR') ? ', coordinator' : holds(account, 'ROLE_IDVA') ? ', IDVA' : ''
  const keptOut = ({ name }: Account__Output) =>
    kept_from.some(({ subject }) => subject === name) ? ' (kept out, also if they are on the list)' : ''
  return agencies.flatMap(({ name, display_name }) =>
    accounts
      .filter((account) => account.agency === name && works(account))
      .map((account) => ({
        value: account.name,
        text: account.display_name + partOf(account) + keptOut(account),
        group: display_name,
      })),
  )
}
