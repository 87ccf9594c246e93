// Who is at a meeting: everybody who is expected on one page, saved by one press.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Attendance } from '../../generated/marac/v1/Attendance.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import { bodyOf, localsOf, nameOf, one, type Body, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { idOfField, type Field, type FieldError, type Option } from '../forms/fields.js'
import {
  changesFrom,
  conflictsOf,
  errorsFor,
  isRecorded,
  keyOf,
  linesOf,
  stateOf,
  takenOut,
} from '../services/attendance.js'
import { directoryOf } from '../services/directory.js'
import { sendForm, showForm, type FormPage } from '../services/formPage.js'
import { urls } from '../urls.js'
import { dayInWords, words } from '../utils/format.js'
import { fieldErrors } from './assessments.js'

const raceMax = 3

export function attendanceRoutes(context: Context): Router {
  const router = Router()
  const { area } = context.config
  const nameIn = (req: Request) => nameOf(req, context, 'meetings')
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('MeetingService', 'GetMeeting', { name: nameIn(req) })

  const show = async (
    res: Response,
    meeting: Meeting__Output,
    typed: Body = {},
    errors: FieldError[] = [],
    conflicts: string[] = [],
  ) => {
    const directory = await directoryOf(localsOf(res).marac, area)
    const lines = linesOf(meeting, directory, area)
    // What was chosen goes with its person: somebody else may have added a line.
    const chosen = new Map(changesFrom(typed).map((change) => [keyOf(change.entry), change]))
    const at = new Map<number, number>()
    const views = lines.map((line, index) => {
      const change = chosen.get(keyOf(line))
      if (change) at.set(change.index, index)
      return {
        ...line,
        chosen: change?.chosen ?? line.chosen,
        signs: change?.entry.signed ?? false,
        person: change?.entry.person ?? line.person,
      }
    })
    res.status(errors.length > 0 || conflicts.length > 0 ? 400 : 200).render('pages/attendance', {
      meeting,
      lines: views,
      guest: guestOf(typed),
      nameOfStaff: directory.nameOf,
      agencies: directory.agencies,
      requestId: randomUUID(),
      conflicts,
      errors: errors.map(({ field, text }) => {
        const moved = field.replace(/^r(\d+)/, (all, index: string) => `r${at.get(Number(index)) ?? index}`)
        return { field: moved, text, href: `#${idOfField(moved)}` }
      }),
    })
  }

  router.get('/meetings/:id/attendance', async (req, res) => {
    const meeting = await load(req, res)
    if (meeting.state !== 'MEETING_STATE_IN_PROGRESS') return res.redirect(303, urls.meeting(meeting.name))
    await show(res, meeting)
  })

  router.post('/meetings/:id/attendance', async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    const changes = changesFrom(body)
    for (let tries = 1; changes.length > 0; ++tries) {
      const meeting = await load(req, res)
      const conflicts = conflictsOf(changes, meeting)
      if (conflicts.length > 0) {
        const { nameOf: nameOfStaff } = await directoryOf(marac, area)
        return show(
          res,
          meeting,
          body,
          [],
          conflicts.map(({ entry }) => conflictInWords(entry, meeting, nameOfStaff)),
        )
      }
      // What somebody else has recorded just so is done.
      const left = changes.filter((change) => !isRecorded(change, meeting))
      const present = left.filter(({ chosen }) => chosen !== takenOut)
      const removed = left.filter(
        ({ chosen, entry }) => chosen === takenOut && stateOf(entry, meeting) !== '',
      )
      if (present.length + removed.length === 0) break
      try {
        await marac.call('MeetingService', 'RecordAttendance', {
          name: meeting.name,
          etag: meeting.etag,
          attendance: present.map(({ entry }) => entry),
          removed: removed.map(({ entry }) => entry),
        })
        break
      } catch (error) {
        const isRace = error instanceof MaracError && error.code === 'ABORTED' && tries < raceMax
        if (!isRace) return show(res, meeting, body, errorsFor(fieldErrors(error), present))
      }
    }
    res.redirect(303, one(body, 'then') === 'more' ? req.originalUrl : urls.meeting(nameIn(req)))
  })

  // --- Apologies, as they come in before the day ---------------------------------------------------------------------

  const apologiesPage = async (req: Request, res: Response): Promise<FormPage> => {
    const [meeting, directory] = await Promise.all([load(req, res), directoryOf(localsOf(res).marac, area)])
    return {
      caption: `Meeting of ${dayInWords(meeting.day)}`,
      title: 'Record apologies',
      fields: apologyFields(
        meeting.invited_agencies.map((agency) => ({ value: agency, text: directory.nameOf(agency) })),
      ),
      now: {},
      etag: meeting.etag,
      nav: 'meetings',
      back: { text: 'Meeting', href: urls.meeting(meeting.name) },
      submit: 'Save',
    }
  }

  router.get('/meetings/:id/apologies', async (req, res) => {
    showForm(res, await apologiesPage(req, res))
  })

  router.post('/meetings/:id/apologies', async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => apologiesPage(req, res),
      (typed, sending) =>
        localsOf(res).marac.call('MeetingService', 'RecordAttendance', {
          ...sending,
          name: nameIn(req),
          attendance: (typed['attendance'] as Attendance[]).map((entry) => ({
            ...entry,
            state: 'ATTENDANCE_STATE_APOLOGIES' as const,
          })),
        }),
    )
    if (sent) res.redirect(303, urls.meeting(nameIn(req)))
  })

  return router
}

function conflictInWords(
  entry: Attendance,
  meeting: Meeting__Output,
  nameOfStaff: (name: string) => string,
): string {
  const who = nameOfStaff(entry.account ?? '') || entry.person || nameOfStaff(entry.agency ?? '')
  const state = stateOf(entry, meeting)
  return `${who}: ${state === '' ? 'taken out' : words(state, 'ATTENDANCE_STATE_').toLowerCase()}`
}

/** The line for somebody who was not expected, which follows the others. */
function guestOf(body: Body) {
  const index = Number(one(body, 'lines')) || 0
  const field = (name: string) => one(body, `r${index}.${name}`)
  return {
    agency: field('agency'),
    person: field('person'),
    state: field('state'),
    signs: field('signed') === 'yes',
  }
}

const apologyFields = (agencies: Option[]): Field[] => [
  {
    path: 'attendance[0].agency',
    kind: 'select',
    label: 'Agency',
    options: [{ value: '', text: 'Choose one' }, ...agencies],
  },
  {
    path: 'attendance[0].person',
    kind: 'string',
    label: 'Name, if it is one person and not the whole agency',
    autocomplete: 'off',
  },
  { path: 'attendance[0].information_sent', kind: 'tick', label: 'They sent what they know' },
  {
    path: 'attendance[0].information_day',
    kind: 'day',
    label: 'The day it came',
    hint: 'For example, 27 3 2026',
  },
]
