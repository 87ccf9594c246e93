// Writing a referral: a task list that is filled in beforehand with what is known, saved at every step, and sent.
import { Router, type Request, type Response } from 'express'
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import { bodyOf, callerOf, localsOf, nameOf, one, queried, type Body, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import {
  apply,
  fingerprint,
  flat,
  get,
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
  answerByGiving,
  closest,
  covers,
  differences,
  fieldFor,
  fieldsOf,
  groupsOf,
  isBegun,
  isMissing,
  labelOf,
  labelsOf,
  missingOf,
  restOf,
  summaryOf,
  withFirst,
} from '../forms/referral.js'
import { urgentFields } from '../forms/sections.js'
import { warningsOf } from '../forms/textWarnings.js'
import { listsOf } from '../services/area.js'
import { signpostOf } from '../services/servicesDirectory.js'
import { loadDraft, saveDraft, type LoadedDraft } from '../services/draft.js'
import { olderAt, orNone } from '../services/lists.js'
import { meetingOf } from '../services/meeting.js'
import { dropKept, findKept } from '../services/kept.js'
import { createReferral } from '../services/newReferral.js'
import { profileInWords } from '../forms/tablet.js'
import { urls } from '../urls.js'
import { sentence } from '../utils/format.js'
import { fieldErrors } from './assessments.js'

export function referralRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const nameIn = (req: Request) => nameOf(req, context, 'referrals')
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('ReferralService', 'GetReferral', { name: nameIn(req) })
  const lists = (res: Response) => listsOf(localsOf(res).marac, config.area)

  router.get(urls.referrals, async (req, res) => {
    const { referrals, next_page_token: rest } = await orNone(
      localsOf(res).marac.call('ReferralService', 'ListReferrals', {
        parent: config.area,
        mine: true,
        page_token: queried(req, 'page'),
      }),
      { referrals: [], next_page_token: '' },
    )
    res.render('pages/referrals', { referrals, older: olderAt(urls.referrals, rest) })
  })

  router.get(urls.newReferral, (_req, res) => {
    res.render('pages/referral-new')
  })

  router.post(urls.newReferral, async (req, res) => {
    const urgency = one(bodyOf(req), 'urgent')
    if (urgency !== 'yes' && urgency !== 'no') {
      const errors = [{ field: 'urgent', text: 'Say whether it can wait until everything is filled in' }]
      res.status(400).render('pages/referral-new', { errors })
      return
    }
    const urgent = urgency === 'yes'
    const referral = await createReferral(localsOf(res).marac, config.area, callerOf(res), { urgent })
    res.redirect(303, urgent ? urls.section(referral.name, 'urgent') : urls.referral(referral.name))
  })

  // --- The task list, or what became of it ---------------------------------------------------------------------

  /** `reasons`: why it should have been taken back, with what was wrong about that. */
  const showReferral = async (
    res: Response,
    referral: Referral__Output,
    { reasons = '', errors = [] }: { reasons?: string; errors?: FieldError[] } = {},
  ) => {
    res.status(errors.length > 0 ? 400 : 200)
    const groups = groupsOf(await lists(res), referral)
    if (!isOpen(referral)) {
      res.render('pages/referral', {
        referral,
        reasons,
        errors,
        summary: summaryOf(groups, { referral }),
        communication: profileInWords(referral.communication),
        meeting: await meetingOf(localsOf(res).marac, referral.meeting),
        labels: labelsOf(groups),
        service: await signpostOf(localsOf(res).marac, referral),
      })
      return
    }
    const sections = groups.flatMap((group) => group.sections)
    res.render('pages/referral-tasks', {
      referral,
      reasons,
      errors,
      // What the coordinator asks for, each with where to answer it.
      asked: (referral.triage?.fields ?? []).flatMap((path) => {
        const section = sections.find((candidate) => covers(candidate, path))
        return section
          ? [
              {
                label: labelOf([section], path),
                href: `${urls.section(referral.name, section.id)}#${idOfField(path)}`,
              },
            ]
          : []
      }),
      groups: groups.map(({ title, sections }) => ({
        title,
        sections: sections.map((section) => ({
          id: section.id,
          title: section.title,
          missing: missingOf(section, referral).length,
          begun: isBegun(section, referral),
        })),
      })),
    })
  }

  router.get('/referrals/:id', async (req, res) => {
    await showReferral(res, await load(req, res))
  })

  // --- Check and send ------------------------------------------------------------------------------------------

  const showCheck = async (res: Response, name: string, errors: FieldError[] = []) => {
    const { marac } = localsOf(res)
    const referral = await marac.call('ReferralService', 'GetReferral', { name })
    const groups = groupsOf(await lists(res), referral)
    const all = groups.flatMap(({ sections }) => sections)
    const fields = all.flatMap((section) => fieldsOf(section, { referral }, 1))
    const { draft, hidden } = await loadDraft(marac, name, fields)
    const labels = labelsOf(groups, draft)
    /** Where a field is answered. */
    const hrefOf = (field: string) => {
      const path = fieldFor(fields, field)
      const section = all.find((candidate) => covers(candidate, path))
      return section && `${urls.section(name, section.id)}#${idOfField(path)}`
    }
    res.status(errors.length > 0 ? 400 : 200).render('pages/check', {
      referral,
      hidden,
      summary: summaryOf(groups, draft),
      open: isOpen(referral),
      textWarnings: warningsOf(referral.text_warnings, (field) => ({
        label: labelOf(all, field),
        href: hrefOf(field),
      })),
      errors: errors.map((error) => {
        const href = hrefOf(error.field)
        return {
          text: href ? `${labels(error.field)}. ${error.text}` : error.text,
          href: href ?? '#main-content',
        }
      }),
    })
  }

  router.get('/referrals/:id/check', async (req, res) => {
    await showCheck(res, nameIn(req))
  })

  router.post('/referrals/:id/check', async (req, res) => {
    const referral = await load(req, res)
    // Sent twice, by a second click or after a cut: it is there.
    if (referral.state === 'REFERRAL_STATE_SUBMITTED') return res.redirect(303, urls.sent(referral.name))
    try {
      await localsOf(res).marac.call('ReferralService', 'SubmitReferral', {
        name: referral.name,
        etag: one(bodyOf(req), 'etag'),
      })
    } catch (error) {
      if (error instanceof MaracError && error.code === 'ABORTED') {
        return showCheck(res, referral.name, [
          {
            field: 'changed',
            text: 'This was changed in the meantime. Read it again as it is now, and then send it',
          },
        ])
      }
      return showCheck(res, referral.name, fieldErrors(error))
    }
    res.redirect(303, urls.sent(referral.name))
  })

  router.get('/referrals/:id/sent', async (req, res) => {
    const referral = await load(req, res)
    if (referral.state !== 'REFERRAL_STATE_SUBMITTED') return res.redirect(303, urls.referral(referral.name))
    const groups = groupsOf(await lists(res), referral)
    res.render('pages/sent', {
      referral,
      meeting: await meetingOf(localsOf(res).marac, referral.meeting),
      labels: labelsOf(groups),
    })
  })

  router.post('/referrals/:id/withdraw', async (req, res) => {
    const referral = await load(req, res)
    if (referral.state === 'REFERRAL_STATE_WITHDRAWN') return res.redirect(303, urls.referrals)
    const reasons = one(bodyOf(req), 'reasons').trim()
    const refuse = async (text: string) =>
      showReferral(res, await load(req, res), { reasons, errors: [{ field: 'reasons', text }] })
    if (reasons === '') return refuse('Say why you take it back')
    try {
      await localsOf(res).marac.call('ReferralService', 'WithdrawReferral', {
        name: referral.name,
        etag: referral.etag,
        reasons,
      })
    } catch (error) {
      return refuse(fieldErrors(error)[0]?.text ?? '')
    }
    res.redirect(303, urls.referrals)
  })

  // --- Everything that is left, on one page, and the few things of an urgent one --------------------------------

  const showForm = (
    res: Response,
    page: Page,
    raw: Raw,
    { errors = [], both, seen }: { errors?: FieldError[]; both?: Raw | undefined; seen?: string } = {},
  ) => {
    const named = withLabels(page.fields, errors)
    // Of several people on the page, whose field it is.
    const whose = (path: string) => {
      const heading = page.parts.find(({ fields }) =>
        flat(fields).some((field) => field.path === path),
      )?.heading
      return heading && page.parts.length > 1 ? `${heading}. ` : ''
    }
    res.status(errors.length > 0 || both ? 400 : 200).render('pages/section', {
      referral: page.loaded.referral,
      keepAs: urls.section(page.loaded.referral.name, page.id),
      title: page.title,
      intro: page.intro,
      hidden: page.loaded.hidden,
      parts: page.parts.map((part) => ({
        heading: part.heading,
        removable: part.removable,
        fields: viewsOf(part.fields, raw, named),
      })),
      more: page.more,
      count: page.count,
      // What the record held when this form was made; with both texts on the page, what it holds now.
      seen: seen ?? fingerprint(rawOf(page.fields, page.loaded.draft)),
      paths: page.isRest ? page.parts.flatMap(({ fields }) => fields.map(({ path }) => path)).join(' ') : '',
      both: both && differences(page.fields, both, raw),
      errors: named.map(({ field, text }) => ({
        text: `${whose(field)}${text}`,
        href: `#${idOfField(field)}`,
        field,
      })),
    })
  }

  /** Saves a page; tells whether it was saved, having shown the page again where not. */
  const save = async (res: Response, page: Page, body: Body): Promise<Referral__Output | undefined> => {
    const before = structuredClone(page.loaded.draft)
    const shown = rawOf(page.fields, before)
    const raw = rawFrom(page.fields, body)
    const errors = apply(page.fields, raw, shown, page.loaded.draft)
    for (const part of [...page.parts].reverse()) {
      if (part.removable && one(body, `remove.${part.removable}`) === 'yes') {
        const [, list, at] = /^(.*)\[(\d+)\]$/.exec(part.removable) ?? []
        if (list) (get(page.loaded.draft, list) as unknown[]).splice(Number(at), 1)
      }
    }
    const refuse = (found: FieldError[], both?: Raw) => {
      page.loaded.draft = before
      showForm(res, page, raw, { errors: found, both })
      return undefined
    }
    if (errors.length > 0) return refuse(errors)
    // Somebody else saved these very fields since the form was made, and differently.
    if (
      one(body, 'seen') !== fingerprint(shown) &&
      fingerprint(shown) !== fingerprint(rawOf(page.fields, page.loaded.draft))
    ) {
      return refuse([], shown)
    }
    answerByGiving(page.loaded.draft)
    try {
      const saved = await saveDraft(localsOf(res).marac, config.area, page.loaded)
      await dropKept(localsOf(res).marac, urls.section(saved.name, page.id))
      return saved
    } catch (error) {
      return refuse(fieldErrors(error).map((one) => ({ ...one, field: closest(page.fields, one.field) })))
    }
  }

  /**
   * Shows what its writer typed into a page and did not save: as an offer, and in the form once it is taken. Tells
   * whether there was anything.
   */
  const showKept = async (
    req: Request,
    res: Response,
    pageFor: (typed: Body) => Promise<Page | undefined>,
  ): Promise<boolean> => {
    const { marac } = localsOf(res)
    const kept = await findKept(marac, req.path)
    const page = kept && (await pageFor(kept.body))
    if (!page || !isOpen(page.loaded.referral)) return false
    const raw = rawFrom(page.fields, kept.body)
    const saved = rawOf(page.fields, page.loaded.draft)
    if (fingerprint(raw) === fingerprint(saved)) {
      await dropKept(marac, req.path)
      return false
    }
    if (req.query['kept'] === 'yes') {
      showForm(res, page, raw, { seen: one(kept.body, 'seen') })
    } else {
      res.render('pages/kept', {
        title: page.title,
        rows: differences(page.fields, saved, raw),
        time: kept.time,
        path: req.path,
      })
    }
    return true
  }

  const restPage = async (req: Request, res: Response, paths?: string[]): Promise<Page> => {
    const { marac } = localsOf(res)
    const name = nameIn(req)
    const referral = await load(req, res)
    const groups = groupsOf(await lists(res), referral)
    const parts: Part[] = []
    const wanted = (field: Field) =>
      paths ? paths.includes(field.path) : flat([field]).some(({ path }) => isMissing(referral, path))
    for (const section of groups.flatMap(({ sections }) => sections)) {
      for (const { heading, fields } of restOf(section, referral)) {
        const left = fields.filter(wanted)
        if (left.length > 0) parts.push({ heading, fields: left })
      }
    }
    const fields = parts.flatMap((part) => part.fields)
    return {
      title: 'What is left',
      intro:
        'Only what nobody has answered yet. “Not known” is always an answer: tick it, or type a question mark.',
      parts,
      fields,
      loaded: await loadDraft(marac, name, fields),
      id: 'rest',
      count: 0,
      isRest: true,
    }
  }

  const pathsOf = (body: Body) => one(body, 'paths').split(' ')

  router.get('/referrals/:id/rest', async (req, res) => {
    if (await showKept(req, res, (typed) => restPage(req, res, pathsOf(typed)))) return
    const page = await restPage(req, res)
    if (!isOpen(page.loaded.referral) || page.fields.length === 0)
      return res.redirect(303, urls.check(nameIn(req)))
    showForm(res, page, rawOf(page.fields, page.loaded.draft))
  })

  router.post('/referrals/:id/rest', async (req, res) => {
    const body = bodyOf(req)
    // The page that was shown, whatever is missing by now.
    const page = await restPage(req, res, pathsOf(body))
    const saved = await save(res, page, body)
    if (!saved) return
    const done = saved.missing_fields.length === 0
    res.redirect(
      303,
      done
        ? urls.check(saved.name)
        : one(body, 'then') === 'list'
          ? urls.referral(saved.name)
          : urls.rest(saved.name),
    )
  })

  // --- One part of it ------------------------------------------------------------------------------------------

  const sectionPage = async (req: Request, res: Response, count: number): Promise<Page | undefined> => {
    const { marac } = localsOf(res)
    const name = nameIn(req)
    if (req.params['section'] === 'urgent') {
      const loaded = await loadDraft(marac, name, urgentFields)
      return {
        title: 'Urgent referral',
        intro:
          'Only what cannot wait. You can send it from the next page and add the rest by the next working day.',
        parts: [{ fields: urgentFields }],
        fields: urgentFields,
        loaded,
        id: 'urgent',
        count: 0,
      }
    }
    const referral = await load(req, res)
    const section = groupsOf(await lists(res), referral)
      .flatMap(({ sections }) => sections)
      .find(({ id }) => id === req.params['section'])
    if (!section) return undefined
    const loaded = await loadDraft(marac, name, fieldsOf(section, { referral }, 1))
    const held = section.people ? ((get(loaded.draft, section.people.list) ?? []) as unknown[]).length : 0
    const asksFirst = section.people !== undefined && section.fields.length > 0 && held === 0 && count <= 1
    const entries = section.people ? Math.max(held, count, 1) : 0
    const own = asksFirst && section.people ? withFirst(section, section.people) : section.fields
    const parts: Part[] = own.length > 0 ? [{ fields: own }] : []
    for (let at = 0; at < entries && section.people && !asksFirst; ++at) {
      const path = `${section.people.list}[${at}]`
      const what = section.people.what
      parts.push({
        heading: entries > 1 || section.fields.length > 0 ? `${sentence(what)} ${at + 1}` : undefined,
        fields: section.people.fieldsOf(path),
        ...(at < held ? { removable: path } : {}),
      })
    }
    return {
      title: section.title,
      intro: section.intro,
      parts,
      fields: parts.flatMap((part) => part.fields),
      loaded,
      id: section.id,
      count: entries,
      ...(section.people ? { more: section.people.what } : {}),
    }
  }

  const countOf = (body: Body) => Number(one(body, 'count')) || 0

  router.get('/referrals/:id/:section', async (req, res, next) => {
    if (await showKept(req, res, (typed) => sectionPage(req, res, countOf(typed)))) return
    const page = await sectionPage(req, res, Number(req.query['count'] ?? 0) || 0)
    if (!page) return next()
    if (!isOpen(page.loaded.referral)) return res.redirect(303, urls.referral(nameIn(req)))
    showForm(res, page, rawOf(page.fields, page.loaded.draft))
  })

  router.post('/referrals/:id/:section', async (req, res, next) => {
    const body = bodyOf(req)
    const page = await sectionPage(req, res, countOf(body))
    if (!page) return next()
    const saved = await save(res, page, body)
    if (!saved) return
    const here = String(req.params.section)
    switch (one(body, 'then')) {
      case 'more':
        return res.redirect(303, `${urls.section(saved.name, here)}?count=${page.count + 1}`)
      case 'list':
        return res.redirect(303, urls.referral(saved.name))
      default: {
        if (here === 'urgent') return res.redirect(303, urls.check(saved.name))
        const ids = groupsOf(await lists(res), saved).flatMap(({ sections }) => sections.map(({ id }) => id))
        const following = ids[ids.indexOf(here) + 1]
        return res.redirect(303, following ? urls.section(saved.name, following) : urls.check(saved.name))
      }
    }
  })

  return router
}

interface Part {
  heading?: string | undefined
  fields: Field[]
  /** The entry of a list that may be taken away, "referral.children[1]". */
  removable?: string
}

interface Page {
  title: string
  intro: string | undefined
  parts: Part[]
  fields: Field[]
  loaded: LoadedDraft
  /** The last part of its address. */
  id: string
  /** Entries of a list that are shown. */
  count: number
  /** What may be added. */
  more?: string
  isRest?: boolean
}

/** Its author may still write: a draft, a returned one, and an urgent one that waits for what was missing. */
const isOpen = ({ state, urgent }: Referral__Output): boolean =>
  state === 'REFERRAL_STATE_DRAFT' ||
  state === 'REFERRAL_STATE_RETURNED' ||
  (state === 'REFERRAL_STATE_SUBMITTED' && urgent)
