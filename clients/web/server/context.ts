// What the pages are built from, and what each request carries.
import type { Request, Response } from 'express'
import type { Caller__Output } from '../generated/marac/v1/Caller.js'
import type { Role } from '../generated/marac/v1/Role.js'
import type { Config } from './config.js'
import type { Connection, MaracClient } from './data/index.js'
import type { Secrets } from './utils/secrets.js'

export interface Context {
  config: Config
  connection: Connection
  secrets: Secrets
}

/** Of one request of one browser. */
export interface Locals {
  marac: MaracClient
  /** The session token, or empty. */
  session: string
  formToken: string
  /** The address of this page, to come back to. */
  here: string
  caller?: Caller__Output
  /** Of the caller in this area: which pages are offered. What may be done there is maracd's to say. */
  roles?: Role[]
}

export const localsOf = (res: Response): Locals => res.locals as unknown as Locals

/** Whose page this is; only behind the authentication. */
export function callerOf(res: Response): Caller__Output {
  const { caller } = localsOf(res)
  if (!caller) throw new Error('this page is not behind the authentication')
  return caller
}

/** Whether the caller has one of these roles, so that a page offers what is theirs to do. */
export const holds = (res: Response, ...roles: Role[]): boolean =>
  roles.some((role) => localsOf(res).roles?.includes(role))

export type Body = Record<string, string | string[] | undefined>

export const bodyOf = (req: Request): Body => (req.body ?? {}) as Body

/** One value of a form; the first when a field was sent twice. */
export function one(body: Body, name: string): string {
  const value = body[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

export function many(body: Body, name: string): string[] {
  const value = body[name]
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

/** One value of an address's query; empty when it is not there, or there more than once. */
export function queried(req: Request, name: string): string {
  const value = req.query[name]
  return typeof value === 'string' ? value : ''
}

/** One part of an address, "areas/mk/referrals/{id}" being `nameOf(req, context, 'referrals')`. */
export function nameOf(req: Request, context: Context, collection: string): string {
  return `${context.config.area}/${collection}/${String(req.params['id'])}`
}

/** The script of a page asks for JSON; a browser's own form does not. */
export const wantsJson = (req: Request): boolean => req.get('accept') === 'application/json'
