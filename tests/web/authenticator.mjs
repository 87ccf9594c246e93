// An authenticator application (RFC 6238: SHA-1, 6 digits, 30 seconds), written here from the standard.
import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const stepMs = 30_000
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function bytesOf(base32) {
  let bits = ''
  for (const letter of base32.replaceAll(/\s/g, ''))
    bits += alphabet.indexOf(letter).toString(2).padStart(5, '0')
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
}

export function codeAt(secret, step) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', bytesOf(secret)).update(counter).digest()
  const at = digest[19] & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Gives a code that was not used yet. maracd takes that of the step before and after as well, which saves waiting. */
export class Authenticator {
  constructor(secret) {
    this.secret = secret
    this.last = 0
  }

  async next() {
    const present = () => Math.floor(Date.now() / stepMs)
    this.last = Math.max(this.last + 1, present() - 1)
    while (this.last > present() + 1) await sleep(500)
    return codeAt(this.secret, this.last)
  }

  used = () => codeAt(this.secret, this.last)
}
