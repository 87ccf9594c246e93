// What somebody typed and did not save yet. maracd keeps it for their account alone, under the address of the page's
// form, through a locked session, a lost browser and a restart; it is gone once the form is saved, or after 30 days.
import type { Request } from 'express'
import type { Timestamp__Output } from '../../generated/google/protobuf/Timestamp.js'
import { bodyOf, type Body } from '../context.js'
import { MaracError, type MaracClient } from '../data/index.js'
import { urls } from '../urls.js'

export interface Kept {
  /** Where the form is sent. */
  path: string
  body: Body
  /** It was sent, and met a locked session; otherwise it was only typed. */
  sent: boolean
}

export interface Found extends Kept {
  time: Timestamp__Output | null
}

// Forms with a password, a code or a secret: nothing of them is kept anywhere, or written into a page.
const secretForms: string[] = [
  urls.signIn,
  urls.unlock,
  urls.stepUp,
  urls.recover,
  urls.password,
  urls.accountCode,
  urls.confirmCode,
]

/** What a form sent, without what only the pages themselves put into it. */
export function typedIn(req: Request): Body {
  // Express takes an address in capitals, or with a slash at its end, for the same.
  if (secretForms.includes(req.path.toLowerCase().replace(/\/$/, ''))) return {}
  return Object.fromEntries(Object.entries(bodyOf(req)).filter(([name]) => !name.startsWith('_')))
}

/** The name of a form, as maracd wants it; nothing for an address that can be none. */
export function formNamed(path: string): string | undefined {
  const name = path.replace(/\?.*$/, '').slice(1)
  return /^[A-Za-z0-9._/-]{1,200}$/.test(name) ? name : undefined
}

/**
 * Keeps it; tells whether it did: a form may be too long, or an account have too many.
 * @throws MaracError when the session has ended or maracd is not reached
 */
export async function keep(marac: MaracClient, kept: Kept): Promise<boolean> {
  const form = formNamed(kept.path)
  if (form === undefined) return false
  try {
    await marac.call('SessionService', 'SaveFormDraft', { form, content: Buffer.from(JSON.stringify(kept)) })
    return true
  } catch (error) {
    if (!(error instanceof MaracError)) throw error
    if (error.code === 'INVALID_ARGUMENT' || error.code === 'RESOURCE_EXHAUSTED') return false
    throw error
  }
}

export async function findKept(marac: MaracClient, path: string): Promise<Found | undefined> {
  const form = formNamed(path)
  if (form === undefined) return undefined
  const { content, save_time } = await marac.call('SessionService', 'GetFormDraft', { form })
  return save_time ? { ...(JSON.parse(content.toString('utf8')) as Kept), time: save_time } : undefined
}

export async function dropKept(marac: MaracClient, path: string): Promise<void> {
  const form = formNamed(path)
  if (form !== undefined) await marac.call('SessionService', 'DeleteFormDraft', { form })
}
