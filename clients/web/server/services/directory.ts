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

export async function directoryOf(marac: MaracClient, area: string): Promise<Directory> {
  const [agencies, accounts] = await Promise.all([
    listWhole(
      (page) => marac.call('DirectoryService', 'ListAgencies', { parent: area, ...page }),
      'agencies',
    ),
    listWhole(
      (page) => marac.call('DirectoryService', 'ListAccounts', { parent: area, ...page }),
      'accounts',
    ),
  ])
  const names = new Map([...agencies, ...accounts].map(({ name, display_name }) => [name, display_name]))
  return { agencies, accounts, nameOf: (name) => names.get(name) ?? '' }
}
