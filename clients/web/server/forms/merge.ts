// Two people write on the same record. What only one of them changed is kept as they changed it; only where both
// changed the same field is there something to decide, and a person decides it.
import { createHash } from 'node:crypto'
import type { Raw } from './fields.js'

const hashOf = (value: string | string[] | undefined): string =>
  createHash('sha256')
    .update(JSON.stringify(value ?? ''))
    .digest('base64url')
    .slice(0, 12)

/** What a form showed, field by field, short enough to go along with the form. */
export const marksOf = (raw: Raw): string =>
  JSON.stringify(Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, hashOf(value)])))

/** Names of the fields whose form did not come back as it was shown. */
export function touchedIn(marks: string, mine: Raw): string[] {
  const shown = readMarks(marks)
  return Object.keys(mine).filter((name) => hashOf(mine[name]) !== (shown.get(name) ?? hashOf('')))
}

export interface Merged {
  raw: Raw
  /** Names of fields that both changed, and differently. */
  conflicts: string[]
}

export function merge(marks: string, theirs: Raw, mine: Raw): Merged {
  const shown = readMarks(marks)
  const merged: Merged = { raw: {}, conflicts: [] }
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const was = shown.get(name) ?? hashOf('')
    const [theirHash, myHash] = [hashOf(theirs[name]), hashOf(mine[name])]
    const isMine = myHash !== was
    merged.raw[name] = (isMine ? mine[name] : theirs[name]) ?? ''
    if (isMine && theirHash !== was && theirHash !== myHash) merged.conflicts.push(name)
  }
  return merged
}

// It came back from a browser: whatever it is, it only decides between two texts that are both allowed.
function readMarks(marks: string): Map<string, string> {
  try {
    const read = JSON.parse(marks) as unknown
    return new Map(
      Object.entries(read ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  } catch {
    return new Map()
  }
}
