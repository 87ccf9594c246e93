import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MaracError } from '../data/index.js'
import { installing, signatureFrom } from './dataFile.js'

const none = Buffer.alloc(0)
const signature = Buffer.alloc(64, 7)
const text = signature.toString('base64')

const violationsOf = async (call: () => unknown) => {
  try {
    await call()
  } catch (error) {
    if (error instanceof MaracError) return error.violations
    throw error
  }
  return assert.fail('not refused')
}

describe('a signature', () => {
  test('is taken as bytes, as base64 in a file, and as base64 that was broken over lines', () => {
    assert.deepEqual(signatureFrom(signature, ''), signature)
    assert.deepEqual(signatureFrom(Buffer.from(`${text}\n`), 'the file comes first'), signature)
    assert.deepEqual(signatureFrom(none, `${text.slice(0, 50)}\r\n ${text.slice(50)}`), signature)
  })

  test('is refused where it was given when it is none', async () => {
    const fieldOf = async (file: Buffer, pasted: string) =>
      (await violationsOf(() => signatureFrom(file, pasted))).map(({ field }) => field)
    assert.deepEqual(await fieldOf(none, ''), ['signature_file'])
    assert.deepEqual(await fieldOf(none, text.slice(4)), ['signature'])
    assert.deepEqual(await fieldOf(none, '<script>'), ['signature'])
    assert.deepEqual(await fieldOf(Buffer.alloc(65), ''), ['signature_file'])
  })
})

describe('what is wrong in a file', () => {
  const said = (code: MaracError['code'], message: string, violations = [] as MaracError['violations']) =>
    violationsOf(() =>
      installing('pack_file', () => Promise.reject(new MaracError(code, message, '', violations))),
    )

  test('is said at the file, with its line and item', async () => {
    const wanted = [{ field: 'pack_file', description: 'Line 12 of the file: items[3].code: give a code' }]
    assert.deepEqual(await said('INVALID_ARGUMENT', 'pack.textproto:12: items[3].code: give a code'), wanted)
    const violation = { field: 'pack.textproto:12: items[3].code', description: 'give a code' }
    assert.deepEqual(await said('INVALID_ARGUMENT', 'two things', [violation]), wanted)
  })

  test('stays at its own field when it is not about the file', async () => {
    const violation = { field: 'hash', description: 'it is not the file’s' }
    assert.deepEqual(await said('INVALID_ARGUMENT', 'x', [violation]), [violation])
  })

  test('is that it is here already', async () => {
    const [one] = await said('ALREADY_EXISTS', 'county24@1.0')
    assert.equal(one?.field, 'pack_file')
  })

  test('is nothing else: what is not about the form goes on as it came', async () => {
    const gone = new MaracError('UNAVAILABLE', 'not reached')
    await assert.rejects(
      installing('pack_file', () => Promise.reject(gone)),
      gone,
    )
  })
})
