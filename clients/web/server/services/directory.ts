// Who works where, as far as pages name them.
import type { Account__Output } from '../../generated/marac/v1/Account.js'
import type { Agency__Output } from '../../generated/marac/v1/Agency.js'
import type { Role } from '../../generated/marac/v1/Role.js'
import type { RoleGrant__Output } from '../../generated/marac/v1/RoleGrant.js'
import type { MaracClient } from '../data/index.js'
import { dayInWords } from '../utils/format.js'
import { listWhole } from './lists.js'

export interface Directory {
  agencies: Agency__Output[]
  accounts: Account__Output[]
  /** "agencies/housing" -> "Housing and homelessness"; an account's name likewise. */
  nameOf: (name: string) => string
}

export const roleWords: Partial<Record<Role, string>> = {
  ROLE_REFERRER: 'Referrer',
  ROLE_IDVA: 'IDVA',
  ROLE_REPRESENTATIVE: 'Representative',
  ROLE_SUPERVISOR: 'Supervisor',
  ROLE_COORDINATOR: 'Coordinator',
  ROLE_CHAIR: 'Chair',
  ROLE_MINUTE_TAKER: 'Minute-taker',
  ROLE_STEERING_GROUP: 'Steering group',
  ROLE_AUDITOR: 'Auditor',
  ROLE_PRIVACY_OFFICER: 'Privacy officer',
  ROLE_ADMIN: 'Administrator',
}

// maracd lists by ids, in which nobody finds anybody.
const byName = <Named extends { display_name: string }>(list: Named[]): Named[] =>
  list.sort((a, b) => a.display_name.localeCompare(b.display_name, 'en-GB'))

export const agenciesOf = async (marac: MaracClient, area: string): Promise<Agency__Output[]> =>
  byName(
    await listWhole(
      (page) => marac.call('DirectoryService', 'ListAgencies', { parent: area, ...page }),
      'agencies',
    ),
  )

/** Of one agency, or of all. */
export const accountsOf = async (marac: MaracClient, area: string, agency = ''): Promise<Account__Output[]> =>
  byName(
    await listWhole(
      (page) => marac.call('DirectoryService', 'ListAccounts', { parent: area, agency, ...page }),
      'accounts',
    ),
  )

export async function directoryOf(marac: MaracClient, area: string): Promise<Directory> {
  const [agencies, accounts] = await Promise.all([agenciesOf(marac, area), accountsOf(marac, area)])
  const names = new Map([...agencies, ...accounts].map(({ name, display_name }) => [name, display_name]))
  return { agencies, accounts, nameOf: (name) => names.get(name) ?? '' }
}

/** "Chair from 1 June 2026 to 14 June 2026, as cover for Rhoda Tamsworth". */
export function grantInWords({ nameOf }: Directory, grant: Partial<RoleGrant__Output>): string {
  const days = [
    grant.from ? ` from ${dayInWords(grant.from)}` : '',
    grant.to ? ` to ${dayInWords(grant.to)}` : '',
    grant.cover_for ? `, as cover for ${nameOf(grant.cover_for)}` : '',
  ]
  return `${roleWords[grant.role ?? 'ROLE_UNSPECIFIED'] ?? ''}${days.join('')}`
}
