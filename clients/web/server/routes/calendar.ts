// The calendar of meetings: a series put on it, a meeting moved or not held, and its dates for somebody's own calendar.
import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator'
import { Router, type Request, type Response } from 'express'
import type { Day } from '../../generated/marac/v1/Day.js'
import type { Timestamp } from '../../generated/google/protobuf/Timestamp.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import { callerOf, holds, localsOf, nameOf, type Context } from '../context.js'
import { minuteFrom, rawOf, type Field } from '../forms/fields.js'
import { onlyFor } from '../middleware/onlyFor.js'
import { refusal } from '../services/dataFile.js'
import { directoryOf } from '../services/directory.js'
import { sendForm, showForm, textOf, type FormPage } from '../services/formPage.js'
import { isInCycle, isOver, listMeetings } from '../services/meetings.js'
import { idOf, urls } from '../urls.js'
import { clockInLondon, dayInWords, momentInWords, secondsOf } from '../utils/format.js'

const venueField: Field = {
  path: 'venue',
  kind: 'string',
  label: 'Room or secure link',
  hint: 'Without a password: it goes to everybody who is invited',
}
const whenAndWhere: Field[] = [
  {
    path: 'start_minute',
    kind: 'string',
    label: 'Starts at',
    hint: 'For example, 9:30 or 14:00',
    width: '10',
  },
  { path: 'length', kind: 'string', label: 'Length in minutes', hint: 'For example, 180', width: '4' },
  venueField,
]

export function calendarRoutes(context: Context): Router {
  const router = Router()
  const { area } = context.config
  const nameIn = (req: Request) => nameOf(req, context, 'meetings')
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('MeetingService', 'GetMeeting', { name: nameIn(req) })

  // --- A series -------------------------------------------------------------------------------------------------

  const seriesPage = async (res: Response): Promise<FormPage> => {
    const { agencies } = await directoryOf(localsOf(res).marac, area)
    return {
      title: 'Put meetings on the calendar',
      intro:
        'One that would fall on a bank holiday is put on the next working day. You see all their dates before anything is sent out.',
      fields: [
        { path: 'first_day', kind: 'day', label: 'Day of the first', hint: 'For example, 27 3 2027' },
        { path: 'count', kind: 'string', label: 'How many', width: '4' },
        {
          path: 'every_weeks',
          kind: 'string',
          label: 'Weeks between two',
          hint: 'Leave it empty for what is usual here',
          width: '4',
        },
        ...whenAndWhere,
        {
          path: 'invited_agencies',
          kind: 'ticks',
          label: 'Who is invited',
          hint: 'Tick nobody to invite every agency of the area',
          options: agencies.map(({ name, display_name }) => ({ value: name, text: display_name })),
        },
      ],
      now: {},
      etag: '',
      nav: 'meetings',
      back: { text: 'Meetings', href: urls.meetings },
      submit: 'Put them on the calendar',
    }
  }

  router.get(urls.newMeetings, onlyFor('ROLE_COORDINATOR'), async (_req, res) => {
    showForm(res, await seriesPage(res))
  })
  router.post(urls.newMeetings, onlyFor('ROLE_COORDINATOR'), async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => seriesPage(res),
      (typed, { request_id }) =>
        localsOf(res).marac.call('MeetingService', 'ScheduleMeetings', {
          parent: area,
          first_day: typed['first_day'] as Day,
          count: numberOf(typed, 'count') ?? 1,
          every_weeks: numberOf(typed, 'every_weeks') ?? 0,
          start_minute: startOf(typed) ?? -1,
          length: { seconds: String(60 * (numberOf(typed, 'length') ?? 0)) },
          venue: textOf(typed['venue']),
          invited_agencies: (typed['invited_agencies'] as string[] | undefined) ?? [],
          request_id,
        }),
    )
    if (sent) res.redirect(303, urls.meetings)
  })

  // --- Another day, or none -------------------------------------------------------------------------------------

  const beside = (meeting: Meeting__Output) => ({
    caption: `Meeting of ${dayInWords(meeting.day)}`,
    etag: meeting.etag,
    nav: 'meetings',
    back: { text: 'Meeting', href: urls.meeting(meeting.name) },
  })
  const reason: Field = {
    path: 'reason',
    kind: 'longstring',
    label: 'Why',
    hint: 'Everybody who is invited reads it',
  }

  const movePage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const meeting = await load(req, res)
    const minutes = (secondsOf(meeting.end_time) - secondsOf(meeting.start_time)) / 60
    return {
      ...beside(meeting),
      title: 'Move the meeting',
      intro: isInCycle(meeting)
        ? 'What is on its agenda stays on it. Its dates are worked out anew, from the cut-off to the minutes.'
        : 'It is held within 72 hours of its call.',
      fields: [
        { path: 'day', kind: 'day', label: 'Day', hint: 'For example, 27 3 2027' },
        ...whenAndWhere,
        reason,
      ],
      now: {
        day: meeting.day,
        start_minute: meeting.start_time && clockInLondon(meeting.start_time).clock,
        length: String(minutes),
        venue: meeting.venue,
      },
      submit: 'Move it',
    }
  }

  const keepers = onlyFor('ROLE_COORDINATOR', 'ROLE_CHAIR')
  router.get('/meetings/:id/move', keepers, async (req, res) => {
    const page = await movePage(req, res)()
    showForm(res, page, rawOf(page.fields, page.now))
  })
  router.post('/meetings/:id/move', keepers, async (req, res) => {
    const sent = await sendForm(req, res, movePage(req, res), (typed, sending) => {
      const minutes = numberOf(typed, 'length')
      const start = startOf(typed)
      return localsOf(res).marac.call('MeetingService', 'MoveMeeting', {
        ...sending,
        name: nameIn(req),
        day: typed['day'] as Day,
        ...(start === undefined ? {} : { start_minute: start }),
        length: minutes === undefined ? null : { seconds: String(60 * minutes) },
        venue: textOf(typed['venue']),
        reason: textOf(typed['reason']),
      })
    })
    if (sent) res.redirect(303, urls.meeting(nameIn(req)))
  })

  const cancelPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const meeting = await load(req, res)
    const all = await listMeetings(localsOf(res).marac, area)
    const follows = all.some(
      (other) =>
        isInCycle(other) && !isOver(other) && secondsOf(other.start_time) > secondsOf(meeting.start_time),
    )
    return {
      ...beside(meeting),
      title: 'Cancel the meeting',
      intro: 'If it can be held on another day, move it instead.',
      points: isInCycle(meeting)
        ? [
            'Every case on its agenda is put off, and waits for the next meeting.',
            ...(follows
              ? []
              : ['No meeting is on the calendar after it: put one there, or those cases wait for none.']),
            'Nobody wrote down what keeps those people safe until then: ask for it at once.',
          ]
        : [
            'The case is back on the agenda that it was on, as long as that meeting has not started.',
            'Otherwise it waits for the next agenda.',
          ],
      warning: 'You cannot undo this.',
      fields: [reason],
      now: {},
      submit: 'Cancel the meeting',
    }
  }

  router.get('/meetings/:id/cancel', keepers, async (req, res) => {
    showForm(res, await cancelPage(req, res)())
  })
  router.post('/meetings/:id/cancel', keepers, async (req, res) => {
    const sent = await sendForm(req, res, cancelPage(req, res), (typed, sending) =>
      localsOf(res).marac.call('MeetingService', 'CancelMeeting', {
        ...sending,
        name: nameIn(req),
        reason: textOf(typed['reason']),
      }),
    )
    if (sent) res.redirect(303, urls.meeting(nameIn(req)))
  })

  // --- Outside the cycle, for one case that cannot wait -----------------------------------------------------------

  const emergencyPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const { marac } = localsOf(res)
    const [found, { agencies, accounts }] = await Promise.all([
      marac.call('CaseService', 'GetCase', { name: nameOf(req, context, 'cases') }),
      directoryOf(marac, area),
    ])
    const chairs = accounts.filter(({ roles }) =>
      roles.some((grant) => grant.role === 'ROLE_CHAIR' && grant.area === area),
    )
    return {
      caption: `${found.victim?.name?.value ?? 'Name not known'}, ${found.case_number}`,
      title: 'Call an emergency meeting',
      intro: 'For one case that cannot wait for the next meeting. It is held within 72 hours.',
      points: [
        'The case opens at once to the agencies that you call. Agencies that are part of it already see the meeting too.',
        ...(found.stage === 'CASE_STAGE_LISTED' ? ['It comes off the agenda that it is on.'] : []),
        'The next meeting is told that it was heard.',
      ],
      fields: [
        {
          path: 'start_time',
          kind: 'moment',
          label: 'When it starts',
          hint: `It is ${momentInWords(callerOf(res).business_time)} now`,
        },
        { path: 'length', kind: 'string', label: 'Length in minutes', width: '4' },
        venueField,
        {
          path: 'invited_agencies',
          kind: 'ticks',
          label: 'Which agencies are called',
          options: agencies.map(({ name, display_name }) => ({ value: name, text: display_name })),
        },
        { path: 'reason', kind: 'longstring', label: 'Why it cannot wait' },
        ...(holds(res, 'ROLE_CHAIR')
          ? []
          : [
              {
                path: 'chair',
                kind: 'select' as const,
                label: 'Which chair agreed',
                options: [
                  { value: '', text: 'Choose one' },
                  ...chairs.map(({ name, display_name }) => ({ value: name, text: display_name })),
                ],
              },
            ]),
      ],
      now: {},
      etag: '',
      ...(found.unresolved_exclusions > 0
        ? {
            warning:
              'Somebody who must not receive this case is not answered for yet. Do that first, on the page of the case.',
          }
        : {}),
      nav: 'cases',
      back: { text: 'Case', href: urls.case(found.name) },
      submit: 'Call the meeting',
    }
  }

  router.get('/cases/:id/emergency', async (req, res) => {
    // Built first: for whom the case is not open, there is none.
    const page = await emergencyPage(req, res)()
    if (!holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR')) return res.status(403).render('pages/not-allowed')
    showForm(res, page, rawOf(page.fields, { length: '60' }))
  })
  router.post('/cases/:id/emergency', keepers, async (req, res) => {
    let called = ''
    const sent = await sendForm(req, res, emergencyPage(req, res), async (typed, { request_id }) => {
      const meeting = await localsOf(res).marac.call('MeetingService', 'CallEmergencyMeeting', {
        case_name: nameOf(req, context, 'cases'),
        start_time: typed['start_time'] as Timestamp,
        length: { seconds: String(60 * (numberOf(typed, 'length') ?? 60)) },
        venue: textOf(typed['venue']),
        invited_agencies: (typed['invited_agencies'] as string[] | undefined) ?? [],
        reason: textOf(typed['reason']),
        chair: textOf(typed['chair']),
        request_id,
      })
      called = meeting.name
    })
    if (sent) res.redirect(303, urls.meeting(called))
  })

  // --- For somebody's own calendar --------------------------------------------------------------------------------

  // Days and times alone: a calendar is open to whoever looks over a shoulder, and syncs to who knows where.
  router.get(urls.meetingDates, async (_req, res) => {
    const calendar = ical({
      method: ICalCalendarMethod.PUBLISH,
      prodId: { company: 'area', product: 'dates' },
    })
    // No emergency meeting: that one is held tells of its case.
    for (const meeting of (await listMeetings(localsOf(res).marac, area)).filter(isInCycle)) {
      calendar.createEvent({
        id: idOf(meeting.name),
        sequence: meeting.moves.length + (meeting.cancellation ? 1 : 0),
        summary: 'Meeting',
        start: new Date(secondsOf(meeting.start_time) * 1000),
        end: new Date(secondsOf(meeting.end_time) * 1000),
        status: meeting.cancellation ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      })
    }
    res.attachment('dates.ics').type('text/calendar; charset=utf-8').send(calendar.toString())
  })

  return router
}

/** A whole number that was typed; nothing where nothing was. */
function numberOf(typed: Record<string, unknown>, path: string): number | undefined {
  const text = textOf(typed[path]).trim()
  if (text === '') return undefined
  if (!/^\d{1,4}$/.test(text)) throw refusal(path, 'Enter a whole number')
  return Number(text)
}

function startOf(typed: Record<string, unknown>): number | undefined {
  const text = textOf(typed['start_minute']).trim()
  if (text === '') return undefined
  const minute = minuteFrom(text)
  if (minute === undefined) throw refusal('start_minute', 'Enter the time like 14:30')
  return minute
}
