// Two cookies, both for this host alone, over TLS alone, never for scripts, and gone with the browser: the session
// token that maracd gave, and whose session it is (an opaque id), so that a form kept through a sign-in goes back to
// its writer only, with how that person unlocks, which nobody but maracd knows and it does not tell while locked.
import type { Request, Response } from 'express'

const session = '__Host-session'
const account = '__Host-account'
const device = '__Host-form'
const screen = '__Host-screen'
const options = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const

function cookie(req: Request, name: string): string {
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return decode(part.slice(at + 1).trim())
  }
  return ''
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

export const sessionOf = (req: Request): string => cookie(req, session)

export interface Holder {
  /** "accounts/{account}". */
  account: string
  /** Unlocks by a one-time code. */
  hasCode: boolean
}

const byCode = ' code'

export function holderOf(req: Request): Holder {
  const value = cookie(req, account)
  const hasCode = value.endsWith(byCode)
  return { account: hasCode ? value.slice(0, -byCode.length) : value, hasCode }
}

export function keepSession(res: Response, token: string): void {
  res.cookie(session, token, options)
}

export function keepHolder(res: Response, holder: Holder): void {
  res.cookie(account, holder.account + (holder.hasCode ? byCode : ''), options)
}

/** The device in a person's hands: its own token, and the assessment's id, so that whoever takes it back is led there. */
export interface Device {
  /** Empty once it was taken back, or left. */
  token: string
  assessment: string
  /** Of an area in which everybody is invented, which every page says. */
  demonstration: boolean
}

export function deviceOf(req: Request): Device {
  const [token = '', assessment = '', kind] = cookie(req, device).split('.')
  return {
    token,
    assessment: /^[A-Za-z0-9-]*$/.test(assessment) ? assessment : '',
    demonstration: kind === 'demonstration',
  }
}

export function keepDevice(res: Response, { token, assessment, demonstration }: Device): void {
  res.cookie(device, [token, assessment, ...(demonstration ? ['demonstration'] : [])].join('.'), options)
}

/** What the person chose for their screen; see forms/screen.ts. */
export const screenIn = (req: Request): string => cookie(req, screen)

export function keepScreen(res: Response, chosen: string): void {
  res.cookie(screen, chosen, options)
}

export function dropSession(res: Response): void {
  res.clearCookie(session, options)
}
