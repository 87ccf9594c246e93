// The two things the web process does with its own secret: the token that proves that a form was ours, and the sealed
// box in which what somebody typed waits for them to sign in again.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { Body } from '../context.js'

const ivBytes = 12
const tagBytes = 16

export interface Kept {
  /** Who typed it, "accounts/{account}". Nobody else gets it back. */
  account: string
  /** Where the form was sent. */
  path: string
  /** What was typed. */
  body: Body
  /** Milliseconds since 1970. */
  time: number
}

export class Secrets {
  private readonly formKey: Buffer
  private readonly sealKey: Buffer
  private readonly passwordKey: Buffer

  constructor(secret: Buffer) {
    this.formKey = Buffer.from(hkdfSync('sha256', secret, '', 'marac-web form token', 32))
    this.passwordKey = Buffer.from(hkdfSync('sha256', secret, '', 'marac-web first password', 32))
    this.sealKey = Buffer.from(hkdfSync('sha256', secret, '', 'marac-web kept form', 32))
  }

  /** The token of every form of a session; whoever cannot read our pages cannot know it. */
  formToken(session: string): string {
    return createHmac('sha256', this.formKey).update(session).digest('base64url')
  }

  /** The first password of somebody who is made by this request: the same when it is sent twice, and typed by nobody. */
  firstPassword(requestId: string): string {
    const bytes = createHmac('sha256', this.passwordKey).update(requestId).digest()
    return (bytes.subarray(0, 10).toString('hex').match(/.{5}/g) ?? []).join('-')
  }

  isFormToken(session: string, token: unknown): boolean {
    if (typeof token !== 'string') return false
    const expected = Buffer.from(this.formToken(session))
    const given = Buffer.from(token)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  seal(kept: Kept): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', this.sealKey, iv)
    const text = Buffer.concat([cipher.update(JSON.stringify(kept), 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
  }

  /** Nothing when the box is not ours or was changed. */
  open(sealed: string): Kept | undefined {
    const bytes = Buffer.from(sealed, 'base64url')
    if (bytes.length < ivBytes + tagBytes) return undefined
    const decipher = createDecipheriv('aes-256-gcm', this.sealKey, bytes.subarray(0, ivBytes))
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()])
      return JSON.parse(text.toString('utf8')) as Kept
    } catch {
      return undefined
    }
  }
}
