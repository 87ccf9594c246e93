// A referral that came by post, telephone or email: the coordinator says whose it is, and goes on with the ordinary
// forms. It counts from when it came.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Referral } from '../../generated/marac/v1/Referral.js'
import { bodyOf, holds, localsOf, one, queried, type Context } from '../context.js'
import {
  apply,
  idOfField,
  isEmpty,
  rawFrom,
  rawOf,
  viewsOf,
  type Field,
  type FieldError,
  type Raw,
} from '../forms/fields.js'
import { differences } from '../forms/referral.js'
import { referrerFields } from '../forms/sections.js'
import { listsOf } from '../services/area.js'
import { dropKept, findKept } from '../services/kept.js'
import { urls } from '../urls.js'
import { fieldErrors } from './assessments.js'

export function entryRoutes({ config }: Context): Router {
  const router = Router()
  const fieldsFor = async (res: Response) =>
    referrerFields(await listsOf(localsOf(res).marac, config.area), true)

  const show = (
    res: Response,
    fields: Awaited<ReturnType<typeof fieldsFor>>,
    page: { raw: Raw; urgent: string; requestId: string; errors?: FieldError[] },
  ) => {
    const errors = page.errors ?? []
    res.status(errors.length > 0 ? 400 : 200).render('pages/triage-enter', {
      fields: viewsOf(fields, page.raw, errors),
      urgent: page.urgent,
      requestId: page.requestId,
      keepAs: urls.triageEntry,
      errors: errors.map((error) => ({ ...error, href: `#${idOfField(error.field)}` })),
    })
  }

  /** Offers what was typed here and not saved, or goes on with it; tells whether there was anything. */
  const showKept = async (req: Request, res: Response, fields: Field[]): Promise<boolean> => {
    const { marac } = localsOf(res)
    const kept = await findKept(marac, urls.triageEntry)
    if (!kept) return false
    const raw = rawFrom(fields, kept.body)
    const urgent = one(kept.body, 'urgent')
    if (isEmpty(raw) && urgent === '') {
      await dropKept(marac, urls.triageEntry)
      return false
    }
    if (queried(req, 'kept') === 'yes') {
      show(res, fields, { raw, urgent, requestId: randomUUID() })
    } else {
      const rows = differences(fields, rawOf(fields, {}), raw)
      const title = 'Enter a referral that came another way'
      res.render('pages/kept', { nav: 'triage', title, rows, time: kept.time, path: urls.triageEntry })
    }
    return true
  }

  router.get(urls.triageEntry, async (req, res) => {
    if (!holds(res, 'ROLE_COORDINATOR')) return res.status(403).render('pages/not-allowed')
    const fields = await fieldsFor(res)
    if (await showKept(req, res, fields)) return
    show(res, fields, { raw: rawOf(fields, {}), urgent: '', requestId: randomUUID() })
  })

  router.post(urls.triageEntry, async (req, res) => {
    const body = bodyOf(req)
    const fields = await fieldsFor(res)
    const page = {
      raw: rawFrom(fields, body),
      urgent: one(body, 'urgent'),
      requestId: one(body, 'request_id'),
    }
    const referral: Referral = { urgent: page.urgent === 'yes', referrer: { on_behalf: true } }
    const errors = apply(fields, page.raw, {}, { referral })
    if (page.urgent !== 'yes' && page.urgent !== 'no') {
      errors.push({ field: 'urgent', text: 'Say whether it can wait until everything is filled in' })
    }
    if (errors.length > 0) return show(res, fields, { ...page, errors })
    let name: string
    try {
      const saved = await localsOf(res).marac.call('ReferralService', 'SaveDraft', {
        parent: config.area,
        referral,
        request_id: page.requestId,
      })
      name = saved.name
      await dropKept(localsOf(res).marac, urls.triageEntry)
    } catch (error) {
      return show(res, fields, { ...page, errors: fieldErrors(error) })
    }
    res.redirect(303, page.urgent === 'yes' ? urls.section(name, 'urgent') : urls.referral(name))
  })

  return router
}
