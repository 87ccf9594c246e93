// Actions, as pages ask for them.
import type { Action__Output } from '../../generated/marac/v1/Action.js'
import type { ActionState } from '../../generated/marac/v1/ActionState.js'
import type { MaracClient } from '../data/index.js'
import { listWhole } from './lists.js'

/** Every one, the first due at the front: the caller's and their agency's, or a case's; in one state or in all. */
export const actionsOf = (
  marac: MaracClient,
  area: string,
  asked: { mine: true; state?: ActionState } | { case_name: string },
): Promise<Action__Output[]> =>
  listWhole(
    (page) => marac.call('ActionService', 'ListActions', { parent: area, ...asked, ...page }),
    'actions',
  )

/** Somebody is still to do it, or to say whether they take it on. */
export const isOpen = ({ state }: Action__Output): boolean =>
  state === 'ACTION_STATE_OPEN' || state === 'ACTION_STATE_PROPOSED'
