// Taking an assessment: who, the questions all at once or one a page, the result for the practitioner, and signing.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { Judgement } from '../../generated/marac/v1/Judgement.js'
import type { Party } from '../../generated/marac/v1/Party.js'
import {
  bodyOf,
  callerOf,
  holds,
  localsOf,
  nameOf,
  one,
  queried,
  wantsJson,
  type Body,
  type Context,
} from '../context.js'
import { MaracError, stepUpNeeded } from '../data/index.js'
import { currencies, isAnswered, itemView, sources } from '../forms/answers.js'
import {
  apply,
  idOfField,
  rawFrom,
  rawOf,
  viewsOf,
  withLabels,
  type Field,
  type FieldError,
  type Raw,
} from '../forms/fields.js'
import {
  judgementFields,
  judgementFrom,
  placeOf,
  recordOf,
  type JudgementFields,
} from '../forms/judgement.js'
import { marksOf, merge } from '../forms/merge.js'
import { closest, differences } from '../forms/referral.js'
import { keptAnswers, saveAnswers, type Saved } from '../services/answering.js'
import { dropKept, findKept, keep, typedIn } from '../services/kept.js'
import { accountsOf } from '../services/directory.js'
import { olderAt, orNone } from '../services/lists.js'
import { createReferral } from '../services/newReferral.js'
import { awaitedSupervisor } from '../services/supervision.js'
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

export function assessmentRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const nameIn = (req: Request) => nameOf(req, context, 'assessments')
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('AssessmentService', 'GetAssessment', { name: nameIn(req) })
  const packOf = (res: Response, instrument: string) =>
    localsOf(res).marac.call('AssessmentService', 'GetInstrument', { instrument, area: config.area })

  /** The area's own form in easy words; nothing where the area has none. */
  const easyReadOf = async (res: Response): Promise<InstrumentPack__Output | undefined> => {
    try {
      return await localsOf(res).marac.call('AssessmentService', 'GetInstrument', {
        area: config.area,
        presentation: 'PRESENTATION_EASY_READ',
      })
    } catch (error) {
      if (error instanceof MaracError && error.code === 'NOT_FOUND') return undefined
      throw error
    }
  }

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

  /** The signed assessment that a new one is to review; nothing where none is named. */
  const reviewedBy = async (res: Response, id: string): Promise<Assessment__Output | undefined> =>
    /^[A-Za-z0-9-]+$/.test(id)
      ? localsOf(res).marac.call('AssessmentService', 'GetAssessment', {
          name: `${config.area}/assessments/${id}`,
        })
      : undefined

  router.get(urls.newAssessment, async (req, res) => {
    const [pack, easy, reviewed] = await Promise.all([
      packOf(res, ''),
      easyReadOf(res),
      reviewedBy(res, queried(req, 'reviews')),
    ])
    res.render('pages/assessment-new', {
      pack,
      easy,
      reviewed,
      fields: viewsOf(who, rawOf(who, reviewed ?? {})),
      view: 'all',
      requestId: randomUUID(),
    })
  })

  router.post(urls.newAssessment, async (req, res) => {
    const body = bodyOf(req)
    const record: { victim: Party; perpetrators: Party[] } = { victim: {}, perpetrators: [] }
    const raw = rawFrom(who, body)
    const view = ['one', 'tablet'].find((known) => known === one(body, 'view')) ?? 'all'
    const reviewed = await reviewedBy(res, one(body, 'reviews'))
    // Only the first of those whom the person fears is on the form; the others stay as they were.
    if (reviewed) record.perpetrators = structuredClone(reviewed.perpetrators)
    if (reviewed?.victim) record.victim = structuredClone(reviewed.victim)
    const errors = apply(who, raw, rawOf(who, record), record)
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
          ...(reviewed ? { reviews: reviewed.name } : {}),
          ...(view === 'tablet' ? { presentation: 'PRESENTATION_EASY_READ' as const } : {}),
        })
        const first = {
          all: urls.questions,
          one: (name: string) => urls.question(name, 1),
          tablet: urls.tablet,
        }
        res.redirect(303, first[view as keyof typeof first](assessment.name))
        return
      } catch (error) {
        errors.push(...fieldErrors(error).map((one) => ({ ...one, field: closest(who, one.field) })))
      }
    }
    const [pack, easy] = await Promise.all([packOf(res, ''), easyReadOf(res)])
    const named = withLabels(who, errors)
    res.status(400).render('pages/assessment-new', {
      pack,
      easy,
      reviewed,
      fields: viewsOf(who, raw, named),
      errors: named.map(({ field, text }) => ({ text, href: `#${idOfField(field)}` })),
      view,
      requestId: randomUUID(),
    })
  })

  const showPeople = (
    res: Response,
    assessment: Assessment__Output,
    raw: Raw = rawOf(who, assessment),
    errors: FieldError[] = [],
  ) => {
    const named = withLabels(who, errors)
    res.status(errors.length > 0 ? 400 : 200).render('pages/assessment-people', {
      assessment,
      fields: viewsOf(who, raw, named),
      errors: named.map(({ field, text }) => ({ text, href: `#${idOfField(field)}` })),
    })
  }

  router.get('/assessments/:id/people', async (req, res) => {
    showPeople(res, await load(req, res))
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
        errors.push(...fieldErrors(error).map((one) => ({ ...one, field: closest(who, one.field) })))
      }
    }
    showPeople(res, assessment, raw, errors)
  })

  router.get('/assessments/:id', async (req, res) => {
    const assessment = await load(req, res)
    const pack = await packOf(res, assessment.instrument)
    res.render('pages/assessment', {
      assessment,
      pack,
      people: viewsOf(who, rawOf(who, assessment)),
      labels: Object.fromEntries((assessment.review?.choices ?? []).map(({ code, label }) => [code, label])),
      next: firstOpen(pack, assessment),
      mayMark: !assessment.entered_in_error && isMarkedBy(res, assessment),
    })
  })

  // --- Questions -------------------------------------------------------------------------------------------------

  const showAll = (res: Response, pack: InstrumentPack__Output, { assessment, typed, errors }: Saved) => {
    res.status(errors.length > 0 ? 400 : 200).render('pages/questions', {
      keepAs: urls.questions(assessment.name),
      assessment,
      pack,
      sources,
      currencies,
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
      currencies,
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

  interface Typed {
    raw: Raw
    errors?: FieldError[]
    both?: ReturnType<typeof differences> | undefined
  }

  const fieldsOf = async (res: Response, assessment: Assessment__Output): Promise<JudgementFields> => {
    const agency = callerOf(res).account?.agency ?? ''
    const accounts = await orNone(accountsOf(localsOf(res).marac, config.area, agency), [])
    const supervisors = accounts.filter(
      ({ name, roles }) =>
        name !== assessment.assessor && roles.some(({ role }) => role === 'ROLE_SUPERVISOR'),
    )
    return judgementFields(
      assessment,
      supervisors.map(({ name, display_name }) => ({ value: name, text: display_name })),
    )
  }

  const showResult = async (res: Response, assessment: Assessment__Output, typed?: Typed) => {
    // It comes to nothing; its page says why.
    if (!assessment.result) return res.redirect(303, urls.assessment(assessment.name))
    const pack = await packOf(res, assessment.instrument)
    const fields = await fieldsOf(res, assessment)
    const saved = savedOf(fields, assessment)
    const raw = typed?.raw ?? saved
    const all = Object.values(fields).flat()
    const errors = withLabels(all, typed?.errors ?? [])
    const isGiven = (some: Field[]) =>
      some.some(({ path }) => raw[path] || errors.some((e) => e.field === path))
    const closed = isClosed(assessment)
    res.status(errors.length > 0 || typed?.both ? 400 : 200).render('pages/result', {
      keepAs: urls.result(assessment.name),
      assessment,
      pack,
      result: assessment.result,
      closed,
      waits: awaitedSupervisor(assessment) !== '',
      notAsked: pack.items.filter(({ code }) => !isAnswered(answerOf(assessment, code))),
      views: Object.fromEntries(
        Object.entries(fields).map(([name, some]) => [name, viewsOf(some, raw, errors)]),
      ),
      stops: isGiven(fields.stop),
      refersNot: isGiven(fields.sign),
      // What this form shows, by which a save notices what somebody else saved since.
      marks: closed ? '' : marksOf(saved),
      both: closed ? undefined : typed?.both,
      // Nothing can be changed any more; what was typed is still there to be read and copied.
      late: closed ? differences(judged(fields), saved, raw) : [],
      errors: errors.map(({ field, text }) => ({
        text,
        href: all.some(({ path }) => path === field)
          ? `#${idOfField(field)}`
          : field === 'answers'
            ? urls.questions(assessment.name)
            : '#main-content',
      })),
    })
  }

  /** What was typed, put together with what others saved since its form was made. */
  const typedInto = async (res: Response, assessment: Assessment__Output, body: Body) => {
    const fields = await fieldsOf(res, assessment)
    const saved = savedOf(fields, assessment)
    const sent = rawFrom(Object.values(fields).flat(), body)
    const { raw, conflicts } = merge(one(body, 'marks'), saved, sent)
    const inBoth = judged(fields).filter(({ path }) => conflicts.includes(path))
    const record = recordOf(assessment.judgement)
    const errors = apply(judged(fields), raw, saved, record)
    return {
      raw,
      both: inBoth.length > 0 ? differences(inBoth, saved, raw) : undefined,
      judgement: judgementFrom(record),
      errors,
      isChanged: judged(fields).some(({ path }) => raw[path] !== saved[path]),
      isTyped: Object.keys(raw).some((name) => raw[name] !== saved[name]),
      rows: () => differences(Object.values(fields).flat(), saved, raw),
    }
  }

  /** Saves the judgement; tells what it came to, having shown the page again where it was not saved. */
  const complete = async (
    res: Response,
    assessment: Assessment__Output,
    body: Body,
    stop_reason = '',
  ): Promise<Assessment__Output | undefined> => {
    const { marac } = localsOf(res)
    const { raw, both, judgement, errors } = await typedInto(res, assessment, body)
    if (!both && errors.length === 0) {
      try {
        const saved = await marac.call('AssessmentService', 'CompleteAssessment', {
          name: assessment.name,
          etag: assessment.etag,
          judgement,
          stop_reason,
        })
        // Why there is no referral is saved by the signature alone: until then it stays kept.
        const path = urls.result(assessment.name)
        if (waits(body)) await keep(marac, { path, body: waiting(body), sent: false })
        else await dropKept(marac, path)
        return saved
      } catch (error) {
        errors.push(...fieldErrors(error).map((one) => placeOf(one, judgement)))
      }
    }
    await showResult(res, assessment, { raw, both, errors })
    return undefined
  }

  router.get('/assessments/:id/result', async (req, res) => {
    const { marac } = localsOf(res)
    const assessment = await load(req, res)
    const kept = await findKept(marac, req.path)
    if (!kept) return showResult(res, assessment)
    const { raw, both, isTyped, rows } = await typedInto(res, assessment, kept.body)
    if (!isTyped) {
      await dropKept(marac, req.path)
      return showResult(res, assessment)
    }
    if (queried(req, 'kept') === 'yes') return showResult(res, assessment, { raw, both })
    const title = 'What the answers come to'
    res.render('pages/kept', { nav: 'assessments', title, rows: rows(), time: kept.time, path: req.path })
  })

  router.post('/assessments/:id/complete', async (req, res) => {
    const body = bodyOf(req)
    const completed = await complete(res, await load(req, res), body)
    if (!completed) return
    if (one(body, 'then') === 'refer') return refer(res, completed, false)
    res.redirect(303, `${urls.result(completed.name)}${waits(body) ? '?kept=yes' : ''}`)
  })

  router.post('/assessments/:id/sign', async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    let assessment = await load(req, res)
    if (assessment.state === 'ASSESSMENT_STATE_SIGNED') return res.redirect(303, urls.result(assessment.name))
    const { raw, both, isChanged } = await typedInto(res, assessment, body)
    // Nobody signs what they have not seen.
    if (both || one(body, 'etag') !== assessment.etag) {
      const text = 'This was changed since you opened it. Look at it as it is now, and then sign'
      return showResult(res, assessment, { raw, both, errors: [{ field: 'changed', text }] })
    }
    if (isChanged) {
      const completed = await complete(res, assessment, body)
      if (!completed) return
      assessment = completed
    }
    const text = String(raw['non_referral.text'] ?? '')
    try {
      await marac.call('AssessmentService', 'SignAssessment', {
        name: assessment.name,
        etag: assessment.etag,
        ...(text === ''
          ? {}
          : {
              non_referral: {
                reason_code: 'IN_WORDS',
                text,
                supervisor: String(raw['non_referral.supervisor'] ?? ''),
              },
            }),
      })
    } catch (error) {
      return showResult(res, assessment, { raw, errors: fieldErrors(error).map((one) => placeOf(one)) })
    }
    await dropKept(marac, urls.result(assessment.name))
    res.redirect(303, urls.result(assessment.name))
  })

  router.post('/assessments/:id/stop', async (req, res) => {
    const body = bodyOf(req)
    const assessment = await load(req, res)
    const reason = one(body, 'stop_reason').trim()
    if (reason === '') {
      return showResult(res, assessment, {
        raw: (await typedInto(res, assessment, body)).raw,
        errors: [{ field: 'stop_reason', text: 'Say why you stop before the end' }],
      })
    }
    if (await complete(res, assessment, body, reason)) res.redirect(303, urls.result(assessment.name))
  })

  // At any moment: the score only rises, and nothing has to be finished first. What was typed beside the button goes
  // along into the referral, and waits on the page it was typed on.
  router.post('/assessments/:id/refer', async (req, res) => {
    const body = bodyOf(req)
    const assessment = await load(req, res)
    const { raw, judgement, isTyped } = await typedInto(res, assessment, body)
    const path = urls.result(assessment.name)
    if (isTyped && !(await keep(localsOf(res).marac, { path, body: typedIn(req), sent: false }))) {
      const text = 'What you typed could not be kept. Save it first, or shorten it, and then refer'
      return showResult(res, assessment, { raw, errors: [{ field: 'form', text }] })
    }
    await refer(res, assessment, one(body, 'urgent') === 'yes', { raw, judgement })
  })

  async function refer(
    res: Response,
    assessment: Assessment__Output,
    urgent: boolean,
    typed?: { raw: Raw; judgement: Judgement },
  ): Promise<void> {
    try {
      const referral = await createReferral(localsOf(res).marac, config.area, callerOf(res), {
        assessment: typed ? { ...assessment, judgement: typed.judgement } : assessment,
        urgent,
      })
      res.redirect(303, urgent ? urls.section(referral.name, 'urgent') : urls.referral(referral.name))
    } catch (error) {
      if (!(error instanceof MaracError && error.code === 'INVALID_ARGUMENT')) throw error
      const refused = fieldErrors(error).map(({ field, text }) => ({
        field: field.replace(/^referral\./, ''),
        text,
      }))
      // Asked for beside the questions, where what they come to is never shown (ACC-30).
      if (!typed) throw error
      const errors = refused.map(({ field, text }) => ({ field: typedAs[field] ?? field, text }))
      await showResult(res, assessment, { raw: typed.raw, errors })
    }
  }

  return router
}

const answerOf = (assessment: Assessment__Output, code: string) =>
  assessment.answers.find(({ item }) => item === code)

/** Whether it is for the reader to say that it should never have been; maracd decides. */
const isMarkedBy = (res: Response, { assessor, agency }: Assessment__Output): boolean => {
  const { account } = callerOf(res)
  return assessor === account?.name || (holds(res, 'ROLE_SUPERVISOR') && agency === account?.agency)
}

const isClosed = ({ state }: Assessment__Output): boolean =>
  state !== 'ASSESSMENT_STATE_DRAFT' && state !== 'ASSESSMENT_STATE_COMPLETED'

function firstOpen(pack: InstrumentPack__Output, assessment: Assessment__Output): number {
  return pack.items.find(({ code }) => !isAnswered(answerOf(assessment, code)))?.number ?? 1
}

const judged = ({ own, flags, steps }: JudgementFields): Field[] => [...own, ...flags, ...steps]

/** What is saved of the form; why it stops, or is not referred, is asked for anew each time. */
const savedOf = (fields: JudgementFields, { judgement }: Assessment__Output): Raw => ({
  ...rawOf(judged(fields), recordOf(judgement)),
  ...rawOf([...fields.stop, ...fields.sign], {}),
})

// Where the parts of a new referral come from.
const typedAs: Record<string, string> = {
  'reason.narrative': 'text',
  'criteria.judgement_text': 'text',
  'criteria.incident_days': 'report_days',
}

const waiting = (body: Body): Body =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name.startsWith('non_referral.')))
const waits = (body: Body): boolean => one(body, 'non_referral.text').trim() !== ''

/** What maracd said of fields, as errors of this form; anything else goes on to the error page. */
export function fieldErrors(error: unknown): FieldError[] {
  if (!(error instanceof MaracError)) throw error
  if (error.reason === stepUpNeeded) throw error // Nothing is wrong with the form: it goes on after the proof.
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
