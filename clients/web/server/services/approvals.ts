// What one administrator has begun and another one has to approve: powerful roles, and recoveries of people who hold one.
import type { PendingRecovery__Output } from '../../generated/marac/v1/PendingRecovery.js'
import type { MaracClient } from '../data/index.js'
import { momentInWords } from '../utils/format.js'
import { directoryOf, grantInWords, type Directory } from './directory.js'
import { listWhole } from './lists.js'

export interface Approval {
  /** Whose it is, "accounts/{account}". */
  account: string
  kind: 'role' | 'recovery'
  /** What waits, and who asked for it. */
  text: string
  /** The reader asked for it, or it is for them: another one approves it. */
  isMine: boolean
}

/** Of an area; empty for whoever is no administrator of it. */
export const recoveriesOf = (marac: MaracClient, area: string): Promise<PendingRecovery__Output[]> =>
  listWhole<'pending_recoveries', PendingRecovery__Output>(
    (page) => marac.call('DirectoryService', 'ListAccounts', { parent: area, ...page }),
    'pending_recoveries',
  )

export function approvalsOf(
  directory: Directory,
  recoveries: PendingRecovery__Output[],
  area: string,
  me: string | undefined,
): Approval[] {
  const nameOf = (account: string) => directory.nameOf(account) || 'somebody who is gone'
  const roles = directory.accounts.flatMap(({ name, pending_roles: pending }) =>
    pending
      .filter(({ grant }) => grant?.area === area)
      .map(({ grant, asked_by: askedBy }) => ({
        account: name,
        kind: 'role' as const,
        text: `${grantInWords(directory, grant ?? {})}, asked for by ${nameOf(askedBy)}`,
        isMine: askedBy === me || name === me,
      })),
  )
  return [
    ...roles,
    ...recoveries.map(({ account, asked_by: askedBy, expire_time: until }) => ({
      account,
      kind: 'recovery' as const,
      text: `A new password, started by ${nameOf(askedBy)}. Another administrator can start it too until ${momentInWords(until)}`,
      isMine: askedBy === me || account === me,
    })),
  ]
}

/** How many wait for this administrator. */
export async function approvalsWaiting(
  marac: MaracClient,
  area: string,
  me: string | undefined,
): Promise<number> {
  const [directory, recoveries] = await Promise.all([directoryOf(marac, area), recoveriesOf(marac, area)])
  return approvalsOf(directory, recoveries, area, me).filter(({ isMine }) => !isMine).length
}
