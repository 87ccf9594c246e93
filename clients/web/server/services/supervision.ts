// What waits for a supervisor's agreement.
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { MaracClient } from '../data/index.js'
import { listWhole } from './lists.js'

export const supervisionOf = (marac: MaracClient, area: string): Promise<Assessment__Output[]> =>
  listWhole(
    (page) => marac.call('AssessmentService', 'ListSupervision', { parent: area, ...page }),
    'assessments',
  )

/** Why it waits, in words. */
export const waitsBecause = ({ signature }: Assessment__Output): string =>
  signature?.countersigned_by ? 'The grade is below that of the answers' : 'There is no referral'

/** Whom a signed assessment waits for, as maracd has it; empty when it waits for nobody. */
export const awaitedSupervisor = ({
  state,
  signature,
  referral,
  non_referral,
}: Assessment__Output): string => {
  if (state !== 'ASSESSMENT_STATE_SIGNED') return ''
  return signature?.countersigned_by || (referral === '' ? (non_referral?.supervisor ?? '') : '')
}
