// What triage decides about a referral. Each page says what comes of it, asks for what it needs, and after it the next
// referral is there.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import { bodyOf, localsOf, many, nameOf, one, queried, type Body, type Context } from '../context.js'
import { MaracError, type MaracClient } from '../data/index.js'
import type { FieldError } from '../forms/fields.js'
import { bySection, groupsOf, summaryOf, unknownFields } from '../forms/referral.js'
import { outcomeOf } from '../services/outcome.js'
import { optionsOf, servicesOf, signpostOf } from '../services/servicesDirectory.js'
import { nextAfter, queueOf } from '../services/triage.js'
import { loadWaiting, type Waiting } from '../services/waiting.js'
import { idOf, urls } from '../urls.js'
import { fieldErrors } from './assessments.js'

const words = {
  new: { title: 'Accept as a new case', final: true },
  repeat: { title: 'Accept as a repeat', final: true },
  join: { title: 'Put into the open case', final: true },
  duplicate: { title: 'Keep with the other referral', final: true },
  return: { title: 'Send it back', final: false },
  decline: { title: 'Decline it', final: true },
}
type What = keyof typeof words

/** What was typed or chosen, and what the page carries along. */
interface Typed {
  etag: string
  other: string
  requestId: string
  admitReason: string
  reasons: string
  signpost: string
  service: string
  fields: string[]
}

export function decisionRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('ReferralService', 'GetReferral', { name: nameOf(req, context, 'referrals') })

  const show = async (
    res: Response,
    what: What,
    waiting: Waiting,
    typed: Typed,
    errors: FieldError[] = [],
    changed = false,
  ) => {
    const { referral } = waiting
    const groups = groupsOf(waiting.lists, referral)
    const services =
      what === 'decline'
        ? await servicesOf(localsOf(res).marac, config.area, { purpose: 'SERVICE_PURPOSE_DECLINE' })
        : []
    const status = changed ? 409 : errors.length > 0 ? 400 : 200
    res.status(status).render('pages/decision', {
      ...waiting,
      what,
      ...words[what],
      other: waiting.candidates.find(({ id }) => id === typed.other),
      typed,
      services: optionsOf(services),
      errors,
      missing: bySection(groups, referral.missing_fields),
      unknown: bySection(groups, unknownFields(groups, referral)),
      now: changed ? summaryOf(groups, { referral }).filter(({ rows }) => rows.length > 0) : [],
    })
  }

  // Decided already: what was decided, and what was typed for another decision, to be copied from there.
  const showDecided = async (res: Response, referral: Referral__Output, typed: Typed) => {
    const { marac } = localsOf(res)
    res.status(409).render('pages/triage-decided', {
      referral,
      outcome: await outcomeOf(marac, config.area, idOf(referral.name)),
      service: await signpostOf(marac, referral),
      errors: [{ text: 'This referral was decided before you sent this. What you chose was not done' }],
      unsent: [
        { label: 'Reasons', text: typed.reasons || typed.admitReason },
        { label: 'Where to turn instead', text: typed.signpost },
      ].filter(({ text }) => text !== ''),
    })
  }

  router.get('/triage/:id/decision/:what', async (req, res, next) => {
    const what = whatOf(req)
    if (!what) return next()
    const referral = await load(req, res)
    const read = queried(req, 'read')
    // Decided, or not as it was read: it is shown as it is now, before anybody decides.
    if (referral.state !== 'REFERRAL_STATE_SUBMITTED' || (read !== '' && read !== referral.etag)) {
      return res.redirect(303, `${urls.triageOf(referral.name)}?changed=yes`)
    }
    const waiting = await loadWaiting(localsOf(res).marac, config.area, referral)
    await show(res, what, waiting, {
      etag: referral.etag,
      other: queried(req, 'other'),
      requestId: randomUUID(),
      admitReason: '',
      reasons: '',
      signpost: '',
      service: '',
      fields: [],
    })
  })

  router.post('/triage/:id/decision/:what', async (req, res, next) => {
    const what = whatOf(req)
    if (!what) return next()
    const { marac } = localsOf(res)
    const name = nameOf(req, context, 'referrals')
    const typed = typedIn(bodyOf(req))
    let decided: Referral__Output
    try {
      decided = await decide(marac, config.area, name, what, typed)
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      const referral = await load(req, res)
      if (isTooLate(error) && referral.state !== 'REFERRAL_STATE_SUBMITTED') {
        return showDecided(res, referral, typed)
      }
      const changed = error.code === 'ABORTED'
      const found = changed
        ? [
            {
              field: 'now',
              text: 'Somebody changed this referral since you read it. Read it below as it is now; what you wrote is still here',
            },
          ]
        : errorsOf(error)
      const waiting = await loadWaiting(marac, config.area, referral)
      const again = { ...typed, ...(changed ? { etag: waiting.referral.etag, requestId: randomUUID() } : {}) }
      return show(res, what, waiting, again, found, changed)
    }
    const queue = await queueOf(marac, config.area)
    const following = nextAfter(queue.referrals, decided)
    res.redirect(303, `${following ? urls.triageOf(following.name) : urls.triage}?done=${idOf(decided.name)}`)
  })

  return router
}

function whatOf(req: Request): What | undefined {
  const what = String(req.params['what'])
  return Object.hasOwn(words, what) ? (what as What) : undefined
}

function typedIn(body: Body): Typed {
  const text = (name: string) => one(body, name).replaceAll('\r\n', '\n').trim()
  return {
    etag: text('etag'),
    other: text('other'),
    requestId: text('request_id'),
    admitReason: text('admit_reason'),
    reasons: text('reasons'),
    signpost: text('signpost'),
    service: text('service'),
    fields: many(body, 'fields'),
  }
}

function decide(
  marac: MaracClient,
  area: string,
  name: string,
  what: What,
  typed: Typed,
): Promise<Referral__Output> {
  const call = { name, etag: typed.etag, request_id: typed.requestId }
  const accept = (more: { join_case?: string; repeat_of?: string }) =>
    marac.call('ReferralService', 'AcceptReferral', { ...call, admit_reason: typed.admitReason, ...more })
  switch (what) {
    case 'new':
      return accept({})
    case 'join':
      return accept({ join_case: `${area}/cases/${typed.other}` })
    case 'repeat':
      return accept({ repeat_of: `${area}/cases/${typed.other}` })
    case 'duplicate':
      return marac.call('ReferralService', 'MarkDuplicate', {
        ...call,
        duplicate_of: `${area}/referrals/${typed.other}`,
      })
    case 'return':
      return marac.call('ReferralService', 'ReturnReferral', {
        ...call,
        // What is ticked says it all.
        reasons: typed.reasons || (typed.fields.length > 0 ? 'Please answer what is listed here.' : ''),
        fields: typed.fields,
      })
    case 'decline':
      return marac.call('ReferralService', 'DeclineReferral', {
        ...call,
        reasons: typed.reasons,
        signpost: typed.signpost,
        service: typed.service,
      })
  }
}

const isTooLate = ({ code }: MaracError): boolean => code === 'ABORTED' || code === 'FAILED_PRECONDITION'

function errorsOf(error: MaracError): FieldError[] {
  // Each entry that is not answered for is named; what is to be done is the same for all.
  if (error.reason === 'UNRESOLVED_EXCLUSIONS') {
    return [
      {
        field: 'people',
        text: 'That case is open to others already. Say first who the people are who must not see this',
      },
    ]
  }
  return fieldErrors(error)
}
