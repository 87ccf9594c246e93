// Lists that are longer than one page of maracd's.
import { MaracError } from '../data/index.js'

const pageSize = 100
const pagesMax = 20

interface Page {
  page_size: number
  page_token: string
}

/** Every entry of a list. One too long to be fetched is an error: what it left out would be missed in silence. */
export async function listWhole<K extends string, E>(
  call: (page: Page) => Promise<Record<K, E[]> & { next_page_token: string }>,
  key: K,
): Promise<E[]> {
  const all: E[] = []
  let token = ''
  for (let pages = 0; pages < pagesMax; ++pages) {
    const answer = await call({ page_size: pageSize, page_token: token })
    all.push(...answer[key])
    token = answer.next_page_token
    if (token === '') return all
  }
  throw new Error(`a list of ${key} has more than ${pagesMax * pageSize} entries`)
}

/** Every entry in one of these states. */
export async function listInStates<S, E>(
  states: readonly S[],
  listOf: (state: S) => Promise<E[]>,
): Promise<E[]> {
  return (await Promise.all(states.map(listOf))).flat()
}

/** Somebody whose role has no such list has nothing there to do. */
export async function orNone<T, N>(answer: Promise<T>, none: N): Promise<T | N> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof MaracError && error.code === 'PERMISSION_DENIED') return none
    throw error
  }
}

/** Where the rest of a list is shown that came with this token; nothing when it ended. */
export const olderAt = (address: string, token: string, asked: Record<string, string> = {}): string =>
  token && `${address}?${new URLSearchParams({ ...asked, page: token }).toString()}`
