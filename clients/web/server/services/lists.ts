// Lists that are longer than one page of maracd's.
const pageSize = 100
const pagesMax = 20

interface Page {
  page_size: number
  page_token: string
}

/** Every entry of a list. */
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
    if (token === '') break
  }
  return all
}
