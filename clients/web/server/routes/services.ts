// The services directory: where people can turn, for everybody; and its upkeep, for those who keep it.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { SupportService, SupportService__Output } from '../../generated/marac/v1/SupportService.js'
import { bodyOf, holds, localsOf, nameOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { idOfField, type FieldError, type Raw } from '../forms/fields.js'
import { errorsOf, formOf, rawOfService, serviceFrom } from '../forms/service.js'
import { genders, grades, groupsOf, servicesOf, viewOf } from '../services/servicesDirectory.js'
import { urls } from '../urls.js'

export function serviceRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('DirectoryService', 'GetService', { name: nameOf(req, context, 'services') })

  router.get(urls.services, async (req, res) => {
    const filter = filterOf(req)
    const services = await servicesOf(localsOf(res).marac, config.area, {
      age: filter.age,
      gender: genders[filter.gender - 1]?.value ?? 'SERVICE_GENDER_UNSPECIFIED',
      grade: grades[filter.grade - 1]?.value ?? 'GRADE_UNSPECIFIED',
      include_retired: keeps(res),
    })
    res.render('pages/services', {
      groups: groupsOf(services.filter(({ retired }) => !retired)),
      retired: services.filter(({ retired }) => retired),
      filter,
      isFiltered: filter.age + filter.gender + filter.grade > 0,
      genders,
      grades,
      keeps: keeps(res),
    })
  })

  // --- Upkeep --------------------------------------------------------------------------------------------------

  router.get(urls.newService, onlyKeepers, (_req, res) => {
    const raw = rawOfService({})
    res.render('pages/service-edit', { form: formOf(raw), requestId: randomUUID() })
  })

  router.post(urls.newService, async (req, res) => {
    const body = bodyOf(req)
    const requestId = one(body, 'request_id')
    await save(req, res, { requestId }, (service) =>
      localsOf(res).marac.call('DirectoryService', 'CreateService', {
        parent: config.area,
        service,
        request_id: requestId, // A second click adds no second entry.
      }),
    )
  })

  router.get('/services/:id', async (req, res) => {
    res.render('pages/service', { view: viewOf(await load(req, res)), keeps: keeps(res) })
  })

  router.get('/services/:id/edit', onlyKeepers, async (req, res) => {
    const service = await load(req, res)
    res.render('pages/service-edit', { service, form: formOf(rawOfService(service)) })
  })

  router.post('/services/:id/edit', async (req, res) => {
    const present = await load(req, res)
    await save(req, res, { service: present }, (service) =>
      localsOf(res).marac.call('DirectoryService', 'UpdateService', {
        service: {
          ...service,
          name: present.name,
          etag: one(bodyOf(req), 'etag'),
          retired: present.retired,
        },
      }),
    )
  })

  router.get('/services/:id/retire', onlyKeepers, async (req, res) => {
    res.render('pages/service-retire', { view: viewOf(await load(req, res)) })
  })

  router.post('/services/:id/retire', async (req, res) => {
    const service = await load(req, res)
    const retired = one(bodyOf(req), 'retired') === 'yes'
    // Sent twice: it is as it was asked to be.
    if (service.retired !== retired) {
      await localsOf(res).marac.call('DirectoryService', 'UpdateService', {
        service: { ...service, etag: one(bodyOf(req), 'etag'), retired },
      })
    }
    res.redirect(303, retired ? urls.services : urls.service(service.name))
  })

  async function save(
    req: Request,
    res: Response,
    page: { service?: SupportService__Output; requestId?: string },
    call: (service: SupportService) => Promise<SupportService__Output>,
  ): Promise<void> {
    const sent = serviceFrom(bodyOf(req))
    const again = (status: number, errors: FieldError[], more: object = {}) => {
      res.status(status).render('pages/service-edit', { ...page, ...formWith(sent.raw, errors), ...more })
    }
    if (sent.errors.length > 0) return again(400, sent.errors)
    try {
      const kept = await call(sent.service)
      res.redirect(303, urls.service(kept.name))
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (error.code === 'INVALID_ARGUMENT' && error.violations.length > 0) {
        return again(400, errorsOf(error.violations, sent.rows))
      }
      if (error.code !== 'ABORTED') throw error
      const text =
        'Somebody changed this service in the meantime. It is shown as it is now, above what you typed'
      return again(409, [{ field: 'present', text }], { present: page.service && viewOf(page.service) })
    }
  }

  return router
}

const keeps = (res: Response): boolean => holds(res, 'ROLE_ADMIN', 'ROLE_COORDINATOR')

// Saying so here spares people a form that maracd would refuse.
function onlyKeepers(_req: Request, res: Response, next: () => void): void {
  if (!keeps(res)) throw new MaracError('PERMISSION_DENIED', 'not for this role')
  next()
}

const formWith = (raw: Raw, errors: FieldError[]) => ({
  form: formOf(raw, errors),
  errors: errors.map(({ field, text }) => ({ href: `#${idOfField(field)}`, text })),
})

// An address stays in the browser's history: it says numbers, and not what they are of.
function filterOf(req: Request): { age: number; gender: number; grade: number } {
  const number = (name: string) => {
    const value = req.query[name]
    return typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : 0
  }
  return { age: number('a'), gender: number('g'), grade: number('r') }
}
