// What an area decides for itself, as far as forms offer it.
import type { MaracClient } from '../data/index.js'
import type { Lists } from '../forms/sections.js'
import { words } from '../utils/format.js'
import { agenciesOf } from './directory.js'

// Words that are not only words.
export const spelt: Record<string, string> = {
  IDVA: 'Independent adviser (IDVA) service',
  MASH: 'Safeguarding hub (MASH)',
  CHILDRENS_SOCIAL_CARE: "Children's social care",
}

export async function listsOf(marac: MaracClient, area: string): Promise<Lists> {
  const [{ settings }, agencies] = await Promise.all([
    marac.call('DirectoryService', 'GetArea', { name: area }),
    agenciesOf(marac, area),
  ])
  return {
    agencies: agencies.map((agency) => ({ value: agency.name, text: agency.display_name })),
    sourceCategories: (settings?.source_categories ?? []).map((code) => ({
      value: code,
      text: spelt[code] ?? words(code),
    })),
  }
}
