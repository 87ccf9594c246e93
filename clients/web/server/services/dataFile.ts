// Files that an area installs, as a form sends them; and what maracd says of one, at the field that it came by.
import { MaracError, type FieldViolation } from '../data/index.js'

const signatureBytes = 64

/** A refusal of our own, which a form shows as it shows maracd's. */
export const refusal = (field: string, description: string): MaracError =>
  new MaracError('INVALID_ARGUMENT', description, '', [{ field, description }])

/** A signature as its owner sends it: 64 bytes, or those in base64, in a file or pasted. */
export function signatureFrom(file: Buffer, pasted: string): Buffer {
  if (file.length === signatureBytes) return file
  const text = (file.length > 0 ? file.toString('latin1') : pasted).replaceAll(/\s/g, '')
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  if (bytes.length === signatureBytes) return bytes
  const field = file.length > 0 ? 'signature_file' : 'signature'
  if (text === '') throw refusal('signature_file', 'Choose the file of the signature, or paste the signature')
  throw refusal(field, 'This is no signature: one is 64 bytes, or about 88 letters, numbers and signs')
}

/** Says at `field` what is wrong in the file, where maracd names its line; and that it is here already. */
export async function installing<T>(field: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof MaracError)) throw error
    if (error.code === 'ALREADY_EXISTS') {
      throw refusal(field, 'This version is here already. A file that has changed needs another version')
    }
    if (error.code !== 'INVALID_ARGUMENT') throw error
    const said: FieldViolation[] =
      error.violations.length > 0 ? error.violations : [{ field: '', description: error.message }]
    const violations = said.map((one) => atField(field, one))
    throw new MaracError(error.code, error.message, error.reason, violations)
  }
}

// "pack.textproto:12: items[3].code" as the field of a violation, or before its words.
function atField(field: string, { field: named, description }: FieldViolation): FieldViolation {
  const place = /^(?:pack|policy)\.textproto(?::(\d+))?(?:: )?(.*)$/s
  const inName = place.exec(named)
  const inText = inName ? null : place.exec(description)
  const [, line, rest] = inName ?? inText ?? []
  if (rest === undefined) return named === '' ? { field, description } : { field: named, description }
  const what = inName ? [rest, description].filter(Boolean).join(': ') : rest
  return { field, description: line === undefined ? what : `Line ${line} of the file: ${what}` }
}
