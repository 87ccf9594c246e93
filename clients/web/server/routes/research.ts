// Research before a meeting (marac.md 4.2): what my agency has to return, who has not, and the agency's worksheet.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Case__Output } from '../../generated/marac/v1/Case.js'
import type { Day } from '../../generated/marac/v1/Day.js'
import type { ListResearchResponse__Output } from '../../generated/marac/v1/ListResearchResponse.js'
import type { ResearchMode } from '../../generated/marac/v1/ResearchMode.js'
import type { ResearchNotes } from '../../generated/marac/v1/ResearchNotes.js'
import type { ResearchNotes__Output } from '../../generated/marac/v1/ResearchNotes.js'
import {
  bodyOf,
  callerOf,
  holds,
  localsOf,
  nameOf,
  one,
  queried,
  type Body,
  type Context,
} from '../context.js'
import { MaracError } from '../data/index.js'
import { idOfField, viewsOf, type FieldError, type FieldView, type Raw } from '../forms/fields.js'
import { marksOf } from '../forms/merge.js'
import { differences } from '../forms/referral.js'
import {
  bothOf,
  entryFields,
  errorsOf,
  fieldsOf,
  isDecision,
  newIn,
  notesFrom,
  rawOfNotes,
  rowsFor,
  rowsIn,
  searchFields,
  subjectsOf,
  typedIn,
  warnedOf,
  warningsToShare,
  type Both,
  type Sheet,
} from '../forms/research.js'
import { warningsOf } from '../forms/textWarnings.js'
import { onlyFor } from '../middleware/onlyFor.js'
import { directoryOf } from '../services/directory.js'
import { dropKept, findKept, type Found } from '../services/kept.js'
import { byAgency, byMeeting, dueOf, isAskedAnew, sheetView } from '../services/research.js'
import { urls } from '../urls.js'
import { clockInLondon, sentence } from '../utils/format.js'

interface Loaded {
  record: Case__Output
  listed: ListResearchResponse__Output
}

/** A worksheet that is shown again instead of as it is kept. */
interface Again {
  /** What was sent, and what its form said of itself: a save must not take another one's place. */
  body?: Body
  raw?: Raw
  rows?: number
  errors?: FieldError[]
  both?: Both
  /** Return it, now that its writer has seen what others would read. */
  isWarned?: boolean
}

const isShared = (mode: string): boolean => mode === 'RESEARCH_MODE_SHARED'

export function researchRoutes(context: Context): Router {
  const router = Router()
  const { area } = context.config

  const readers = onlyFor('ROLE_REPRESENTATIVE', 'ROLE_IDVA', 'ROLE_COORDINATOR', 'ROLE_CHAIR')
  router.get(urls.research, readers, async (_req, res) => {
    const { marac } = localsOf(res)
    const [due, directory] = await Promise.all([dueOf(marac, area), directoryOf(marac, area)])
    const makes = holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR')
    const researches = holds(res, 'ROLE_REPRESENTATIVE', 'ROLE_IDVA')
    const mine = callerOf(res).account?.agency
    const own = due.filter(({ agency }) => agency === mine)
    res.render('pages/research', {
      own: researches ? byMeeting(own) : undefined,
      others: makes
        ? byMeeting(due).map((meeting) => ({
            ...meeting,
            agencies: byAgency(meeting.due, directory.nameOf),
          }))
        : undefined,
    })
  })

  const load = async (req: Request, res: Response): Promise<Loaded> => {
    const { marac } = localsOf(res)
    const record = await marac.call('CaseService', 'GetCase', { name: nameOf(req, context, 'cases') })
    const listed = await marac.call('ResearchService', 'ListResearch', { parent: record.name })
    return { record, listed }
  }

  const today = (res: Response): Day => clockInLondon(callerOf(res).business_time ?? { seconds: '0' }).day

  // As its form was made: a decision that was asked for then was made.
  const sheetOf = ({ record, listed }: Loaded, rows: number, mode: string = listed.mode): Sheet => ({
    subjects: subjectsOf(record),
    rows,
    isShared: isShared(mode),
  })

  const formOf = (res: Response, loaded: Loaded, notes: ResearchNotes | null, mode?: string) => {
    const sheet = sheetOf(loaded, rowsFor(notes?.entries?.length ?? 0), mode)
    return { sheet, raw: rawOfNotes(sheet, notes, today(res)) }
  }

  const show = async (res: Response, loaded: Loaded, again: Again = {}) => {
    const { record, listed } = loaded
    const { notes } = listed
    const { marac } = localsOf(res)
    const { body, both, errors = [] } = again
    const fresh = formOf(res, loaded, notes)
    const mode = body ? one(body, 'mode') : listed.mode
    const shown = both ? formOf(res, loaded, both.notes) : fresh
    const sheet = { ...shown.sheet, rows: again.rows ?? shown.sheet.rows, isShared: isShared(mode) }
    const raw = again.raw ?? shown.raw
    const [{ nameOf: nameOfStaff }, due] = await Promise.all([
      directoryOf(marac, area),
      notes?.return_time ? dueOf(marac, area) : [],
    ])
    const mine = callerOf(res).account?.agency
    const newcomers = body ? newIn(sheet.subjects, body) : []
    const isNew = (partyId: string) =>
      newcomers.some((one) => one.partyId === partyId) ||
      (Boolean(notes?.return_time) && listed.not_searched.includes(partyId))
    const maySave = isOpen(loaded)
    const warnings = notes ? warningsToShare(notes, sheet.isShared) : []
    res.status(errors.length > 0 || newcomers.length > 0 || both ? 400 : 200).render('pages/research-case', {
      record,
      notes,
      nameOfStaff,
      isShared: sheet.isShared,
      maySave,
      mayReturn: record.stage === 'CASE_STAGE_LISTED',
      isAskedAnew: due.some(
        (one) => one.case_name === record.name && one.agency === mine && isAskedAnew(one),
      ),
      isWhole: listed.not_searched.length === 0,
      isWarned: again.isWarned,
      keepAs: maySave ? urls.caseResearch(record.name) : undefined,
      people: sheet.subjects.map((subject, at) => {
        const fields = searchFields(subject, at === 0, sheet.isShared)
        const [result, ...rest] = viewsOf(fields, raw, errors)
        // With the first what was searched is asked for; with the others it is only where it was otherwise.
        const [asked, otherwise] = at === 0 ? [rest.slice(0, 2), rest.slice(2)] : [[], rest]
        const isSaid = ({ raw: said, error }: FieldView) =>
          Object.values(said).some(Boolean) || Boolean(error)
        return {
          ...subject,
          result,
          asked,
          otherwise,
          isOtherwise: otherwise.some(isSaid),
          isNew: isNew(subject.partyId),
        }
      }),
      newcomers: newcomers.map(({ name }) => name),
      entries: Array.from({ length: sheet.rows }, (_none, at) => {
        const views = viewsOf(entryFields(at, sheet.subjects), raw, errors).map((view) => ({
          ...view,
          isInline: view.path.endsWith('.basis'),
        }))
        const isAsked = ({ path }: FieldView) => sheet.isShared || !isDecision(path)
        return {
          views: views.filter(isAsked),
          unasked: views.filter((view) => !isAsked(view)),
          whose: both && whoseOf(at, both),
        }
      }),
      written: notes && sheetView(notes, sheet.subjects),
      textWarnings: warningsOf(warnings, (field) => placeOf(field, sheet, notes)),
      etag: body ? one(body, 'etag') : (notes?.etag ?? ''),
      marks: body ? one(body, 'marks') : marksOf(fresh.raw),
      mode,
      warned: body ? one(body, 'warned') : notes ? warnedOf(notes, sheet.isShared) : '',
      requestId: randomUUID(),
      returnId: randomUUID(),
      both,
      errors: errors.map(({ field, text }) => ({ text, href: `#${idOfField(field)}` })),
    })
  }

  /** What cannot be saved any more is shown to whoever typed it, and nothing else that they may not see by now. */
  const showTyped = (res: Response, body: Body, loaded?: Loaded) => {
    const { record } = loaded ?? {}
    res.status(loaded ? 400 : 404).render('pages/research-typed', {
      record,
      isClosed: record?.stage === 'CASE_STAGE_CLOSED',
      typed: typedIn(body, record && subjectsOf(record)),
    })
  }

  /** Offers what its writer typed here and did not save, or goes on with it; tells whether there was anything. */
  const showKept = async (req: Request, res: Response, loaded: Loaded): Promise<boolean> => {
    const { marac } = localsOf(res)
    const path = urls.caseResearch(loaded.record.name)
    const kept: Found | undefined = await findKept(marac, path)
    if (!kept) return false
    const { body } = kept
    const sheet = sheetOf(loaded, Math.max(rowsIn(body), loaded.listed.notes?.entries.length ?? 0))
    const { raw } = notesFrom(sheet, body, loaded.listed.notes)
    const rows = differences(fieldsOf(sheet), rawOfNotes(sheet, loaded.listed.notes, today(res)), raw)
    if (rows.length === 0) {
      await dropKept(marac, path)
      return false
    }
    if (queried(req, 'kept') !== 'yes') {
      res.render('pages/kept', {
        nav: 'cases',
        title: loaded.record.case_number,
        rows,
        time: kept.time,
        path,
      })
    } else if (isOpen(loaded)) {
      await show(res, loaded, { body, raw, rows: rowsIn(body) })
    } else {
      showTyped(res, body, loaded)
    }
    return true
  }

  router.get('/cases/:id/research', async (req, res) => {
    const loaded = await load(req, res)
    if (await showKept(req, res, loaded)) return
    // A case that is not listed yet, or an agency that is no part of it: there is no worksheet.
    if (loaded.listed.notes_name === '') throw new MaracError('NOT_FOUND', 'no worksheet')
    await show(res, loaded)
  })

  router.post('/cases/:id/research', async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    const loaded = await loadFor(req, res)
    if (!loaded || !isOpen(loaded)) return showTyped(res, body, loaded)
    const sheet = sheetOf(loaded, rowsIn(body), one(body, 'mode'))
    const sent = notesFrom(sheet, body, loaded.listed.notes)
    const again = (more: Again = {}) => show(res, loaded, { body, raw: sent.raw, rows: sheet.rows, ...more })
    if (sent.errors.length > 0) return again({ errors: sent.errors })
    if (newIn(sheet.subjects, body).length > 0) return again()
    let notes: ResearchNotes__Output
    try {
      notes = await marac.call('ResearchService', 'SaveResearch', {
        notes: { ...sent.notes, name: loaded.listed.notes_name, etag: one(body, 'etag') },
        request_id: one(body, 'request_id'),
      })
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      const fresh = await loadFor(req, res)
      if (!fresh || !isOpen(fresh) || error.reason === 'WRONG_STATE') return showTyped(res, body, fresh)
      if (error.code === 'ABORTED') return show(res, fresh, { both: bothOf(sheet, fresh.listed.notes, sent) })
      if (error.code !== 'INVALID_ARGUMENT' && error.code !== 'FAILED_PRECONDITION') throw error
      return again({ errors: problemsOf(error, sheet, sent.notes, sent.rows) })
    }
    await dropKept(marac, urls.caseResearch(loaded.record.name))
    if (one(body, 'do') !== 'return') return res.redirect(303, urls.caseResearch(loaded.record.name))
    // Whoever returns it has seen what in these very texts looks like a detail that is kept apart.
    const warned = warnedOf(notes, sheet.isShared)
    if (warned !== '' && warned !== one(body, 'warned')) {
      return show(res, await load(req, res), { isWarned: true })
    }
    try {
      await marac.call('ResearchService', 'ReturnResearch', {
        name: notes.name,
        etag: notes.etag,
        request_id: one(body, 'return_id'),
        mode: one(body, 'mode') as ResearchMode,
      })
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (!/^(ABORTED|FAILED_PRECONDITION)$/.test(error.code)) throw error
      // It is saved: the page is the worksheet as it is kept, and says what is missing.
      const rows = notes.entries.map((_entry, row) => row)
      return show(res, await load(req, res), { errors: problemsOf(error, sheet, notes, rows) })
    }
    res.redirect(303, urls.research)
  })

  /** Nothing where the case is not open to the caller any more. */
  async function loadFor(req: Request, res: Response): Promise<Loaded | undefined> {
    try {
      return await load(req, res)
    } catch (error) {
      if (error instanceof MaracError && error.code === 'NOT_FOUND') return undefined
      throw error
    }
  }

  return router
}

/** Whether the worksheet may still be saved. */
const isOpen = ({ record, listed }: Loaded): boolean =>
  listed.notes_name !== '' && record.stage !== 'CASE_STAGE_CLOSED'

function whoseOf(at: number, { theirs, notes }: Both): string {
  if (at < theirs) return 'Saved'
  return at < (notes.entries?.length ?? 0) ? 'Yours, not saved yet' : ''
}

/** What is wrong with what was sent, or why it cannot be returned. */
function problemsOf(error: MaracError, sheet: Sheet, notes: ResearchNotes, rows: number[]): FieldError[] {
  const general = (text: string): FieldError[] => [{ field: 'main-content', text }]
  if (error.code === 'ABORTED') {
    return general('Somebody else saved this after you. Look at it once more, and return it again')
  }
  if (error.reason === 'WRONG_STATE') {
    return general(
      'This case is no longer on an agenda, so research cannot be returned. What you wrote is saved',
    )
  }
  const errors = errorsOf(error.violations, sheet.subjects, notes.searches ?? [], rows)
  return errors.length > 0 ? errors : general(sentence(error.message))
}

/** What a text of a worksheet is called on its page, and where it is changed. */
function placeOf(field: string, { subjects }: Sheet, notes: ResearchNotes__Output | null) {
  const [, list, at, what] = /^(searches|entries)\[(\d+)\]\.(\w+)/.exec(field) ?? []
  if (list === 'entries') {
    const label = what === 'worker' ? 'Worker who was spoken to' : 'What we know'
    return { label: `${Number(at) + 1}. ${label}`, href: `#${idOfField(`notes.${field}`)}` }
  }
  const person = notes?.searches[Number(at)]?.party_id ?? ''
  const name = subjects.find(({ partyId }) => partyId === person)?.name ?? 'Somebody'
  const label = what === 'searched' ? 'What was searched' : 'What our files say differently'
  return { label: `${name}: ${label}`, href: `#${idOfField(`notes.searches[${person}].${what ?? ''}`)}` }
}
