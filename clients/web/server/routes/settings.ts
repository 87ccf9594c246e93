// How the area works: its settings in words for everybody, who changed them, and their change by an administrator, who
// sees what it alters before it is made.
import { Router, type Request, type Response } from 'express'
import type { PreviewAreaResponse__Output } from '../../generated/marac/v1/PreviewAreaResponse.js'
import { bodyOf, holds, localsOf, one, queried, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { closest } from '../forms/referral.js'
import { rawFrom, rawOf } from '../forms/fields.js'
import {
  areaWith,
  changeView,
  fieldsOf,
  settingGroups,
  shownOf,
  type SettingGroup,
} from '../forms/settings.js'
import { onlyFor } from '../middleware/onlyFor.js'
import { agenciesOf, directoryOf } from '../services/directory.js'
import { sendForm, showForm, type FormPage } from '../services/formPage.js'
import { urls } from '../urls.js'

export function settingRoutes({ config }: Context): Router {
  const router = Router()
  const { area } = config
  const areaOf = (res: Response) => localsOf(res).marac.call('DirectoryService', 'GetArea', { name: area })
  const groupsOf = async (res: Response) =>
    settingGroups(
      (await agenciesOf(localsOf(res).marac, area)).map(({ name, display_name }) => ({
        value: name,
        text: display_name,
      })),
    )

  router.get(urls.settings, async (req, res) => {
    const [present, groups] = await Promise.all([areaOf(res), groupsOf(res)])
    res.render('pages/settings', {
      area: present,
      groups: groups.map((group) => ({
        ...group,
        rows: group.settings.map((setting) => ({ ...setting, value: setting.inWords(present) })),
      })),
      changes: holds(res, 'ROLE_ADMIN'),
      seesHistory: holds(res, ...historians),
      done: queried(req, 'done'),
    })
  })

  router.get(urls.settingsHistory, onlyFor(...historians), async (_req, res) => {
    const { marac } = localsOf(res)
    const [{ changes }, { nameOf }, groups] = await Promise.all([
      marac.call('DirectoryService', 'ListAreaChanges', { parent: area }),
      directoryOf(marac, area),
      groupsOf(res),
    ])
    res.render('pages/settings-history', {
      changes: changes.map(({ time, account, changes: settings }) => ({
        time,
        who: account === '' ? '' : nameOf(account) || 'Somebody who is not in the directory any more',
        rows: settings.map((change) => changeView(groups, change)),
      })),
    })
  })

  // --- A group of them, by an administrator ------------------------------------------------------------------------

  router.use('/settings/:group', onlyFor('ROLE_ADMIN'))

  const pageOf = async (req: Request, res: Response) => {
    const [present, groups] = await Promise.all([areaOf(res), groupsOf(res)])
    const group = groups.find(({ id }) => id === req.params['group'])
    if (!group) throw new MaracError('NOT_FOUND', 'no such settings')
    const page: FormPage = {
      title: group.title,
      ...(group.intro === undefined ? {} : { intro: group.intro }),
      fields: fieldsOf(group),
      now: shownOf(group, present),
      etag: present.etag,
      nav: '',
      back: { text: 'How this area works', href: urls.settings },
      submit: 'See what this changes',
    }
    return { page, group, groups, present }
  }

  router.get('/settings/:group', async (req, res) => {
    const { page } = await pageOf(req, res)
    showForm(res, page, rawOf(page.fields, page.now))
  })

  router.post('/settings/:group', async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    const { page, group, groups, present } = await pageOf(req, res)
    const raw = rawFrom(page.fields, body)
    const step = one(body, 'step')
    if (step === 'back') return showForm(res, { ...page, etag: one(body, 'etag') }, raw)
    let preview: PreviewAreaResponse__Output | undefined
    const sent = await sendForm(
      req,
      res,
      async () => (await pageOf(req, res)).page,
      async (typed, { etag, request_id }) => {
        const { area: wanted, errors } = areaWith(group, present, typed)
        if (errors.length > 0) throw labelled(group, new MaracError('INVALID_ARGUMENT', '', '', errors))
        const request = { area: { ...wanted, etag } }
        try {
          if (step === 'save') await marac.call('DirectoryService', 'UpdateArea', { ...request, request_id })
          else preview = await marac.call('DirectoryService', 'PreviewArea', request)
        } catch (error) {
          throw labelled(group, error)
        }
      },
    )
    if (!sent) return
    if (!preview) return res.redirect(303, `${urls.settings}?done=saved`)
    res.render('pages/settings-preview', {
      page,
      changes: preview.changes.map((change) => changeView(groups, change)),
      consequences: preview.consequences,
      etag: one(body, 'etag'),
      requestId: one(body, 'request_id'),
      typed: Object.entries(raw).flatMap(([name, value]) => [value].flat().map((text) => ({ name, text }))),
    })
  })

  return router
}

const historians = ['ROLE_ADMIN', 'ROLE_COORDINATOR', 'ROLE_CHAIR', 'ROLE_AUDITOR'] as const

/** What maracd says of a setting, with what the page calls it, and of a list the line. */
function labelled(group: SettingGroup, error: unknown): unknown {
  if (!(error instanceof MaracError) || error.violations.length === 0) return error
  const fields = fieldsOf(group)
  const labelAt = (path: string) => group.settings.find((setting) => setting.path === path)?.label ?? path
  return new MaracError(
    error.code,
    error.message,
    error.reason,
    error.violations.map(({ field, description }) => {
      const path = closest(fields, field)
      const named = fields.find((one) => one.path === path || one.path.startsWith(`${path}.`))
      const line = named?.kind === 'lines' ? /\[(\d+)\]/.exec(field)?.[1] : undefined
      const said = description.replaceAll(/\bsettings\.[a-z_.]*[a-z]/g, labelAt)
      const where = [named?.label, line === undefined ? undefined : `line ${Number(line) + 1}`]
      return {
        field: path,
        description: [...where.filter((part) => part !== undefined), said].join(': '),
      }
    }),
  )
}
