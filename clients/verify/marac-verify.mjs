#!/usr/bin/env node
// Checks an audit log that was taken from a MARAC server, with no server and none of its code: see FORMAT.md.
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto'
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

export const DONE = 0
export const USAGE = 1
export const BAD_ENTRY = 2
export const BAD_CHECKPOINT = 3
export const OTHER_LOG = 4
export const MISSING_IN_TIME = 5

const SILENCE_MAX_MS = 150_000
const CHECKPOINT_BYTES_MAX = 4096
const KIND_DISCONTINUITY = 14

export class Unusable extends Error {}

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

// Only what encoding makes: Buffer.from alone lets anything pass.
const fromBase64 = (text) => {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

// --- Records -------------------------------------------------------------------------------------------------

class Cursor {
  constructor(bytes) {
    this.bytes = bytes
    this.at = 0
  }

  take(count, field) {
    if (count > this.bytes.length - this.at) throw new Error(`its record ends inside the field ${field}`)
    this.at += count
    return this.bytes.subarray(this.at - count, this.at)
  }

  byte(field) {
    return this.take(1, field)[0]
  }

  u32(field) {
    return this.take(4, field).readUInt32BE()
  }

  i32(field) {
    return this.take(4, field).readInt32BE()
  }

  u64(field) {
    return this.take(8, field).readBigUInt64BE()
  }

  i64(field) {
    return this.take(8, field).readBigInt64BE()
  }

  bytesOf(field) {
    return this.take(this.u32(field), field)
  }

  text(field) {
    return this.bytesOf(field).toString('utf8')
  }

  list(field, element) {
    const count = this.u32(field)
    if (count * 4 > this.bytes.length - this.at) throw new Error(`its record ends inside the list ${field}`)
    return Array.from({ length: count }, () => element())
  }
}

const readRecord = (bytes) => {
  const cursor = new Cursor(bytes)
  const version = cursor.byte('version')
  if (version !== 2 && version !== 3) throw new Error(`its record has the unknown version ${version}`)
  const record = { version, sequence: cursor.u64('sequence'), kind: cursor.byte('kind') }
  if (record.kind < 1 || record.kind > KIND_DISCONTINUITY) throw new Error('its record has no known kind')
  record.timeMs = Number(cursor.i64('time_ms'))
  cursor.i64('business_time_ms')
  cursor.text('request_id')
  record.method = cursor.text('method')
  if (cursor.byte('allowed') > 1) throw new Error('its record has neither yes nor no in the field allowed')
  for (const field of ['rule', 'account', 'agency', 'role', 'program', 'session_digest']) cursor.text(field)
  cursor.i32('factor_age_s')
  cursor.text('source')
  const subjects = cursor.list('subjects', () => cursor.text('subjects'))
  cursor.list('field_classes', () => cursor.i32('field_classes'))
  const shown = version === 2 ? [] : cursor.list('subject_classes', () => cursor.u32('subject_classes'))
  if (shown.length !== 0 && shown.length !== subjects.length) {
    throw new Error('its record has not as many subject_classes as subjects')
  }
  cursor.i32('row_count')
  cursor.text('reason_code')
  cursor.list('recipients', () => cursor.text('recipients'))
  for (const field of ['digest_before', 'digest_after']) cursor.bytesOf(field)
  cursor.i32('status')
  record.monotonicNs = cursor.i64('monotonic_ns')
  record.bootId = cursor.text('boot_id')
  if (cursor.at !== bytes.length) throw new Error('something follows its record')
  return record
}

// --- The tree of RFC 6962 ------------------------------------------------------------------------------------

const ONE = Buffer.from([1])

// The roots of the full subtrees, the largest first.
class Tree {
  constructor() {
    this.size = 0
    this.subtrees = []
  }

  append(leaf) {
    this.size += 1
    let root = leaf
    for (let size = this.size; size % 2 === 0; size /= 2) root = sha256(ONE, this.subtrees.pop(), root)
    this.subtrees.push(root)
  }

  root() {
    return this.size === 0 ? sha256() : this.subtrees.reduceRight((right, left) => sha256(ONE, left, right))
  }
}

// --- Keys and checkpoints ------------------------------------------------------------------------------------

const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex')

const readKey = (text) => {
  const [, origin, hash, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? []
  const typed = encoded === undefined ? undefined : fromBase64(encoded)
  const whole =
    typed?.length === 33 &&
    typed[0] === 1 &&
    sha256(`${origin}\n`, typed).subarray(0, 4).toString('hex') === hash
  if (!whole) throw new Unusable(`--key ${text}: is no key as "maracd audit-key" prints it`)
  const key = createPublicKey({
    key: Buffer.concat([SPKI_ED25519, typed.subarray(1)]),
    format: 'der',
    type: 'spki',
  })
  return { origin, hash, key }
}

// The checkpoint of a note, or a sentence on what is wrong with it.
const readCheckpoint = (note, keys) => {
  if (Buffer.byteLength(note) > CHECKPOINT_BYTES_MAX) return { wrong: 'is too large for a checkpoint' }
  const [, text, origin, digits, encoded, signatures] =
    /^(([^\n]*)\n(0|[1-9][0-9]*)\n([^\n]*)\n)\n((?:\u2014 [^\n]*\n)+)$/.exec(note) ?? []
  if (text === undefined) return { wrong: 'has not the form of a checkpoint' }
  const size = Number(digits)
  const root = fromBase64(encoded)
  if (!Number.isSafeInteger(size) || root?.length !== 32)
    return { wrong: 'has no size, or no root of 32 bytes' }
  if (keys.every((key) => key.origin !== origin))
    return { wrong: `is of ${origin}, which no given key signs for` }
  let signed = false
  for (const line of signatures.split('\n').filter((each) => each !== '')) {
    const [, name, signature] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? []
    if (name === undefined) return { wrong: 'has a line that is no signature' }
    if (name !== origin) continue
    const bytes = fromBase64(signature)
    if (bytes?.length !== 68) return { wrong: 'has a signature that is cut or damaged' }
    for (const key of keys) {
      const named = key.origin === origin && bytes.subarray(0, 4).toString('hex') === key.hash
      if (named && verifySignature(null, Buffer.from(text), key.key, bytes.subarray(4))) signed = true
    }
  }
  return signed
    ? { origin, size, root }
    : { wrong: 'is not signed by a given key, or was changed after it was' }
}

const HISTORY = /^checkpoint-[0-9]{20}$/

const readText = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new Unusable(`${path}: cannot be read`)
  }
}

// The files of a folder in the order in which they were written.
const filesOf = (path) => {
  let folder
  try {
    folder = statSync(path).isDirectory()
  } catch {
    throw new Unusable(`${path}: cannot be read`)
  }
  if (!folder) return [path]
  const names = readdirSync(path)
  const files = names.filter((name) => HISTORY.test(name)).sort()
  if (names.includes('checkpoint')) files.push('checkpoint')
  return files.map((name) => join(path, name))
}

// --- The exported file ---------------------------------------------------------------------------------------

// Calls `take` with each entry and returns the head; Unusable when the file is not whole.
const readExport = async (path, take) => {
  const head = { entries: 0 }
  let lineNumber = 0
  let ended = false
  const file = createReadStream(path)
  const failed = new Promise((_, reject) => {
    file.on('error', () => reject(new Unusable(`${path}: cannot be read`)))
  })
  const walk = async () => {
    for await (const line of createInterface({ input: file, crlfDelay: Infinity })) {
      lineNumber += 1
      const bad = (what) => new Unusable(`${path}: line ${lineNumber} ${what}: take the log again`)
      if (ended) throw bad('stands after the end')
      if (lineNumber === 1) {
        if (line !== 'marac-audit-log 1') throw bad('is not that of an exported log')
      } else if (lineNumber === 2) {
        head.origin = /^origin (\S+)$/.exec(line)?.[1]
        if (head.origin === undefined) throw bad('does not say whose log it is')
      } else if (lineNumber === 3) {
        head.takenMs = Date.parse(/^taken (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(line)?.[1] ?? '')
        if (Number.isNaN(head.takenMs)) throw bad('does not say when it was taken')
      } else if (line.startsWith('end ')) {
        if (line !== `end ${head.entries}`) throw bad('says another number of entries than there are')
        ended = true
      } else {
        const [, digits, ...encoded] = /^(0|[1-9][0-9]{0,18}) (\S+) (\S+) (\S+)$/.exec(line) ?? []
        const record = encoded[0] === '-' ? null : fromBase64(encoded[0] ?? '!')
        const leaf = fromBase64(encoded[1] ?? '!')
        const chain = fromBase64(encoded[2] ?? '!')
        if (record === undefined || leaf === undefined || chain === undefined) throw bad('is no entry')
        head.entries += 1
        take({ sequence: BigInt(digits), record, leaf, chain })
      }
    }
  }
  await Promise.race([walk(), failed])
  if (!ended) throw new Unusable(`${path}: ends before its end: take the log again`)
  return head
}

// --- Everything together -------------------------------------------------------------------------------------

// What does not fit the entry before, or undefined.
const faultOf = (entry, expected, chainBefore) => {
  if (entry.sequence !== BigInt(expected))
    return `is missing or out of order: entry ${entry.sequence} stands there`
  if (entry.record !== null) {
    try {
      entry.read = readRecord(entry.record)
    } catch (error) {
      return error.message
    }
    if (entry.read.sequence !== entry.sequence)
      return `has a record that was written as entry ${entry.read.sequence}`
    if (!sha256(Buffer.from([0]), entry.record).equals(entry.leaf))
      return 'has another leaf hash than its record'
  }
  if (entry.leaf.length !== 32) return 'has no leaf hash of 32 bytes'
  return sha256(chainBefore, entry.leaf).equals(entry.chain)
    ? undefined
    : 'does not follow from the entry before'
}

// Whether a running server would have left a heartbeat between the two.
const silentBetween = (before, after) => {
  const sameBoot = before.bootId === after.bootId && after.bootId !== ''
  const gapMs = sameBoot
    ? Number((after.monotonicNs - before.monotonicNs) / 1_000_000n)
    : after.timeMs - before.timeMs
  return gapMs > SILENCE_MAX_MS && after.method !== 'start' && before.method !== 'stop' ? gapMs : 0
}

const instant = (ms) => {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? `${ms} ms` : time.toISOString()
}

// Checks one exported log. `keys`: as "maracd audit-key" prints them. `checkpoints`: files and folders, in the order in
// which they were taken. Resolves to {code, ok, entries, firstBad, lastBad, problems, notes, ...}.
export const check = async ({ log, keys, checkpoints = [], earlier, stopped = false }) => {
  const problems = []
  const notes = []
  const complain = (code, text, firstBad, lastBad) => problems.push({ code, text, firstBad, lastBad })

  const known = keys.map(readKey)
  // A folder has an order of its own; what is given one by one was taken in that order.
  const notesGiven = checkpoints.flatMap((path) => {
    const files = filesOf(path)
    const source = files[0] === path ? '' : path
    return files.map((file) => ({ file, source, ...readCheckpoint(readText(file), known) }))
  })
  const signed = notesGiven.filter((note) => note.wrong === undefined)
  for (const note of notesGiven)
    if (note.wrong !== undefined) complain(BAD_CHECKPOINT, `${note.file} ${note.wrong}`)

  const earlierLeaves = []
  if (earlier !== undefined) await readExport(earlier, (entry) => earlierLeaves.push(entry.leaf))

  const sizes = new Map(signed.map((note) => [note.size, undefined]))
  const tree = new Tree()
  const remember = () => sizes.has(tree.size) && sizes.set(tree.size, tree.root())
  remember()
  let chain = Buffer.alloc(32)
  let last
  let firstFault
  let withheld = 0
  let parted
  const head = await readExport(log, (entry) => {
    if (firstFault !== undefined) return
    const expected = tree.size + 1
    const fault = faultOf(entry, expected, chain)
    if (fault !== undefined) {
      firstFault = expected
      complain(BAD_ENTRY, `entry ${expected} ${fault}`, expected, expected)
      return
    }
    if (
      parted === undefined &&
      expected <= earlierLeaves.length &&
      !earlierLeaves[expected - 1].equals(entry.leaf)
    ) {
      parted = expected
      complain(OTHER_LOG, `entry ${expected} is not the one that ${earlier} has`, expected, expected)
    }
    tree.append(entry.leaf)
    chain = entry.chain
    remember()
    if (entry.record === null) {
      withheld += 1
      last = undefined
      return
    }
    const silence = last === undefined ? 0 : silentBetween(last, entry.read)
    if (silence > 0) {
      const seconds = Math.round(silence / 1000)
      complain(MISSING_IN_TIME, `no heartbeat for ${seconds} s before entry ${expected}`, expected, expected)
    }
    if (entry.read.kind === KIND_DISCONTINUITY) {
      notes.push(`entry ${expected} says that entries were lost: ask who restored what, and when`)
    }
    last = entry.read
  })

  const origins = new Set(known.map((key) => key.origin))
  if (!origins.has(head.origin)) {
    complain(OTHER_LOG, `the log is of ${head.origin}, and the keys are of ${[...origins].join(', ')}`)
  }

  const newest = new Map()
  for (const note of signed) {
    const before = newest.get(note.source) ?? 0
    if (note.size < before) {
      complain(OTHER_LOG, `${note.file} is over ${note.size} entries, and before it ${before} were signed`)
    }
    newest.set(note.source, Math.max(before, note.size))
    const twin = signed.find((other) => other.size === note.size && !other.root.equals(note.root))
    if (twin !== undefined && signed.indexOf(twin) < signed.indexOf(note)) {
      complain(OTHER_LOG, `${note.file} and ${twin.file} are over the same entries and contradict each other`)
    }
  }

  // From the smallest on: the first that does not fit and the last that does enclose what is wrong.
  let fits = 0
  for (const note of [...signed].sort((a, b) => a.size - b.size)) {
    if (firstFault !== undefined && note.size >= firstFault) break
    const root = sizes.get(note.size)
    if (root === undefined) {
      const from = tree.size + 1
      complain(
        OTHER_LOG,
        `${note.file} was signed over ${note.size} entries, the log has ${tree.size}`,
        from,
        from,
      )
      break
    }
    if (!root.equals(note.root)) {
      const where = `the first bad entry lies between ${fits + 1} and ${note.size}`
      complain(
        OTHER_LOG,
        `the log is not the one that ${note.file} was signed over; ${where}`,
        fits + 1,
        note.size,
      )
      break
    }
    fits = note.size
  }
  if (firstFault === undefined && earlierLeaves.length > tree.size) {
    const from = tree.size + 1
    complain(OTHER_LOG, `${earlier} has ${earlierLeaves.length} entries, this log ${tree.size}`, from, from)
  }
  if (!stopped && firstFault === undefined && last !== undefined && last.method !== 'stop') {
    if (head.takenMs - last.timeMs > SILENCE_MAX_MS) {
      const text = `the log ends at ${instant(last.timeMs)} and was taken at ${instant(head.takenMs)}`
      complain(MISSING_IN_TIME, `${text}: its end is missing`, tree.size + 1, tree.size + 1)
    }
  }
  if (withheld > 0) notes.push(`${withheld} records of other areas were withheld; their hashes fit`)
  if (firstFault === undefined && tree.size > fits) notes.push(`no checkpoint reaches beyond entry ${fits}`)

  problems.sort((a, b) => a.code - b.code)
  const [first] = problems
  return {
    ok: first === undefined,
    code: first?.code ?? DONE,
    entries: head.entries,
    covered: fits,
    // Of whatever names an entry, the one that lies first.
    ...placeOf(problems),
    problems: problems.map((problem) => problem.text),
    notes,
  }
}

const placeOf = (problems) => {
  const placed = problems.filter((problem) => problem.firstBad !== undefined)
  if (placed.length === 0) return {}
  const [place] = placed.sort((a, b) => a.code - b.code || a.firstBad - b.firstBad)
  return { firstBad: place.firstBad, lastBad: place.lastBad }
}

const USAGE_TEXT =
  'usage: marac-verify.mjs --key KEY [--key FORMER_KEY]... [--checkpoint FILE_OR_FOLDER]... [--earlier LOG] [--stopped] LOG'

const parse = (argv) => {
  const options = { keys: [], checkpoints: [] }
  const rest = [...argv]
  const value = () => {
    if (rest.length === 0) throw new Unusable(USAGE_TEXT)
    return rest.shift()
  }
  while (rest.length > 0) {
    const word = rest.shift()
    if (word === '--key') options.keys.push(value())
    else if (word === '--checkpoint') options.checkpoints.push(value())
    else if (word === '--earlier') options.earlier = value()
    else if (word === '--stopped') options.stopped = true
    else if (word.startsWith('-') || options.log !== undefined) throw new Unusable(USAGE_TEXT)
    else options.log = word
  }
  if (options.log === undefined || options.keys.length === 0) throw new Unusable(USAGE_TEXT)
  return options
}

const main = async (argv) => {
  try {
    const verdict = await check(parse(argv))
    for (const problem of verdict.problems) console.log(`BAD   ${problem}`)
    for (const note of verdict.notes) console.log(`note  ${note}`)
    if (verdict.ok) console.log(`good  ${verdict.entries} entries, signed up to ${verdict.covered}`)
    console.log(JSON.stringify(verdict))
    return verdict.code
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    console.error(error.message)
    return USAGE
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2))
}
