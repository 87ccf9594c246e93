// Meetings: the calendar, the agenda until it goes out, and the day itself. The cases of a meeting are in items.ts, who
// is there in attendance.ts.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { AgendaItem__Output } from '../../generated/marac/v1/AgendaItem.js'
import type { Agenda__Output } from '../../generated/marac/v1/Agenda.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import { bodyOf, callerOf, holds, localsOf, nameOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import type { Field, FieldError } from '../forms/fields.js'
import { directoryOf } from '../services/directory.js'
import { sendForm, showForm, type FormPage } from '../services/formPage.js'
import { listWhole } from '../services/lists.js'
import {
  hasCome,
  isInCycle,
  isLeft,
  isOver,
  listMeetings,
  nextItem,
  nextOf,
  timelineOf,
} from '../services/meetings.js'
import { agenciesAwaited } from '../services/research.js'
import { urls } from '../urls.js'
import { dayInWords, momentInWords, secondsOf } from '../utils/format.js'
import { fieldErrors } from './assessments.js'

const pastShown = 6

export function meetingRoutes(context: Context): Router {
  const router = Router()
  const { area } = context.config
  const nameIn = (req: Request) => nameOf(req, context, 'meetings')
  const nowOf = (res: Response) => secondsOf(callerOf(res).business_time)

  router.get(urls.meetings, async (req, res) => {
    const all = await listMeetings(localsOf(res).marac, area)
    const { next, emergencies } = nextOf(all, nowOf(res))
    const later = all.filter((meeting) => !isOver(meeting) && isInCycle(meeting) && meeting !== next)
    const past = all.filter(isOver).reverse()
    const showAll = req.query['past'] === 'all'
    res.render('pages/meetings', {
      next,
      emergencies,
      later,
      past: showAll ? past : past.slice(0, pastShown),
      morePast: !showAll && past.length > pastShown,
      timeline: next && timelineOf(next, nowOf(res)),
    })
  })

  const show = async (res: Response, name: string, errors: FieldError[] = []) => {
    const { marac } = localsOf(res)
    const agenda = await marac.call('MeetingService', 'GetAgenda', { name })
    const { meeting } = agenda
    if (!meeting) throw new MaracError('NOT_FOUND', 'no such meeting')
    const { nameOf: nameOfStaff } = await directoryOf(marac, area)
    const makes = holds(res, 'ROLE_COORDINATOR')
    const runs = holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR')
    const inCycle = isInCycle(meeting)
    const isBefore =
      meeting.state === 'MEETING_STATE_SCHEDULED' || meeting.state === 'MEETING_STATE_CIRCULATED'
    const awaited = runs ? await agenciesAwaited(marac, area, meeting) : undefined
    res.status(errors.length > 0 ? 400 : 200).render('pages/meeting', {
      meeting,
      awaited,
      agenda,
      errors: errors.map(({ field, text }) => ({ text, href: hrefFor(agenda, field, makes || runs) })),
      nameOfStaff,
      inCycle,
      isBefore,
      isHeld: meeting.state === 'MEETING_STATE_IN_PROGRESS',
      timeline: timelineOf(meeting, nowOf(res)),
      onAgenda: agenda.items.filter(({ state }) => !/DEFERRED|WITHDRAWN/.test(state)).length,
      proposed: proposedOn(agenda),
      // Those that have a place come first.
      places: agenda.items.filter(isLeft).length,
      byHand: agenda.items.some(({ placed_by_hand }) => placed_by_hand),
      isEarly: isEarly(meeting, nowOf(res)),
      done: agenda.items.filter((item) => !isLeft(item) && !isGone(item)).length,
      all: agenda.items.filter((item) => !isGone(item)).length,
      left: agenda.items.filter(isLeft),
      next: nextItem(agenda.items),
      presence: presenceOf(meeting),
      hasSigned: hasSigned(res, meeting),
      newRequestId: randomUUID,
      may: {
        propose: inCycle && makes && isBefore,
        circulate: inCycle && makes && isBefore,
        admit: inCycle && holds(res, 'ROLE_CHAIR') && isBefore,
        open: inCycle && meeting.state !== 'MEETING_STATE_CANCELLED',
        run: runs,
        move: runs && isBefore,
        order: runs && isBefore,
        start: runs && meeting.state === 'MEETING_STATE_CIRCULATED' && hasCome(meeting, nowOf(res)),
        attend: holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR', 'ROLE_MINUTE_TAKER'),
      },
    })
  }

  router.get('/meetings/:id', async (req, res) => {
    await show(res, nameIn(req))
  })

  // What those before it left.
  router.get('/meetings/:id/opening', async (req, res) => {
    const { marac } = localsOf(res)
    const name = nameIn(req)
    const [meeting, opening, { nameOf: nameOfStaff }] = await Promise.all([
      marac.call('MeetingService', 'GetMeeting', { name }),
      marac.call('MeetingService', 'GetOpening', { name }),
      directoryOf(marac, area),
    ])
    res.render('pages/opening', { meeting, opening, nameOfStaff })
  })

  // A case as this meeting has it, for whoever comes from the case.
  router.get('/meetings/:id/cases/:case', async (req, res) => {
    const { items } = await localsOf(res).marac.call('MeetingService', 'GetAgenda', { name: nameIn(req) })
    const found = items.find(({ case_name }) => case_name === `${area}/cases/${req.params.case}`)
    if (!found) throw new MaracError('NOT_FOUND', 'no such case')
    res.redirect(303, urls.agendaItem(found.name))
  })

  // --- One press each -------------------------------------------------------------------------------------------

  type Sending = { name: string; etag: string; request_id: string }

  const press = (what: string, call: (res: Response, sending: Sending) => Promise<unknown>) => {
    router.post(`/meetings/:id/${what}`, async (req, res) => {
      const body = bodyOf(req)
      const name = nameIn(req)
      try {
        await call(res, { name, etag: one(body, 'etag'), request_id: one(body, 'request_id') })
      } catch (error) {
        return show(res, name, errorsOf(error))
      }
      res.redirect(303, urls.meeting(name))
    })
  }

  press('propose', (res, { name, request_id }) =>
    localsOf(res).marac.call('MeetingService', 'ProposeAgenda', { name, request_id }),
  )
  press('rule', (res, { name, request_id }) =>
    localsOf(res).marac.call('MeetingService', 'ProposeAgenda', { name, request_id, by_rule: true }),
  )
  press('circulate', (res, sending) => localsOf(res).marac.call('MeetingService', 'CirculateAgenda', sending))
  press('start', (res, sending) => localsOf(res).marac.call('MeetingService', 'StartMeeting', sending))
  press('close', (res, sending) => localsOf(res).marac.call('MeetingService', 'CloseMeeting', sending))

  // To another place on the agenda; the page comes back where the case is now.
  router.post('/meetings/:id/items/:item/place', async (req, res) => {
    const body = bodyOf(req)
    const item = String(req.params['item'])
    try {
      await localsOf(res).marac.call('MeetingService', 'PlaceItem', {
        name: `${nameIn(req)}/agendaItems/${item}`,
        place: Number(one(body, 'place')) || 0,
        request_id: one(body, 'request_id'),
      })
    } catch (error) {
      return show(res, nameIn(req), errorsOf(error))
    }
    res.redirect(303, `${urls.meeting(nameIn(req))}#item-${encodeURIComponent(item)}`)
  })

  // Until the cut-off more may come, and what has gone out cannot be called back: that is said before it goes.
  router.get('/meetings/:id/circulate', async (req, res) => {
    if (!holds(res, 'ROLE_COORDINATOR')) return res.status(403).render('pages/not-allowed')
    const agenda = await localsOf(res).marac.call('MeetingService', 'GetAgenda', { name: nameIn(req) })
    const { meeting } = agenda
    const cases = proposedOn(agenda)
    if (!meeting || cases === 0) return res.redirect(303, urls.meeting(nameIn(req)))
    const agencies = meeting.invited_agencies.length
    showForm(res, {
      caption: `Meeting of ${dayInWords(meeting.day)}`,
      title: 'Send the agenda out now?',
      intro: `${cases === 1 ? '1 case opens' : `${cases} cases open`} to ${agencies === 1 ? '1 agency' : `${agencies} agencies`}, except to the people who must not see ${cases === 1 ? 'it' : 'them'}.`,
      warning: `${
        isEarly(meeting, nowOf(res))
          ? `Referrals are still in time until ${momentInWords(meeting.deadlines?.cut_off_time)}. A case that comes until then has to be sent out after it. `
          : ''
      }You cannot undo this.`,
      fields: [],
      now: {},
      etag: meeting.etag,
      nav: 'meetings',
      back: { text: 'Do not send it yet', href: urls.meeting(meeting.name) },
      submit: 'Send it out now',
    })
  })

  // To the case that is open, or to the first that waits, which is then opened.
  router.post('/meetings/:id/next', async (req, res) => {
    const { marac } = localsOf(res)
    const { items } = await marac.call('MeetingService', 'GetAgenda', { name: nameIn(req) })
    const next = nextItem(items)
    if (!next) return res.redirect(303, urls.meeting(nameIn(req)))
    if (next.state === 'AGENDA_ITEM_STATE_LISTED') {
      try {
        await marac.call('MeetingService', 'OpenItem', { name: next.name })
      } catch (error) {
        return show(res, nameIn(req), errorsOf(error))
      }
    }
    res.redirect(303, urls.agendaItem(next.name))
  })

  // --- Signing for what is said in it (R-24) --------------------------------------------------------------------

  const signPage = async (req: Request, res: Response): Promise<FormPage> => {
    const meeting = await localsOf(res).marac.call('MeetingService', 'GetMeeting', { name: nameIn(req) })
    return {
      caption: `Meeting of ${dayInWords(meeting.day)}`,
      title: 'Sign the confidentiality statement',
      intro: 'I am here, and I agree to this:',
      points: [
        'What I hear in this meeting I use only to keep people safe.',
        'I pass nothing on, and copy nothing, without leave of the agency it came from.',
        'Nothing reaches the person who causes harm, or anybody who could tell them.',
        'If I know somebody in a case, I say so and leave before it is talked about.',
      ],
      fields: [],
      now: {},
      etag: '',
      nav: 'meetings',
      back: { text: 'Meeting', href: urls.meeting(meeting.name) },
      submit: 'Sign',
    }
  }

  router.get('/meetings/:id/sign', async (req, res) => {
    const meeting = await localsOf(res).marac.call('MeetingService', 'GetMeeting', { name: nameIn(req) })
    if (meeting.state !== 'MEETING_STATE_IN_PROGRESS' || hasSigned(res, meeting))
      return res.redirect(303, urls.meeting(meeting.name))
    showForm(res, await signPage(req, res))
  })

  router.post('/meetings/:id/sign', async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => signPage(req, res),
      (_typed, { request_id }) =>
        localsOf(res).marac.call('MeetingService', 'SignConfidentiality', { name: nameIn(req), request_id }),
    )
    if (sent) res.redirect(303, urls.meeting(nameIn(req)))
  })

  // --- A late case, by the chair's leave --------------------------------------------------------------------------

  const latePage = async (req: Request, res: Response): Promise<FormPage> => {
    const { marac } = localsOf(res)
    const [meeting, agenda, cases] = await Promise.all([
      marac.call('MeetingService', 'GetMeeting', { name: nameIn(req) }),
      marac.call('MeetingService', 'GetAgenda', { name: nameIn(req) }),
      listWhole(
        (page) =>
          marac.call('CaseService', 'ListCases', { parent: area, stage: 'CASE_STAGE_ACCEPTED', ...page }),
        'cases',
      ),
    ])
    // What came off because it was elsewhere may come back.
    const listed = new Set(
      agenda.items
        .filter(({ state }) => state !== 'AGENDA_ITEM_STATE_WITHDRAWN')
        .map(({ case_name }) => case_name),
    )
    const waiting = cases.filter(({ name }) => !listed.has(name))
    return {
      caption: `Meeting of ${dayInWords(meeting.day)}`,
      title: 'Admit a late case',
      ...(waiting.length === 0 ? { intro: 'No case waits beside those on the agenda.' } : {}),
      fields: lateFields(
        waiting.map(({ name, case_number, victim }) => ({
          value: name,
          text: `${victim?.name?.value ?? 'Name not known'}, ${case_number}`,
        })),
      ),
      now: {},
      etag: '',
      nav: 'meetings',
      back: { text: 'Meeting', href: urls.meeting(meeting.name) },
      submit: 'Admit it',
    }
  }

  router.get('/meetings/:id/late', async (req, res) => {
    showForm(res, await latePage(req, res))
  })

  router.post('/meetings/:id/late', async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => latePage(req, res),
      (typed, { request_id }) =>
        localsOf(res).marac.call('MeetingService', 'AdmitLateCase', {
          name: nameIn(req),
          case_name: needed(typed['case_name'], 'case_name', 'choose a case'),
          reason: typed['reason'] as string,
          request_id,
        }),
    )
    if (sent) res.redirect(303, urls.meeting(nameIn(req)))
  })

  return router
}

const proposedOn = ({ items }: Agenda__Output): number =>
  items.filter(({ state }) => state === 'AGENDA_ITEM_STATE_PROPOSED').length

const isGone = ({ state }: AgendaItem__Output): boolean => state === 'AGENDA_ITEM_STATE_WITHDRAWN'

/** Referrals that come now are still in time for it. */
const isEarly = ({ deadlines }: Meeting__Output, now: number): boolean =>
  now <= secondsOf(deadlines?.cut_off_time)

const lateFields = (cases: NonNullable<Field['options']>): Field[] => [
  {
    path: 'case_name',
    kind: 'select',
    label: 'Case',
    options: [{ value: '', text: 'Choose one' }, ...cases],
  },
  { path: 'reason', kind: 'longstring', label: 'Why it cannot wait for the next meeting' },
]

function needed(value: unknown, field: string, description: string): string {
  if (typeof value !== 'string' || value === '') {
    throw new MaracError('INVALID_ARGUMENT', '', '', [{ field, description }])
  }
  return value
}

export const hasSigned = (res: Response, { attendance }: Meeting__Output): boolean =>
  attendance.some(({ account, signed }) => signed && account === callerOf(res).account?.name)

/** What was refused, for the top of the meeting's page. */
function errorsOf(error: unknown): FieldError[] {
  if (error instanceof MaracError && error.code === 'ABORTED') {
    return [{ field: '', text: 'Somebody changed this meeting in the meantime. It is shown as it is now' }]
  }
  // Each case that holds it up is named by its number.
  return fieldErrors(error).map(({ field, text }) => ({
    field,
    text: /^[A-Z]{2,4}-\d\d-/.test(field) ? `${field}: ${text}` : text,
  }))
}

function hrefFor({ items }: Agenda__Output, field: string, decides: boolean): string {
  const item = items.find(({ case_number }) => case_number === field)
  if (!item) return '#main-content'
  // Before it goes out, what holds a case up is somebody who is not answered for.
  return decides && item.state === 'AGENDA_ITEM_STATE_PROPOSED'
    ? `${urls.caseAccess(item.case_name)}#asked`
    : urls.agendaItem(item.name)
}

/** How many of the agencies that were asked are there. */
function presenceOf(meeting: Meeting__Output): { present: number; invited: number } {
  const present = new Set(
    meeting.attendance
      .filter(({ state }) => state === 'ATTENDANCE_STATE_PRESENT')
      .map(({ agency }) => agency),
  )
  return { present: present.size, invited: meeting.invited_agencies.length }
}
