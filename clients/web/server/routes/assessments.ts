// Taking an assessment: who, the questions all at once or one a page, the result for the practitioner, and signing.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { Grade } from '../../generated/marac/v1/Grade.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { Judgement } from '../../generated/marac/v1/Judgement.js'
import type { Party } from '../../generated/marac/v1/Party.js'
import {
  bodyOf,
  callerOf,
  localsOf,
  many,
  nameOf,
  one,
  queried,
  wantsJson,
  type Body,
  type Context,
} from '../context.js'
import { MaracError } from '../data/index.js'
import { isAnswered, itemView, sources } from '../forms/answers.js'
import { apply, rawFrom, rawOf, viewsOf, type Field, type FieldError } from '../forms/fields.js'
import { keptAnswers, saveAnswers, type Saved } from '../services/answering.js'
import { accountsOf } from '../services/directory.js'
import { olderAt, orNone } from '../services/lists.js'
import { createReferral } from '../services/newReferral.js'
import { urls } from '../urls.js'
import { sentence } from '../utils/format.js'

const who: Field[] = [
  { path: 'victim.name', kind: 'text', label: 'Name of the person at risk', autocomplete: 'off' },
  {
    path: 'victim.birth_date',
    kind: 'dayanswer',
    label: 'Their date of birth',
    hint: 'For example, 27 3 1991. Enter only the year if that is all that is known',
  },
  {
    path: 'perpetrators[0].name',
    kind: 'text',
    label: 'Name of the person they are frightened of',
    hint: 'If there are more, you can add them in a referral',
    autocomplete: 'off',
  },
  {
    path: 'perpetrators[0].relationship_to_victim',
    kind: 'text',
    label: 'Who that is to them',
    hint: 'For example, husband, former partner, son',
    width: '20',
  },
]

// Facts that no question asks and that patterns of the built-in policy look at.
const flags = [
  { value: 'VICTIM_SAYS_IN_DANGER', text: 'They say that they are in danger' },
  { value: 'HONOUR_CONCERN', text: 'Family honour or a forced marriage may play a part' },
]

const judgementFields: Field[] = [
  {
    path: 'professional_judgement',
    kind: 'tick',
    label: 'In my professional judgement the risk is high, whatever the count',
  },
  {
    path: 'grade',
    kind: 'choice',
    label: 'Your own grade, if it is higher than the count',
    options: [
      { value: 'GRADE_UNSPECIFIED', text: 'The same as the count' },
      { value: 'GRADE_MEDIUM', text: 'Medium' },
      { value: 'GRADE_HIGH', text: 'High' },
    ],
  },
  {
    path: 'text',
    kind: 'longstring',
    label: 'Your reasons, in your own words',
    hint: 'What makes this dangerous or less so: what the answers do not say',
  },
  {
    path: 'repeat',
    kind: 'yesno',
    label: 'Was there abuse between the same two people in the last 12 months before this?',
  },
  {
    path: 'report_days',
    kind: 'days',
    label: 'Days on which abuse was reported, in the last 12 months',
    hint: 'One on each line, like 27/3/2026',
  },
]

export function assessmentRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const nameIn = (req: Request) => nameOf(req, context, 'assessments')
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('AssessmentService', 'GetAssessment', { name: nameIn(req) })
  const packOf = (res: Response, instrument: string) =>
    localsOf(res).marac.call('AssessmentService', 'GetInstrument', { instrument, area: config.area })

  router.get(urls.assessments, async (req, res) => {
    const { assessments, next_page_token: rest } = await orNone(
      localsOf(res).marac.call('AssessmentService', 'ListAssessments', {
        parent: config.area,
        mine: true,
        page_token: queried(req, 'page'),
      }),
      { assessments: [], next_page_token: '' },
    )
    res.render('pages/assessments', { assessments, older: olderAt(urls.assessments, rest) })
  })

  // --- Who -----------------------------------------------------------------------------------------------------

  router.get(urls.newAssessment, async (_req, res) => {
    const pack = await packOf(res, '')
    res.render('pages/assessment-new', {
      pack,
      fields: viewsOf(who, rawOf(who, {})),
      view: 'all',
      requestId: randomUUID(),
    })
  })

  router.post(urls.newAssessment, async (req, res) => {
    const body = bodyOf(req)
    const record: { victim: Party; perpetrators: Party[] } = { victim: {}, perpetrators: [] }
    const raw = rawFrom(who, body)
    const view = one(body, 'view') === 'one' ? 'one' : 'all'
    const errors = apply(who, raw, {}, record)
    if (errors.length === 0) {
      try {
        const assessment = await localsOf(res).marac.call('AssessmentService', 'StartAssessment', {
          parent: config.area,
          // A second click starts no second assessment.
          request_id: one(body, 'request_id'),
          victim: record.victim,
          perpetrators: record.perpetrators.filter(
            ({ name, relationship_to_victim }) => name ?? relationship_to_victim,
          ),
        })
        res.redirect(
          303,
          view === 'one' ? urls.question(assessment.name, 1) : urls.questions(assessment.name),
        )
        return
      } catch (error) {
        errors.push(...fieldErrors(error))
      }
    }
    const pack = await packOf(res, '')
    res.status(400).render('pages/assessment-new', {
      pack,
      fields: viewsOf(who, raw, errors),
      errors,
      view,
      requestId: randomUUID(),
    })
  })

  router.get('/assessments/:id/people', async (req, res) => {
    const assessment = await load(req, res)
    res.render('pages/assessment-people', { assessment, fields: viewsOf(who, rawOf(who, assessment)) })
  })

  router.post('/assessments/:id/people', async (req, res) => {
    const assessment = await load(req, res)
    const shown = rawOf(who, assessment)
    const raw = rawFrom(who, bodyOf(req))
    const errors = apply(who, raw, shown, assessment)
    if (errors.length === 0) {
      try {
        await localsOf(res).marac.call('AssessmentService', 'AppendAnswers', {
          name: assessment.name,
          expected_seq: assessment.last_seq,
          victim: assessment.victim,
          perpetrators: assessment.perpetrators.filter((party) => party.name ?? party.relationship_to_victim),
        })
        res.redirect(303, urls.assessment(assessment.name))
        return
      } catch (error) {
        errors.push(...fieldErrors(error))
      }
    }
    res
      .status(400)
      .render('pages/assessment-people', { assessment, fields: viewsOf(who, raw, errors), errors })
  })

  router.get('/assessments/:id', async (req, res) => {
    const assessment = await load(req, res)
    const pack = await packOf(res, assessment.instrument)
    res.render('pages/assessment', {
      assessment,
      pack,
      people: viewsOf(who, rawOf(who, assessment)),
      next: firstOpen(pack, assessment),
    })
  })

  // --- Questions -------------------------------------------------------------------------------------------------

  const showAll = (res: Response, pack: InstrumentPack__Output, { assessment, typed, errors }: Saved) => {
    res.status(errors.length > 0 ? 400 : 200).render('pages/questions', {
      keepAs: urls.questions(assessment.name),
      assessment,
      pack,
      sources,
      items: pack.items.map((item) =>
        itemView(item, answerOf(assessment, item.code), typed.get(item.code), errors),
      ),
      errors,
    })
  }

  /** Offers answers that met a locked session; tells whether there were any. */
  const showKept = async (
    req: Request,
    res: Response,
    assessment: Assessment__Output,
    pack: InstrumentPack__Output,
  ): Promise<boolean> => {
    const kept = await keptAnswers(localsOf(res).marac, req.path, assessment, pack)
    if (!kept) return false
    res.render('pages/continue', {
      heading: 'You have answers here that were not saved',
      path: req.path,
      typed: Object.entries({ then: 'stay', ...kept }),
    })
    return true
  }

  router.get('/assessments/:id/questions', async (req, res) => {
    const assessment = await load(req, res)
    if (isClosed(assessment)) return res.redirect(303, urls.result(assessment.name))
    const pack = await packOf(res, assessment.instrument)
    if (await showKept(req, res, assessment, pack)) return
    showAll(res, pack, { assessment, typed: new Map(), errors: [] })
  })

  router.post('/assessments/:id/questions', async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    const pack = await packOf(res, (await load(req, res)).instrument)
    const saved = await saveAnswers(marac, nameIn(req), pack, body)
    if (wantsJson(req)) {
      // How many are answered may be shown to the person beside; what they come to never is (ACC-30).
      res.status(saved.errors.length > 0 ? 400 : 200).json({
        seq: Object.fromEntries(saved.assessment.answers.map(({ item, seq }) => [item, seq])),
        answered: saved.assessment.answers.filter(isAnswered).length,
        errors: saved.errors,
      })
      return
    }
    if (saved.errors.length > 0) return showAll(res, pack, saved)
    if (one(body, 'then') === 'refer') return refer(res, saved.assessment, false)
    res.redirect(303, one(body, 'then') === 'stay' ? urls.questions(nameIn(req)) : urls.result(nameIn(req)))
  })

  const showOne = (res: Response, pack: InstrumentPack__Output, number: number, saved: Saved) => {
    const item = pack.items[number - 1]
    if (!item) return res.status(404).render('pages/not-found')
    res.status(saved.errors.length > 0 ? 400 : 200).render('pages/question', {
      keepAs: urls.question(saved.assessment.name, number),
      assessment: saved.assessment,
      pack,
      sources,
      number,
      view: itemView(item, answerOf(saved.assessment, item.code), saved.typed.get(item.code), saved.errors),
      errors: saved.errors,
    })
  }

  router.get('/assessments/:id/questions/:number', async (req, res) => {
    const assessment = await load(req, res)
    if (isClosed(assessment)) return res.redirect(303, urls.result(assessment.name))
    const pack = await packOf(res, assessment.instrument)
    if (await showKept(req, res, assessment, pack)) return
    showOne(res, pack, Number(req.params.number), { assessment, typed: new Map(), errors: [] })
  })

  router.post('/assessments/:id/questions/:number', async (req, res) => {
    const body = bodyOf(req)
    const number = Number(req.params.number)
    const pack = await packOf(res, (await load(req, res)).instrument)
    const saved = await saveAnswers(localsOf(res).marac, nameIn(req), pack, body)
    if (saved.errors.length > 0) return showOne(res, pack, number, saved)
    if (one(body, 'then') === 'refer') return refer(res, saved.assessment, false)
    if (one(body, 'then') === 'stop') return res.redirect(303, urls.assessment(nameIn(req)))
    res.redirect(
      303,
      number < pack.items.length ? urls.question(nameIn(req), number + 1) : urls.result(nameIn(req)),
    )
  })

  // --- What it comes to, for the practitioner ------------------------------------------------------------------------

  const showResult = async (
    res: Response,
    assessment: Assessment__Output,
    { judgement, sign = {}, errors = [] }: { judgement?: Body; sign?: Body; errors?: FieldError[] } = {},
  ) => {
    const { marac } = localsOf(res)
    const pack = await packOf(res, assessment.instrument)
    const agency = callerOf(res).account?.agency ?? ''
    const accounts = await orNone(accountsOf(marac, config.area, agency), [])
    const shown = assessment.judgement ?? {}
    res.status(errors.length > 0 ? 400 : 200).render('pages/result', {
      assessment,
      pack,
      result: assessment.result,
      closed: isClosed(assessment),
      notAsked: pack.items.filter(({ code }) => !isAnswered(answerOf(assessment, code))),
      judgement: viewsOf(
        judgementFields,
        judgement ? rawFrom(judgementFields, judgement) : rawOf(judgementFields, shown),
        errors,
      ),
      flags,
      ticked: judgement ? many(judgement, 'flags') : (assessment.judgement?.flags ?? []),
      steps: stepsOf(assessment, judgement),
      sign,
      supervisors: accounts.filter(
        (account) =>
          account.name !== assessment.assessor &&
          account.roles.some(({ role }) => role === 'ROLE_SUPERVISOR'),
      ),
      errors,
    })
  }

  router.get('/assessments/:id/result', async (req, res) => {
    await showResult(res, await load(req, res))
  })

  router.post('/assessments/:id/complete', async (req, res) => {
    const body = bodyOf(req)
    const assessment = await load(req, res)
    const judgement: Judgement = { ...assessment.judgement }
    const errors = apply(judgementFields, rawFrom(judgementFields, body), {}, judgement)
    judgement.flags = many(body, 'flags')
    judgement.steps = stepsOf(assessment, body).flatMap(({ cluster, text }) =>
      text === '' ? [] : [{ cluster, text }],
    )
    judgement.grade = (judgement.grade ?? 'GRADE_UNSPECIFIED') satisfies Grade
    if (errors.length === 0) {
      try {
        const completed = await localsOf(res).marac.call('AssessmentService', 'CompleteAssessment', {
          name: assessment.name,
          etag: one(body, 'etag'),
          judgement,
        })
        if (one(body, 'then') === 'refer') return await refer(res, completed, false)
        res.redirect(303, urls.result(assessment.name))
        return
      } catch (error) {
        errors.push(...fieldErrors(error))
      }
    }
    await showResult(res, assessment, { judgement: body, errors })
  })

  router.post('/assessments/:id/sign', async (req, res) => {
    const body = bodyOf(req)
    const assessment = await load(req, res)
    if (assessment.state === 'ASSESSMENT_STATE_SIGNED') return res.redirect(303, urls.result(assessment.name))
    const text = one(body, 'non_referral_text').trim()
    try {
      await localsOf(res).marac.call('AssessmentService', 'SignAssessment', {
        name: assessment.name,
        etag: one(body, 'etag'),
        ...(text === ''
          ? {}
          : {
              non_referral: {
                reason_code: 'IN_WORDS',
                text,
                supervisor: one(body, 'non_referral_supervisor'),
              },
            }),
      })
    } catch (error) {
      return showResult(res, assessment, { sign: body, errors: fieldErrors(error) })
    }
    res.redirect(303, urls.result(assessment.name))
  })

  router.post('/assessments/:id/stop', async (req, res) => {
    const body = bodyOf(req)
    const assessment = await load(req, res)
    const reason = one(body, 'stop_reason').trim()
    if (reason === '') {
      return showResult(res, assessment, {
        errors: [{ field: 'stop_reason', text: 'Say why you stop before the end' }],
      })
    }
    try {
      await localsOf(res).marac.call('AssessmentService', 'CompleteAssessment', {
        name: assessment.name,
        etag: one(body, 'etag'),
        stop_reason: reason,
      })
    } catch (error) {
      return showResult(res, assessment, { errors: fieldErrors(error) })
    }
    res.redirect(303, urls.result(assessment.name))
  })

  // At any moment: the score only rises, and nothing has to be finished first.
  router.post('/assessments/:id/refer', async (req, res) => {
    await refer(res, await load(req, res), one(bodyOf(req), 'urgent') === 'yes')
  })

  async function refer(res: Response, assessment: Assessment__Output, urgent: boolean): Promise<void> {
    const referral = await createReferral(localsOf(res).marac, config.area, callerOf(res), {
      assessment: assessment.name,
      urgent,
    })
    res.redirect(303, urgent ? urls.section(referral.name, 'urgent') : urls.referral(referral.name))
  }

  return router
}

const answerOf = (assessment: Assessment__Output, code: string) =>
  assessment.answers.find(({ item }) => item === code)

const isClosed = ({ state }: Assessment__Output): boolean =>
  state !== 'ASSESSMENT_STATE_DRAFT' && state !== 'ASSESSMENT_STATE_COMPLETED'

function firstOpen(pack: InstrumentPack__Output, assessment: Assessment__Output): number {
  return pack.items.find(({ code }) => !isAnswered(answerOf(assessment, code)))?.number ?? 1
}

/** A step for each pattern that asks for one. */
function stepsOf(assessment: Assessment__Output, typed: Body | undefined) {
  return (assessment.result?.clusters ?? [])
    .filter(({ action }) => action === 'CLUSTER_ACTION_REQUIRE_STEP')
    .map(({ id, prompt }) => ({
      cluster: id,
      prompt,
      text: typed
        ? one(typed, `steps.${id}`).trim()
        : (assessment.judgement?.steps.find(({ cluster }) => cluster === id)?.text ?? ''),
    }))
}

/** What maracd said of fields, as errors of this form; anything else goes on to the error page. */
export function fieldErrors(error: unknown): FieldError[] {
  if (!(error instanceof MaracError)) throw error
  if (error.code === 'ABORTED') {
    return [
      {
        field: 'changed',
        text: 'Somebody changed this in the meantime. Look at it again, and then save once more',
      },
    ]
  }
  if (error.code !== 'INVALID_ARGUMENT' && error.code !== 'FAILED_PRECONDITION') throw error
  if (error.violations.length === 0) return [{ field: 'form', text: sentence(error.message) }]
  return error.violations.map(({ field, description }) => ({
    field: field.replace(/^judgement\./, ''),
    text: sentence(description),
  }))
}
