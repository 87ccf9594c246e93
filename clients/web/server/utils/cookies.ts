// Two cookies, both for this host alone, over TLS alone, never for scripts, and gone with the browser: the session
// token that maracd gave, and whose session it is (an opaque id), so that a form kept through a sign-in goes back to
// its writer only.
import type { Request, Response } from 'express'

const session = '__Host-session'
const account = '__Host-account'
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
export const accountOf = (req: Request): string => cookie(req, account)

export function keepSession(res: Response, token: string, name: string): void {
  res.cookie(session, token, options)
  res.cookie(account, name, options)
}

export function dropSession(res: Response): void {
  res.clearCookie(session, options)
}
