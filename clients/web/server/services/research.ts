// Research before a meeting: what agencies returned, in words, and who has not.
import type { ListResearchResponse__Output } from '../../generated/marac/v1/ListResearchResponse.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import type { Research__Output } from '../../generated/marac/v1/Research.js'
import type { ResearchDue__Output } from '../../generated/marac/v1/ResearchDue.js'
import type { ResearchEntry__Output } from '../../generated/marac/v1/ResearchEntry.js'
import type { ResearchNotes__Output } from '../../generated/marac/v1/ResearchNotes.js'
import type { SharingDecision } from '../../generated/marac/v1/SharingDecision.js'
import { MaracError, type MaracClient } from '../data/index.js'
import type { Subject } from '../forms/research.js'
import { bases, results } from '../forms/research.js'
import { dayInWords } from '../utils/format.js'
import { orNone } from './lists.js'

/** Nothing for a role that reads none, or of a case of which this reader reads none. */
export async function researchOf(
  marac: MaracClient,
  name: string,
): Promise<ListResearchResponse__Output | undefined> {
  try {
    return await orNone(marac.call('ResearchService', 'ListResearch', { parent: name }), undefined)
  } catch (error) {
    if (error instanceof MaracError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
}

/** For every agency to those who make the agenda, to everybody else for their own; nothing for other roles. */
export async function dueOf(marac: MaracClient, area: string, meeting = ''): Promise<ResearchDue__Output[]> {
  const { due } = await orNone(marac.call('ResearchService', 'ListResearchDue', { parent: area, meeting }), {
    due: [],
  })
  return due
}

/** Whether the agency returned this, and is asked anew: for another meeting, for somebody new, or in another way. */
export const isAskedAnew = ({ state }: ResearchDue__Output): boolean =>
  state === 'RESEARCH_STATE_AWAITED_AGAIN'

export const isReturned = ({ state }: ResearchDue__Output): boolean => state === 'RESEARCH_STATE_RETURNED'

// --- What an agency returned ---------------------------------------------------------------------------------

export interface ReturnedView {
  agency: string
  by: string
  research: Research__Output
  known: string[]
  notKnown: string[]
  /** People who came to the case since. */
  notSearched: string[]
  searched: string[]
  corrections: { name: string; text: string }[]
  entries: EntryView[]
  /** What it knows stays in the agency until the meeting. */
  isSpoken: boolean
}

export interface EntryView {
  about: string
  basis: string
  day: string
  text: string
  worker: string
}

export function returnedView(
  research: Research__Output,
  subjects: Subject[],
  nameOfStaff: (name: string) => string,
  isShared: boolean,
): ReturnedView {
  const searchOf = ({ partyId }: Subject) => research.searches.find(({ party_id }) => party_id === partyId)
  const named = (result: string | undefined) =>
    subjects.filter((subject) => searchOf(subject)?.result === result).map(({ name }) => name)
  return {
    agency: nameOfStaff(research.agency),
    by: nameOfStaff(research.returned_by),
    research,
    known: named('SEARCH_RESULT_KNOWN'),
    notKnown: named('SEARCH_RESULT_NOT_KNOWN'),
    notSearched: named(undefined),
    searched: [...new Set(research.searches.map(({ searched, day }) => `${searched}, ${dayInWords(day)}`))],
    corrections: subjects.flatMap((subject) => {
      const text = searchOf(subject)?.corrections
      return text ? [{ name: subject.name, text }] : []
    }),
    entries: research.entries.map((entry) => entryView(entry, subjects)),
    isSpoken: !isShared,
  }
}

// --- The whole worksheet of one's own agency, to be read ------------------------------------------------------

export interface SheetView {
  people: { what: string; name: string; result: string; searched: string; corrections: string }[]
  entries: (EntryView & { sharing: string; withheldReason: string })[]
}

export function sheetView(notes: ResearchNotes__Output, subjects: Subject[]): SheetView {
  return {
    people: subjects.map(({ partyId, what, name }) => {
      const search = notes.searches.find(({ party_id }) => party_id === partyId)
      return {
        what,
        name,
        result: results.find(({ value }) => value === search?.result)?.text ?? 'Not looked for',
        searched: [search?.searched, dayInWords(search?.day)].filter(Boolean).join(', '),
        corrections: search?.corrections ?? '',
      }
    }),
    entries: notes.entries.map((entry) => ({
      ...entryView(entry, subjects),
      sharing: decisionWords[entry.sharing] ?? '',
      withheldReason: entry.withheld_reason,
    })),
  }
}

const decisionWords: Partial<Record<SharingDecision, string>> = {
  SHARING_DECISION_SHARE: 'To be shared.',
  SHARING_DECISION_DO_NOT_SHARE: 'Not shared.',
}

export const entryView = (entry: ResearchEntry__Output, subjects: Subject[]): EntryView => ({
  about: subjects.find(({ partyId }) => partyId === entry.party_id)?.name ?? 'The family as a whole',
  basis: bases.find(({ value }) => value === entry.basis)?.text ?? '',
  day: dayInWords(entry.day),
  text: entry.text,
  worker: entry.worker,
})

// --- Who has not returned ------------------------------------------------------------------------------------

export interface OwnMeeting {
  meeting: string
  due: ResearchDue__Output[]
}

/** By meeting, in the order in which maracd lists them. */
export function byMeeting(due: ResearchDue__Output[]): OwnMeeting[] {
  const meetings = [...new Set(due.map(({ meeting }) => meeting))]
  return meetings.map((meeting) => ({ meeting, due: due.filter((one) => one.meeting === meeting) }))
}

export interface AgencyView {
  agency: string
  asked: number
  returned: number
  overdue: boolean
  /** Cases that are awaited, with who may be rung about them: not everybody of an agency may know of every case. */
  toRing: { who: string[]; cases: ResearchDue__Output[] }[]
}

/** Agency by agency, those that have returned least first. */
export function byAgency(due: ResearchDue__Output[], nameOfStaff: (name: string) => string): AgencyView[] {
  return [...new Set(due.map(({ agency }) => agency))]
    .map((agency) => {
      const asked = due.filter((one) => one.agency === agency)
      const awaited = asked.filter((one) => !isReturned(one))
      const groups = new Map<string, { who: string[]; cases: ResearchDue__Output[] }>()
      for (const one of awaited) {
        const who = one.representatives.map(nameOfStaff).sort((a, b) => a.localeCompare(b))
        const group = groups.get(who.join()) ?? { who, cases: [] }
        group.cases.push(one)
        groups.set(who.join(), group)
      }
      return {
        agency: nameOfStaff(agency),
        asked: asked.length,
        returned: asked.length - awaited.length,
        overdue: awaited.some(({ overdue }) => overdue),
        toRing: [...groups.values()],
      }
    })
    .sort((a, b) => b.asked - b.returned - (a.asked - a.returned) || a.agency.localeCompare(b.agency))
}

/** How many agencies have not returned everything for a meeting; nothing where no agency is asked for anything. */
export async function agenciesAwaited(
  marac: MaracClient,
  area: string,
  meeting: Meeting__Output,
): Promise<number | undefined> {
  if (!/CIRCULATED|IN_PROGRESS/.test(meeting.state)) return undefined
  const due = await dueOf(marac, area, meeting.name)
  if (due.length === 0) return undefined
  return new Set(due.filter((one) => !isReturned(one)).map(({ agency }) => agency)).size
}
