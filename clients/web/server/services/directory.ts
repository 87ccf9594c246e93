// Who works where, as far as pages name them.
import type { Account__Output } from '../../generated/marac/v1/Account.js'
import type { Agency__Output } from '../../generated/marac/v1/Agency.js'
import type { MaracClient } from '../data/index.js'
import { listWhole } from './lists.js'

export interface Directory {
  agencies: Agency__Output[]
  accounts: Account__Output[]
  /** "agencies/housing" -> "Housing and homelessness"; an account's name likewise. */
  nameOf: (name: string) => string
}

export const agenciesOf = (marac: MaracClient, area: string): Promise<Agency__Output[]> =>
  listWhole((page) => marac.call('DirectoryService', 'ListAgencies', { parent: area, ...page }), 'agencies')

/** Of one agency, or of all. */
export const accountsOf = (marac: MaracClient, area: string, agency = ''): Promise<Account__Output[]> =>
  listWhole(
    (page) => marac.call('DirectoryService', 'ListAccounts', { parent: area, agency, ...page }),
    'accounts',
  )

export async function directoryOf(marac: MaracClient, area: string): Promise<Directory> {
  const [agencies, accounts] = await Promise.all([agenciesOf(marac, area), accountsOf(marac, area)])
  const names = new Map([...agencies, ...accounts].map(({ name, display_name }) => [name, display_name]))
  return { agencies, accounts, nameOf: (name) => names.get(name) ?? '' }
}
