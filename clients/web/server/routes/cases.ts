// My cases: who they are about, how they may be reached, what is agreed for them, and what is recorded on them.
import { Router, type Request, type Response } from 'express'
import type { Case__Output } from '../../generated/marac/v1/Case.js'
import type { CaseStage } from '../../generated/marac/v1/CaseStage.js'
import type { CloseGround } from '../../generated/marac/v1/CloseGround.js'
import type { Meeting__Output } from '../../generated/marac/v1/Meeting.js'
import type { Role } from '../../generated/marac/v1/Role.js'
import type { VictimContactState } from '../../generated/marac/v1/VictimContactState.js'
import { bodyOf, holds, localsOf, nameOf, one, queried, type Context } from '../context.js'
import { MaracError, type MaracClient } from '../data/index.js'
import {
  closeFields,
  contactFields,
  contactInWords,
  safeContactFields,
  updateFields,
} from '../forms/casePages.js'
import { inWords, type FieldError } from '../forms/fields.js'
import { addressInWords, kindInWords, peopleOf } from '../forms/people.js'
import { safeContact } from '../forms/sections.js'
import { warningsOf, type Place } from '../forms/textWarnings.js'
import { subjectsOf } from '../forms/research.js'
import { actionsOf, isOpen } from '../services/actions.js'
import { isUntried, openStages } from '../services/caseload.js'
import { directoryOf } from '../services/directory.js'
import { olderAt, orNone } from '../services/lists.js'
import { researchOf, returnedView } from '../services/research.js'
import { meetingOf } from '../services/meeting.js'
import { isInCycle } from '../services/meetings.js'
import { sendForm, showForm, type FormPage, type Sending } from '../services/formPage.js'
import { profileInWords } from '../forms/tablet.js'
import { meetingOf as meetingNameOf, urls } from '../urls.js'
import { words } from '../utils/format.js'
import { fieldErrors } from './assessments.js'

const groupTitles: Partial<Record<CaseStage, string>> = {
  CASE_STAGE_LISTED: 'On an agenda',
  CASE_STAGE_HEARD: 'Heard, and not closed yet',
  CASE_STAGE_ACCEPTED: 'Waiting to be listed',
  CASE_STAGE_CLOSED: 'Closed',
}

// Who may record what, as maracd has it: nobody else is shown the way there, or the form.
const mayRecord = {
  contact: ['ROLE_IDVA'],
  update: ['ROLE_IDVA', 'ROLE_COORDINATOR', 'ROLE_CHAIR', 'ROLE_REPRESENTATIVE'],
  'safe-contact': ['ROLE_IDVA', 'ROLE_COORDINATOR'],
  close: ['ROLE_COORDINATOR'],
} satisfies Record<string, Role[]>

export function caseRoutes(context: Context): Router {
  const router = Router()
  const { area } = context.config
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('CaseService', 'GetCase', { name: nameOf(req, context, 'cases') })

  router.get(urls.cases, async (req, res) => {
    const { marac } = localsOf(res)
    const asked = `CASE_STAGE_${queried(req, 'stage').toUpperCase()}` as CaseStage
    const one = groupTitles[asked] ? asked : undefined
    const groups = await Promise.all(
      (one ? [one] : openStages).map(async (stage) => {
        const list = await marac.call('CaseService', 'ListCases', {
          parent: area,
          stage,
          page_size: 50,
          page_token: one ? queried(req, 'page') : '',
        })
        return {
          title: groupTitles[stage],
          cases: list.cases,
          more: olderAt(urls.cases, list.next_page_token, {
            stage: words(stage as string, 'CASE_STAGE_').toLowerCase(),
          }),
        }
      }),
    )
    const meetings = await meetingsOf(
      marac,
      groups.flatMap(({ cases }) => cases.map(({ meeting }) => meeting)),
    )
    res.render('pages/cases', {
      groups: groups.filter(({ cases }) => one !== undefined || cases.length > 0),
      isPart: one !== undefined,
      meetings,
      contactInWords,
    })
  })

  router.get('/cases/:id', async (req, res) => {
    const { marac } = localsOf(res)
    const found = await load(req, res)
    const [actions, directory, research] = await Promise.all([
      orNone(actionsOf(marac, area, { case_name: found.name }), []),
      directoryOf(marac, area),
      researchOf(marac, found.name),
    ])
    const subjects = subjectsOf(found)
    const items = [...new Set(actions.map(({ agenda_item }) => agenda_item))]
    const meetings = await meetingsOf(marac, [found.meeting, ...items.map(meetingNameOf)])
    res.render('pages/case', {
      record: found,
      // Each referral of a case brought one of its own.
      contacts: found.protected_details.filter(({ kind }) => kind === 'PROTECTED_KIND_SAFE_CONTACT'),
      contactState: contactInWords(found.victim_contact?.state ?? ''),
      communication: profileInWords(found.communication),
      people: peopleOf(found),
      actions,
      research: research && {
        returned: research.research.map((one) =>
          returnedView(one, subjects, directory.nameOf, research.mode === 'RESEARCH_MODE_SHARED'),
        ),
        awaited: research.awaited_agencies.map((name) => directory.nameOf(name)).sort(),
        mine: research.notes_name !== '',
        notes: research.notes,
      },
      meetings: [...meetings.values()],
      nameOfStaff: directory.nameOf,
      detailAddress: (detail: string) => urls.caseDetail(found.name, detail),
      textWarnings: textWarningsOf(res, found),
      next: nextStep(res, found, actions.some(isOpen)),
      may: {
        reveal:
          holds(res, 'ROLE_IDVA', 'ROLE_COORDINATOR', 'ROLE_CHAIR') ||
          (isBeforeMeeting(found) && holds(res, 'ROLE_REPRESENTATIVE')),
        access: holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR'),
        emergency:
          holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR') &&
          (found.stage === 'CASE_STAGE_ACCEPTED' || found.stage === 'CASE_STAGE_LISTED') &&
          [...meetings.values()].every((meeting) => isInCycle(meeting) || meeting.name !== found.meeting),
        correct: holds(res, ...mayRecord['safe-contact']),
        contact: holds(res, ...mayRecord.contact),
        update: holds(res, ...mayRecord.update),
        close: holds(res, ...mayRecord.close),
        agenda: seesAgendas(res),
        readers: holds(res, 'ROLE_CHAIR'),
      },
    })
  })

  // --- A detail that is kept apart: shown once, to who says why -------------------------------------------------

  const askWhy = async (req: Request, res: Response, typed: string, errors: FieldError[] = []) => {
    const found = await load(req, res)
    const mask = found.protected_details.find(({ detail }) =>
      detail.endsWith(`/${String(req.params['detail'])}`),
    )
    if (!mask) throw new MaracError('NOT_FOUND', 'no such detail')
    res.status(errors.length > 0 ? 400 : 200).render('pages/detail-why', {
      record: found,
      mask,
      label: kindInWords(mask.kind),
      typed,
      errors,
    })
  }

  router.get('/cases/:id/details/:detail', async (req, res) => {
    await askWhy(req, res, '')
  })

  router.post('/cases/:id/details/:detail', async (req, res) => {
    const body = bodyOf(req)
    const reason = one(body, 'reason').trim()
    let detail
    try {
      detail = await localsOf(res).marac.call('CaseService', 'RevealDetail', {
        name: `${area}/protectedDetails/${String(req.params['detail'])}`,
        reason,
      })
    } catch (error) {
      const errors = fieldErrors(error)
      // Whoever was not asked for a reason yet has done nothing wrong.
      return askWhy(req, res, reason, body['reason'] === undefined ? [] : errors)
    }
    const found = await load(req, res)
    const { correction } = detail
    const directory = correction ? await directoryOf(localsOf(res).marac, area) : undefined
    res.render('pages/detail', {
      record: found,
      label: kindInWords(detail.kind),
      isContact: detail.kind === 'PROTECTED_KIND_SAFE_CONTACT',
      rows: detail.safe_contact ? contactRows(detail.safe_contact) : [],
      text: detail.text || addressInWords(detail.address),
      correction,
      correctedBy: correction && directory?.nameOf(correction.account),
      mayCorrect: holds(res, ...mayRecord['safe-contact']),
    })
  })

  // --- What is recorded on it, each on a page of its own --------------------------------------------------------

  const page = (
    path: keyof typeof mayRecord,
    make: (found: Case__Output) => Pick<FormPage, 'title' | 'fields' | 'now' | 'submit'> & Partial<FormPage>,
    call: (
      marac: MaracClient,
      found: Case__Output,
      typed: Record<string, unknown>,
      sending: Sending & { name: string },
    ) => Promise<unknown>,
  ) => {
    const build = async (req: Request, res: Response) => {
      const found = await load(req, res)
      const form: FormPage = {
        caption: `${found.victim?.name?.value ?? 'Name not known'}, ${found.case_number}`,
        etag: found.etag,
        nav: 'cases',
        back: { text: 'Case', href: urls.case(found.name) },
        ...make(found),
      }
      return { found, form }
    }
    router.get(`/cases/:id/${path}`, async (req, res) => {
      // Built first: for whom the case is not open, there is none.
      const { form } = await build(req, res)
      if (!holds(res, ...mayRecord[path])) return res.status(403).render('pages/not-allowed')
      showForm(res, form)
    })
    router.post(`/cases/:id/${path}`, async (req, res) => {
      let found: Case__Output | undefined
      const sent = await sendForm(
        req,
        res,
        async () => {
          const built = await build(req, res)
          found = built.found
          return built.form
        },
        (typed, sending) =>
          call(localsOf(res).marac, found as Case__Output, typed, {
            ...sending,
            name: (found as Case__Output).name,
          }),
      )
      if (sent) res.redirect(303, urls.case((found as Case__Output).name))
    })
  }

  page(
    'contact',
    (found) => ({
      title: 'Contact with them',
      fields: contactFields,
      now: { state: found.victim_contact?.state, note: found.victim_contact?.note },
      submit: 'Save',
    }),
    (marac, _found, typed, sending) =>
      marac.call('CaseService', 'RecordVictimContact', {
        ...sending,
        state: typed['state'] as VictimContactState,
        note: typed['note'] as string,
      }),
  )

  page(
    'update',
    (found) => ({
      title: 'What they were told',
      fields: updateFields,
      now: found.victim_update
        ? { told: found.victim_update.told ? 'yes' : 'no', text: found.victim_update.text }
        : {},
      submit: 'Save',
    }),
    (marac, _found, typed, sending) =>
      marac.call('CaseService', 'RecordVictimUpdate', {
        ...sending,
        told: isTold(typed['told'], 'told'),
        text: typed['text'] as string,
      }),
  )

  page(
    'safe-contact',
    () => ({
      title: 'How they may be reached now',
      intro:
        'All of it takes the place of what was there before. What you leave out is not known, and is not tried.',
      fields: safeContactFields,
      now: {},
      submit: 'Replace it now',
    }),
    (marac, _found, typed, sending) =>
      marac.call('CaseService', 'CorrectSafeContact', {
        ...sending,
        safe_contact: typed['safe_contact'] ?? {},
        reason: typed['reason'] as string,
      }),
  )

  page(
    'close',
    (found) => ({
      title: found.stage === 'CASE_STAGE_HEARD' ? 'Close this case' : 'Close this case without hearing it',
      fields: closeFields(found),
      now: {},
      submit: 'Close the case',
    }),
    (marac, found, typed, sending) =>
      marac.call('CaseService', 'CloseCase', {
        ...sending,
        reason: typed['reason'] as string,
        ...(found.stage === 'CASE_STAGE_HEARD'
          ? {}
          : {
              ground: typed['ground'] as CloseGround,
              victim_told: isTold(typed['victim_told'], 'victim_told'),
              victim_update: typed['victim_update'] as string,
            }),
      }),
  )

  return router
}

/** Before the meeting, or just heard: agencies that are part of it have to act on it. */
const isBeforeMeeting = ({ stage }: Case__Output): boolean =>
  stage === 'CASE_STAGE_LISTED' || stage === 'CASE_STAGE_HEARD'

export const seesAgendas = (res: Response): boolean =>
  holds(res, 'ROLE_IDVA', 'ROLE_REPRESENTATIVE', 'ROLE_COORDINATOR', 'ROLE_CHAIR', 'ROLE_MINUTE_TAKER')

// A yes or no that was not given is neither; on the wire it would be a no.
function isTold(answer: unknown, field: string): boolean {
  if (answer !== 'yes' && answer !== 'no') {
    throw new MaracError('INVALID_ARGUMENT', '', '', [{ field, description: 'say whether they were told' }])
  }
  return answer === 'yes'
}

async function meetingsOf(marac: MaracClient, names: string[]): Promise<Map<string, Meeting__Output>> {
  const found = await Promise.all([...new Set(names)].map((name) => meetingOf(marac, name)))
  return new Map(found.filter((meeting) => meeting !== undefined).map((meeting) => [meeting.name, meeting]))
}

/** For those who may write the text: who only reads it can take nothing out. */
function textWarningsOf(res: Response, { name, stage, text_warnings: warnings }: Case__Output) {
  const texts: Record<string, Place & { path: keyof typeof mayRecord }> = {
    'victim_contact.note': {
      path: 'contact',
      label: 'Contact with them',
      href: stage === 'CASE_STAGE_CLOSED' ? undefined : urls.caseContact(name),
    },
    'victim_update.text': {
      path: 'update',
      label: 'What they were told',
      href: stage === 'CASE_STAGE_HEARD' ? urls.caseUpdate(name) : undefined,
    },
    'closure.reason': { path: 'close', label: 'Why it is closed' },
  }
  const theirs = warnings.filter(({ field }) => {
    const text = texts[field]
    return text !== undefined && holds(res, ...mayRecord[text.path])
  })
  return warningsOf(theirs, (field) => texts[field] ?? { label: field })
}

function contactRows(contact: object) {
  const rows: { label: string; value: string }[] = []
  for (const field of safeContact) {
    const value = inWords(field, { safe_contact: contact })
    if (value !== '') rows.push({ label: field.label, value })
  }
  return rows
}

/** The one thing that waits to be done by this person on this case. */
function nextStep(res: Response, found: Case__Output, hasOpenActions: boolean) {
  if (found.stage === 'CASE_STAGE_CLOSED') return undefined
  if (found.stage !== 'CASE_STAGE_HEARD') {
    return isUntried(found) && holds(res, ...mayRecord.contact)
      ? { text: 'Record contact with them', href: urls.caseContact(found.name) }
      : undefined
  }
  if (!found.victim_update && holds(res, ...mayRecord.update))
    return { text: 'Record what they were told', href: urls.caseUpdate(found.name) }
  if (found.victim_update && !hasOpenActions && holds(res, ...mayRecord.close))
    return { text: 'Close the case', href: urls.caseClose(found.name) }
  return undefined
}
