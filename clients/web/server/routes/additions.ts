// What the referrer says on the telephone while a referral waits: the coordinator types what nobody has answered yet.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { ExcludedPerson } from '../../generated/marac/v1/ExcludedPerson.js'
import type { Referral, Referral__Output } from '../../generated/marac/v1/Referral.js'
import type { SafeContact } from '../../generated/marac/v1/SafeContact.js'
import { bodyOf, localsOf, nameOf, one, queried, type Context } from '../context.js'
import {
  apply,
  flat,
  idOfField,
  isEmpty,
  rawFrom,
  rawOf,
  viewsOf,
  type Field,
  type FieldError,
  type Raw,
} from '../forms/fields.js'
import { closest, differences, groupsOf, restOf } from '../forms/referral.js'
import { listsOf } from '../services/area.js'
import { isBlank } from '../services/draft.js'
import { dropKept, findKept } from '../services/kept.js'
import { urls } from '../urls.js'
import { fieldErrors } from './assessments.js'

const toldBy: Field = {
  path: 'told_by',
  kind: 'string',
  label: 'Who told you, and how',
  hint: 'For example, PC Shah, by telephone',
}

interface Part {
  heading: string
  fields: Field[]
}

/** What is given, and nothing else: people by the id that they have. */
interface Given {
  referral: Referral
  safe_contact: SafeContact
  excluded_people: ExcludedPerson[]
  told_by: string
}

export function additionRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('ReferralService', 'GetReferral', { name: nameOf(req, context, 'referrals') })

  const partsOf = async (res: Response, referral: Referral__Output, paths: string[]): Promise<Part[]> => {
    const groups = groupsOf(await listsOf(localsOf(res).marac, config.area), referral)
    return groups
      .flatMap(({ sections }) => sections)
      .flatMap((section) => restOf(section, referral))
      .map(({ heading, fields }) => ({
        heading,
        fields: fields.filter((field) => flat([field]).some(({ path }) => paths.includes(path))),
      }))
      .filter(({ fields }) => fields.length > 0)
  }

  const show = (
    res: Response,
    referral: Referral__Output,
    parts: Part[],
    page: { raw: Raw; paths: string[]; etag: string; requestId: string; errors?: FieldError[] },
  ) => {
    const errors = page.errors ?? []
    res.status(errors.length > 0 ? 400 : 200).render('pages/triage-add', {
      referral,
      told: viewsOf([toldBy], page.raw, errors)[0],
      parts: parts.map(({ heading, fields }) => ({ heading, fields: viewsOf(fields, page.raw, errors) })),
      paths: page.paths.join(' '),
      etag: page.etag,
      requestId: page.requestId,
      keepAs: urls.triageAdd(referral.name),
      errors: errors.map((error) => ({ ...error, href: `#${idOfField(error.field)}` })),
    })
  }

  /** Offers what was typed here and not saved, or goes on with it; tells whether there was anything. */
  const showKept = async (req: Request, res: Response, referral: Referral__Output): Promise<boolean> => {
    const { marac } = localsOf(res)
    const path = urls.triageAdd(referral.name)
    const kept = await findKept(marac, path)
    if (!kept) return false
    // The page that was shown, whatever is missing by now.
    const paths = one(kept.body, 'paths').split(' ')
    const parts = await partsOf(res, referral, paths)
    const fields = [toldBy, ...parts.flatMap((part) => part.fields)]
    const raw = rawFrom(fields, kept.body)
    if (isEmpty(raw)) {
      await dropKept(marac, path)
      return false
    }
    if (queried(req, 'kept') === 'yes') {
      show(res, referral, parts, { raw, paths, etag: referral.etag, requestId: randomUUID() })
    } else {
      const title = 'Add what you were told'
      const rows = differences(fields, rawOf(fields, {}), raw)
      res.render('pages/kept', { nav: 'triage', title, rows, time: kept.time, path })
    }
    return true
  }

  router.get('/triage/:id/add', async (req, res) => {
    const referral = await load(req, res)
    if (await showKept(req, res, referral)) return
    const paths = referral.missing_fields
    if (referral.state !== 'REFERRAL_STATE_SUBMITTED' || paths.length === 0) {
      return res.redirect(303, urls.triageOf(referral.name))
    }
    const parts = await partsOf(res, referral, paths)
    const raw = rawOf([toldBy, ...parts.flatMap(({ fields }) => fields)], {})
    show(res, referral, parts, { raw, paths, etag: referral.etag, requestId: randomUUID() })
  })

  router.post('/triage/:id/add', async (req, res) => {
    const referral = await load(req, res)
    const body = bodyOf(req)
    // The page that was shown, whatever is missing by now.
    const paths = one(body, 'paths').split(' ')
    const parts = await partsOf(res, referral, paths)
    const fields = [toldBy, ...parts.flatMap((part) => part.fields)]
    const raw = rawFrom(fields, body)
    const page = { raw, paths, etag: one(body, 'etag'), requestId: one(body, 'request_id') }
    const given: Given = { ...emptyFor(referral, page.etag), told_by: '' }
    const wrong = apply(fields, raw, {}, given)
    if (wrong.length > 0) return show(res, referral, parts, { ...page, errors: wrong })
    const people = given.excluded_people.filter((entry) => !isBlank(entry))
    try {
      await localsOf(res).marac.call('ReferralService', 'CompleteReferral', {
        referral: withoutBlank(given.referral),
        safe_contact: given.safe_contact,
        excluded_people: people,
        told_by: given.told_by,
        request_id: page.requestId,
      })
    } catch (error) {
      const errors = fieldErrors(error).map((one) => ({ ...one, field: closest(fields, one.field) }))
      // Somebody was quicker: what they gave stays, and the rest can be saved.
      const now = await load(req, res)
      return show(res, now, parts, { ...page, etag: now.etag, requestId: randomUUID(), errors })
    }
    await dropKept(localsOf(res).marac, urls.triageAdd(referral.name))
    res.redirect(303, `${urls.triageOf(referral.name)}#missing`)
  })

  return router
}

function emptyFor(referral: Referral__Output, etag: string): Omit<Given, 'told_by'> {
  const known = (parties: Referral__Output['children']) => parties.map(({ party_id }) => ({ party_id }))
  return {
    referral: {
      name: referral.name,
      etag,
      victim: { party_id: referral.victim?.party_id ?? '' },
      perpetrators: known(referral.perpetrators),
      children: known(referral.children),
    },
    safe_contact: {},
    excluded_people: [],
  }
}

/** Without entries that nobody filled in: a new one has no id. */
function withoutBlank(referral: Referral): Referral {
  const filled = (parties: Referral['children']) =>
    (parties ?? []).filter((party) => party.party_id || !isBlank(party))
  return {
    ...referral,
    perpetrators: filled(referral.perpetrators),
    children: filled(referral.children),
  }
}
