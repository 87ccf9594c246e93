// Triage: what waits for the coordinator, and one referral with everything that decides about it.
import { Router, type Request, type Response } from 'express'
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import { bodyOf, callerOf, holds, localsOf, nameOf, one, queried, type Context } from '../context.js'
import type { FieldError } from '../forms/fields.js'
import { bySection, groupsOf, labelOf, labelsOf, summaryOf } from '../forms/referral.js'
import { groupsFor } from '../forms/sections.js'
import { warningsOf } from '../forms/textWarnings.js'
import { listsOf } from '../services/area.js'
import { meetingOf } from '../services/meeting.js'
import { outcomeOf } from '../services/outcome.js'
import { signpostOf } from '../services/servicesDirectory.js'
import { ageOf, cameBack, countOf, listAll, nextAfter, queueOf } from '../services/triage.js'
import { loadAssessment, loadWaiting, type Waiting } from '../services/waiting.js'
import { profileInWords } from '../forms/tablet.js'
import { urls } from '../urls.js'

const rowsMax = 25

export function triageRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const nowOf = (res: Response) => callerOf(res).business_time ?? { seconds: '0', nanos: 0 }

  router.get(urls.triage, async (req, res) => {
    const { marac } = localsOf(res)
    // Others may list referrals, and would take their own for the queue.
    if (!holds(res, 'ROLE_COORDINATOR')) return res.status(403).render('pages/not-allowed')
    const [queue, returned, lists, outcome] = await Promise.all([
      queueOf(marac, config.area),
      listAll(marac, config.area, 'REFERRAL_STATE_RETURNED'),
      listsOf(marac, config.area),
      outcomeOf(marac, config.area, queried(req, 'done')),
    ])
    const pages = Math.max(1, Math.ceil(queue.referrals.length / rowsMax))
    const page = Math.min(pages, Math.max(1, Math.floor(Number(queried(req, 'page'))) || 1))
    const shown = queue.referrals.slice((page - 1) * rowsMax, page * rowsMax)
    const groups = groupsFor(lists, true, true, true)
    const agency = (referral: Referral__Output) =>
      lists.agencies.find(({ value }) => value === referral.referrer?.agency)?.text
    const names = [...new Set(shown.map(({ meeting }) => meeting))]
    const meetings = new Map(
      await Promise.all(names.map(async (name) => [name, await meetingOf(marac, name)] as const)),
    )
    res.render('pages/triage-queue', {
      count: countOf(queue.referrals, nowOf(res)),
      moreExist: queue.moreExist,
      first: queue.referrals[0],
      outcome,
      page,
      pages,
      rows: shown.map((referral) => ({
        referral,
        agency: agency(referral),
        age: ageOf(referral, nowOf(res)),
        cameBack: cameBack(referral),
        meeting: meetings.get(referral.meeting),
        missing: bySection(groups, referral.missing_fields).map(({ title }) => title),
      })),
      returned: returned.referrals.map((referral) => ({ referral, agency: agency(referral) })),
    })
  })

  const show = async (
    req: Request,
    res: Response,
    waiting: Waiting,
    decision = '',
    errors: FieldError[] = [],
  ) => {
    const { marac } = localsOf(res)
    const { referral } = waiting
    const [queue, assessments, outcome] = await Promise.all([
      queueOf(marac, config.area),
      Promise.all(referral.assessments.map((name) => loadAssessment(marac, config.area, name))),
      outcomeOf(marac, config.area, queried(req, 'done')),
    ])
    const groups = groupsOf(waiting.lists, referral)
    const label = labelsOf(groups)
    const parts = Object.fromEntries(summaryOf(groups, { referral }).map((part) => [part.id, part]))
    res.status(errors.length > 0 ? 400 : 200).render('pages/triage', {
      ...waiting,
      communication: profileInWords(referral.communication),
      assessments,
      age: ageOf(referral, nowOf(res)),
      cameBack: cameBack(referral),
      place: queue.referrals.findIndex(({ name }) => name === referral.name) + 1,
      count: queue.referrals.length,
      next: nextAfter(queue.referrals, referral),
      outcome,
      parts,
      textWarnings: warningsOf(referral.text_warnings, (field) => ({
        label: labelOf(
          groups.flatMap(({ sections }) => sections),
          field,
        ),
      })),
      grounds: (parts['grounds']?.rows ?? []).map((row) => ({
        ...row,
        label: groundWords[row.path] ?? row.label,
      })),
      agreement: agreementOf(referral),
      missing: bySection(groups, referral.missing_fields),
      contact: contactOf(referral),
      nobody: nobodyWords[referral.has_excluded_people] ?? 'Nobody was asked about this yet',
      changed: queried(req, 'changed') === 'yes',
      additions: referral.additions.map((addition) => ({ ...addition, labels: addition.fields.map(label) })),
      choices: choicesOf(waiting),
      decision,
      errors,
    })
  }

  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('ReferralService', 'GetReferral', { name: nameOf(req, context, 'referrals') })

  router.get('/triage/:id', async (req, res) => {
    const referral = await load(req, res)
    if (referral.state !== 'REFERRAL_STATE_SUBMITTED') {
      const { marac } = localsOf(res)
      res.render('pages/triage-decided', {
        referral,
        outcome: await outcomeOf(marac, config.area, req.params['id']),
        service: await signpostOf(marac, referral),
      })
      return
    }
    await show(req, res, await loadWaiting(localsOf(res).marac, config.area, referral))
  })

  // What is decided; the page after says what comes of it, and asks for what it needs.
  router.post('/triage/:id', async (req, res) => {
    const referral = await load(req, res)
    if (referral.state !== 'REFERRAL_STATE_SUBMITTED') return res.redirect(303, urls.triageOf(referral.name))
    const body = bodyOf(req)
    const waiting = await loadWaiting(localsOf(res).marac, config.area, referral)
    const chosen = choicesOf(waiting).find(({ value }) => value && value === one(body, 'decision'))
    if (!chosen) {
      return show(req, res, waiting, '', [{ field: 'decision', text: 'Say what you decide' }])
    }
    const [what = '', other] = chosen.value?.split(':') ?? []
    const query = new URLSearchParams({ read: one(body, 'etag'), ...(other ? { other } : {}) })
    res.redirect(303, `${urls.decision(referral.name, what)}?${query.toString()}`)
  })

  return router
}

interface Choice {
  value?: string
  text?: string
  hint?: { text: string }
  divider?: string
}

function choicesOf({ candidates }: Waiting): Choice[] {
  return [
    { value: 'new', text: 'Accept it as a new case' },
    ...candidates
      .flatMap(({ choices }) => choices)
      .map(({ value, text, hint }) => ({ value, text, hint: { text: hint } })),
    { divider: 'or' },
    {
      value: 'return',
      text: 'Send it back',
      hint: { text: 'The referrer is asked for more, and sends it again' },
    },
    {
      value: 'decline',
      text: 'Decline it',
      hint: { text: 'Not for this meeting; with where to turn instead' },
    },
  ]
}

// The form asks the referrer; here it is read.
const groundWords: Record<string, string> = {
  'referral.criteria.professional_judgement': 'Judged to be high',
  'referral.criteria.judgement_text': 'Reasons for that',
  'referral.criteria.escalation': 'More and more reports',
  'referral.criteria.incident_days': 'Days of the reports',
  'referral.criteria.repeat': 'Here before, says the referrer',
  'referral.criteria.listed_before': 'When that was',
  'referral.criteria.referred_elsewhere': 'Referred in another area',
}

const nobodyWords: Record<string, string> = {
  YES_NO_NO: 'Nobody, it was said',
  YES_NO_NOT_KNOWN: 'Not known',
}

/** What everybody has to know of how they may be reached; the way itself is kept apart. */
function contactOf({ protected_details: details }: Referral__Output): string {
  const mask = details.find(({ kind }) => kind === 'PROTECTED_KIND_SAFE_CONTACT')
  if (!mask) return 'No safe way to reach them was given. Do not contact them.'
  if (mask.do_not_contact) return 'Do not contact them directly.'
  return 'Contact them only in the safe way that was recorded. It is kept apart; the advisers have it.'
}

function agreementOf({ victim_voice: voice, shared_without_consent: record }: Referral__Output): string {
  switch (voice?.consent) {
    case 'YES_NO_YES':
      return 'They agree'
    case 'YES_NO_NO':
      return record?.decided_by
        ? 'They do not agree; why it is shared all the same is recorded'
        : 'They do not agree, and nobody has recorded yet why it is shared all the same'
    case 'YES_NO_NOT_ASKED':
      return `Not asked${voice.consent_not_asked_reason ? `: ${voice.consent_not_asked_reason}` : ''}`
    case 'YES_NO_NOT_KNOWN':
      return 'Not known'
    default:
      return 'Not answered'
  }
}
