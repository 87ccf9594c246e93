// Pilots: whether a form comes to the same as another. A coordinator plans and pairs, and does not see what comes of it;
// the steering group sees that, and no assessment.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { Pilot__Output } from '../../generated/marac/v1/Pilot.js'
import type { PilotIncident } from '../../generated/marac/v1/PilotIncident.js'
import type { PilotOrder } from '../../generated/marac/v1/PilotOrder.js'
import type { PilotPlan__Output } from '../../generated/marac/v1/PilotPlan.js'
import type { YesNo } from '../../generated/marac/v1/YesNo.js'
import { bodyOf, holds, localsOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import type { Field, FieldError, Option } from '../forms/fields.js'
import {
  linksOf,
  planErrors,
  planFrom,
  planView,
  rawOfPlan,
  type PlanChoices,
  type SentPlan,
} from '../forms/pilotPlan.js'
import { onlyFor } from '../middleware/onlyFor.js'
import { choicesOf, instrumentsOf } from '../services/assessmentForms.js'
import { refusal } from '../services/dataFile.js'
import { sendForm, showForm, textOf, type FormPage } from '../services/formPage.js'
import { rulesOf, rulesOptions } from '../services/gradingRules.js'
import { listWhole } from '../services/lists.js'
import { exportAsCsv, reportView } from '../services/pilotReport.js'
import { incidentKinds, pilotsOf, pilotView, titleOfForms } from '../services/pilots.js'
import { idOf, urls } from '../urls.js'
import { dayInWords } from '../utils/format.js'
import { fieldErrors } from './assessments.js'

export function pilotRoutes({ config }: Context): Router {
  const router = Router()
  const { area } = config

  router.use(urls.pilots, onlyFor('ROLE_COORDINATOR', 'ROLE_STEERING_GROUP'))
  const plans = onlyFor('ROLE_COORDINATOR')
  const reads = onlyFor('ROLE_STEERING_GROUP')

  const load = async (req: Request, res: Response): Promise<Pilot__Output> => {
    const found = (await pilotsOf(localsOf(res).marac, area)).find(
      ({ name }) => idOf(name) === req.params['id'],
    )
    if (!found) throw new MaracError('NOT_FOUND', 'no such pilot')
    return found
  }

  router.get(urls.pilots, async (_req, res) => {
    const { marac } = localsOf(res)
    const [pilots, titleOf] = await Promise.all([pilotsOf(marac, area), titleOfForms(marac, area)])
    res.render('pages/pilots', {
      pilots: pilots.map((pilot) => pilotView(pilot, titleOf)),
      plans: holds(res, 'ROLE_COORDINATOR'),
    })
  })

  // --- The plan -------------------------------------------------------------------------------------------------

  const choicesFor = async (res: Response): Promise<PlanChoices> => {
    const { marac } = localsOf(res)
    const [forms, rules] = await Promise.all([instrumentsOf(marac, area), rulesOf(marac, area)])
    return {
      instruments: choicesOf(forms).map(({ instrument, text }) => ({ value: instrument, text })),
      policies: rulesOptions(rules),
    }
  }

  const showPlan = (
    res: Response,
    choices: PlanChoices,
    page: { pilot?: Pilot__Output; raw: SentPlan['raw']; errors?: FieldError[]; rows?: number },
  ) => {
    const { pilot, raw, errors = [], rows } = page
    res.status(errors.length > 0 ? 400 : 200).render('pages/pilot-plan', {
      pilot,
      view: planView(choices, raw, errors, rows),
      errors: linksOf(choices, errors),
      requestId: randomUUID(),
    })
  }

  const savePlan = async (req: Request, res: Response, pilot?: Pilot__Output) => {
    const { marac } = localsOf(res)
    const choices = await choicesFor(res)
    const body = bodyOf(req)
    const sent = planFrom(choices, body)
    const again = (errors: FieldError[], rows?: number) =>
      showPlan(res, choices, {
        ...(pilot ? { pilot } : {}),
        raw: sent.raw,
        errors,
        ...(rows ? { rows } : {}),
      })
    if (one(body, 'then') === 'rule') return again([], Number(one(body, 'rows')) + 1 || 0)
    if (sent.errors.length > 0) return again(sent.errors)
    try {
      const kept = await marac.call('PilotService', 'RegisterPilot', {
        parent: area,
        name: pilot?.name ?? '',
        etag: pilot ? one(body, 'etag') : '',
        // What the form does not ask stays as it is.
        plan: {
          ...sent.plan,
          practice: pilot?.plan?.practice ?? [],
          contradictions: pilot?.plan?.contradictions ?? [],
        },
        request_id: one(body, 'request_id'), // A second click registers no second one.
      })
      res.redirect(303, urls.pilot(kept.name))
    } catch (error) {
      again(planErrors(choices, fieldErrors(error), sent.rows))
    }
  }

  router.get(urls.newPilot, plans, async (_req, res) => {
    const choices = await choicesFor(res)
    showPlan(res, choices, { raw: rawOfPlan(choices) })
  })

  router.post(urls.newPilot, plans, (req, res) => savePlan(req, res))

  router.get('/pilots/:id/plan', plans, async (req, res) => {
    const [pilot, choices] = await Promise.all([load(req, res), choicesFor(res)])
    showPlan(res, choices, { pilot, raw: rawOfPlan(choices, pilot.plan ?? undefined) })
  })

  router.post('/pilots/:id/plan', plans, async (req, res) => savePlan(req, res, await load(req, res)))

  router.get('/pilots/:id', async (req, res) => {
    const [pilot, titleOf] = await Promise.all([load(req, res), titleOfForms(localsOf(res).marac, area)])
    res.render('pages/pilot', {
      view: pilotView(pilot, titleOf),
      plans: holds(res, 'ROLE_COORDINATOR'),
      reads: holds(res, 'ROLE_STEERING_GROUP'),
      done: req.query['done'],
    })
  })

  // --- Pairs ----------------------------------------------------------------------------------------------------

  const pairPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const { marac } = localsOf(res)
    const pilot = await load(req, res)
    const { plan } = pilot
    const assessments = await listWhole(
      (page) => marac.call('AssessmentService', 'ListAssessments', { parent: area, ...page }),
      'assessments',
    )
    const isCrossover = plan?.design === 'PILOT_DESIGN_CROSSOVER'
    const side = (path: string, instrument: string | undefined, label: string): Field[] => [
      {
        path,
        kind: 'select',
        label,
        hint: instrument ?? '',
        options: [
          { value: '', text: 'Choose one, or give its address below' },
          ...assessments.filter((one) => plan && isFor(plan, instrument, one)).map(optionFor),
        ],
      },
      {
        path: `${path}_address`,
        kind: 'string',
        label: 'Or its address',
        hint: 'Whoever took it can send you the address of its page. You can pair it without seeing it',
        autocomplete: 'off',
      },
    ]
    const order: Option[] = [
      ...(isCrossover ? [] : [{ value: 'PILOT_ORDER_SAME_TALK', text: 'Both are from the same talk' }]),
      { value: 'PILOT_ORDER_REFERENCE_FIRST', text: 'The usual form' },
      { value: 'PILOT_ORDER_VARIANT_FIRST', text: 'The piloted form' },
    ]
    return {
      title: 'Pair two assessments',
      caption: plan?.title ?? '',
      intro: `Two assessments of one occasion, both finished and not changed since. A pair cannot be taken back, and the first one fixes the plan. So far ${pilot.pairs} of ${plan?.looks.at(-1) ?? 0} are recorded.`,
      fields: [
        ...side('reference', plan?.reference_instrument, 'Assessment on the usual form'),
        ...side('variant', plan?.variant_instrument, 'Assessment on the piloted form'),
        { path: 'order', kind: 'choice', label: 'Which came first?', options: order },
        isCrossover
          ? {
              path: 'person_agreed',
              kind: 'yesno',
              label: 'Did the person agree to be asked twice?',
              unknowns: [],
            }
          : {
              path: 'blind',
              kind: 'yesno',
              label: 'Was the second completed by somebody who had not seen the first?',
              unknowns: [],
            },
      ],
      now: {},
      etag: '',
      nav: 'forms',
      back: { text: 'Pilot', href: urls.pilot(pilot.name) },
      submit: 'Record the pair',
    }
  }

  router.get('/pilots/:id/pair', plans, async (req, res) => {
    showForm(res, await pairPage(req, res)())
  })

  router.post('/pilots/:id/pair', plans, async (req, res) => {
    const { name } = await load(req, res)
    const sent = await sendForm(req, res, pairPage(req, res), async (typed, { request_id }) => {
      const chosen = (path: string) => {
        const id = textOf(typed[path]) || idIn(textOf(typed[`${path}_address`]))
        if (id === '') throw refusal(path, 'Choose an assessment, or give the address of its page')
        return `${area}/assessments/${id}`
      }
      const pair = { reference: chosen('reference'), variant: chosen('variant') }
      await pairing(pair, () =>
        localsOf(res).marac.call('PilotService', 'PairAssessments', {
          pilot: name,
          ...pair,
          order: (textOf(typed['order']) || 'PILOT_ORDER_UNSPECIFIED') as PilotOrder,
          blind: (textOf(typed['blind']) || 'YES_NO_UNSPECIFIED') as YesNo,
          person_agreed: (textOf(typed['person_agreed']) || 'YES_NO_UNSPECIFIED') as YesNo,
          request_id,
        }),
      )
    })
    if (sent) res.redirect(303, `${urls.pilot(name)}?done=paired`)
  })

  // --- What went wrong ------------------------------------------------------------------------------------------

  const incidentPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const pilot = await load(req, res)
    return {
      title: 'Record something that went wrong',
      caption: pilot.plan?.title ?? '',
      intro:
        'The steering group reads it and says what comes of it. Write no names, and nothing that tells who it was.',
      fields: [
        { path: 'incident.kind', kind: 'choice', label: 'What was it?', options: incidentKinds },
        { path: 'incident.day', kind: 'day', label: 'The day of it' },
        {
          path: 'incident.text',
          kind: 'longstring',
          label: 'What happened',
          hint: 'And what was done at once, without names',
        },
      ],
      now: {},
      etag: '',
      nav: 'forms',
      back: { text: 'Pilot', href: urls.pilot(pilot.name) },
      submit: 'Record it',
    }
  }

  router.get('/pilots/:id/incident', plans, async (req, res) => {
    showForm(res, await incidentPage(req, res)())
  })

  router.post('/pilots/:id/incident', plans, async (req, res) => {
    const { name } = await load(req, res)
    const sent = await sendForm(req, res, incidentPage(req, res), async (typed, { request_id }) => {
      const incident = typed['incident'] as PilotIncident
      if (!incident.kind) throw refusal('incident.kind', 'Choose what it was')
      await localsOf(res).marac.call('PilotService', 'RecordPilotIncident', { name, incident, request_id })
    })
    if (sent) res.redirect(303, `${urls.pilot(name)}?done=recorded`)
  })

  const findingPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const pilot = await load(req, res)
    const incident = pilot.incidents.find(({ id }) => id === req.params['incident'])
    if (!incident) throw new MaracError('NOT_FOUND', 'no such incident')
    return {
      title: 'Say what comes of it',
      caption: pilot.plan?.title ?? '',
      intro: `${dayInWords(incident.day)}: ${incident.text}`,
      fields: [
        {
          path: 'finding',
          kind: 'longstring',
          label: 'What was found',
          hint: 'And what is changed because of it, without names',
        },
      ],
      now: {},
      etag: '',
      nav: 'pilots',
      back: { text: 'Pilot', href: urls.pilot(pilot.name) },
      submit: 'Save',
    }
  }

  router.get('/pilots/:id/incidents/:incident', reads, async (req, res) => {
    showForm(res, await findingPage(req, res)())
  })

  router.post('/pilots/:id/incidents/:incident', reads, async (req, res) => {
    const { name } = await load(req, res)
    const sent = await sendForm(req, res, findingPage(req, res), ({ finding }, { request_id }) =>
      localsOf(res).marac.call('PilotService', 'ReviewPilotIncident', {
        name,
        incident: one(req.params, 'incident'),
        finding: textOf(finding),
        request_id,
      }),
    )
    if (sent) res.redirect(303, `${urls.pilot(name)}?done=reviewed`)
  })

  // --- What it shows --------------------------------------------------------------------------------------------

  router.get('/pilots/:id/report', reads, async (req, res) => {
    const { marac } = localsOf(res)
    const pilot = await load(req, res)
    const [report, forms, titleOf] = await Promise.all([
      marac.call('PilotService', 'GetPilotReport', { name: pilot.name }),
      instrumentsOf(marac, area),
      titleOfForms(marac, area),
    ])
    const about = [...forms.installed.flatMap(({ about: one }) => one ?? []), ...forms.builtIn].find(
      ({ instrument }) => instrument === pilot.plan?.variant_instrument,
    )
    res.render('pages/pilot-report', {
      pilot,
      report: reportView(report, pilot, titleOf, about?.equivalence_status),
    })
  })

  router.get('/pilots/:id/export', reads, async (req, res) => {
    res.render('pages/pilot-export', { pilot: await load(req, res) })
  })

  // By a form, as everything that wants a proof of who somebody is; and no browser asks for it by itself.
  router.post('/pilots/:id/export', reads, async (req, res) => {
    const { name } = await load(req, res)
    const exported = await localsOf(res).marac.call('PilotService', 'ExportPilot', { name })
    if (one(bodyOf(req), 'format') === 'csv') {
      res.attachment('pilot.csv').send(exportAsCsv(exported))
    } else {
      res.attachment('pilot.json').send(`${JSON.stringify(exported, null, 2)}\n`)
    }
  })

  return router
}

const dayNumber = (day: { year?: number; month?: number; day?: number } | null | undefined): number =>
  (day?.year ?? 0) * 10_000 + (day?.month ?? 0) * 100 + (day?.day ?? 0)

// Only so that nobody looks through what can be no pair: what is one is maracd's to say.
const isFor = (plan: PilotPlan__Output, instrument: string | undefined, one: Assessment__Output): boolean =>
  one.instrument === instrument &&
  one.policy === plan.policy &&
  one.edition <= 1 &&
  one.state !== 'ASSESSMENT_STATE_DRAFT' &&
  dayNumber(plan.first_day) <= dayNumber(one.assessment_date) &&
  dayNumber(one.assessment_date) <= dayNumber(plan.last_day)

const optionFor = ({ name, victim, assessment_date }: Assessment__Output): Option => ({
  value: idOf(name),
  text: `${victim?.name?.value || victim?.description?.value || 'Name not known'}, ${dayInWords(assessment_date)}`,
})

/** Of an address, or what stands for it: "https://.../assessments/x/result" -> "x". */
const idIn = (address: string): string =>
  /^(?:.*\/)?assessments\/([A-Za-z0-9_-]+)(?:[/?#].*)?$/.exec(address)?.[1] ??
  /^[A-Za-z0-9_-]+$/.exec(address)?.[0] ??
  ''

/** What keeps two assessments from being a pair, at the one that it is about. */
async function pairing(
  pair: { reference: string; variant: string },
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof MaracError)) throw error
    if (error.code === 'NOT_FOUND') {
      throw refusal(
        error.message.includes(pair.variant) ? 'variant' : 'reference',
        'There is no such assessment, or it is kept from you',
      )
    }
    const violations = error.violations.map(({ field, description }) => ({
      field: field === 'pair' ? 'reference' : field.replace(/^pair\./, ''),
      description,
    }))
    throw new MaracError(error.code, error.message, error.reason, violations)
  }
}
