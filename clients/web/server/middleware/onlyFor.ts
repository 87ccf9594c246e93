// Pages of some roles alone. Saying so here spares people a page that maracd would refuse.
import type { RequestHandler } from 'express'
import type { Role } from '../../generated/marac/v1/Role.js'
import { holds } from '../context.js'
import { MaracError } from '../data/index.js'

export const onlyFor =
  (...roles: Role[]): RequestHandler =>
  (_req, res, next) => {
    if (!holds(res, ...roles)) throw new MaracError('PERMISSION_DENIED', 'not for this role')
    next()
  }
