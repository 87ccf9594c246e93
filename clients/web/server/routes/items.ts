// One case in one meeting: what is known, what is said, what is agreed, and on to the next by one press.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { AgendaItem__Output } from '../../generated/marac/v1/AgendaItem.js'
import type { Discussion } from '../../generated/marac/v1/Discussion.js'
import {
  bodyOf,
  callerOf,
  holds,
  localsOf,
  nameOf,
  one,
  queried,
  type Body,
  type Context,
} from '../context.js'
import { MaracError } from '../data/index.js'
import { afterTheirs, cleaned, discussionParts, isSame } from '../forms/discussion.js'
import {
  apply,
  idOfField,
  rawFrom,
  rawOf,
  viewsOf,
  type Field,
  type FieldError,
  type Raw,
} from '../forms/fields.js'
import { marksOf, merge } from '../forms/merge.js'
import { actionFields, actionFrom, ownersOf, placeOf } from '../forms/newAction.js'
import { peopleOf } from '../forms/people.js'
import { closest, differences } from '../forms/referral.js'
import { warningsOf } from '../forms/textWarnings.js'
import { actionsOf } from '../services/actions.js'
import { directoryOf } from '../services/directory.js'
import { dropKept, findKept } from '../services/kept.js'
import { orNone } from '../services/lists.js'
import { sendForm, showForm, type FormPage } from '../services/formPage.js'
import { isLeft, loadItem, mustLeave, nextItem } from '../services/meetings.js'
import { urls } from '../urls.js'
import { secondsOf } from '../utils/format.js'
import { fieldErrors } from './assessments.js'
import { hasSigned } from './meetings.js'

const raceMax = 3 // How often a save that met another is put together with it anew.

export function itemRoutes(context: Context): Router {
  const router = Router()
  const { area } = context.config
  const nameIn = (req: Request) => nameOf(req, context, 'meetings')
  const itemIn = (req: Request) => `${nameIn(req)}/agendaItems/${String(req.params['item'])}`
  const load = (req: Request, res: Response) =>
    loadItem(localsOf(res).marac, nameIn(req), ({ name }) => name === itemIn(req))

  /** The item with everything its page is made of. */
  const pageOf = async (req: Request, res: Response) => {
    const { marac } = localsOf(res)
    const [loaded, directory, { settings }] = await Promise.all([
      load(req, res),
      directoryOf(marac, area),
      marac.call('DirectoryService', 'GetArea', { name: area }),
    ])
    const { item, meeting } = loaded
    const options = directory.agencies.map(({ name, display_name }) => ({ value: name, text: display_name }))
    const writes = holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR', 'ROLE_MINUTE_TAKER')
    const told = item.discussion?.information.length ?? 0
    const isOpen = item.state === 'AGENDA_ITEM_STATE_OPEN'
    const talks = writes && isOpen
    const agrees = writes && (isOpen || item.state === 'AGENDA_ITEM_STATE_HEARD')
    const parts = talks ? discussionParts(options, told) : []
    return {
      ...loaded,
      directory,
      told,
      talks,
      agrees,
      parts,
      discussionFields: parts.flatMap(({ fields }) => fields),
      actionFields: agrees
        ? actionFields(settings?.action_kinds ?? [], ownersOf(meeting, directory))
        : ([] as Field[]),
      options,
    }
  }
  type Page = Awaited<ReturnType<typeof pageOf>>

  const show = async (
    req: Request,
    res: Response,
    page: Page,
    typed?: { raw: Raw; errors?: FieldError[]; both?: ReturnType<typeof differences> | undefined },
  ) => {
    const { agenda, meeting, item, directory, parts } = page
    const { marac } = localsOf(res)
    const runs = holds(res, 'ROLE_COORDINATOR', 'ROLE_CHAIR')
    const isHeld = meeting.state === 'MEETING_STATE_IN_PROGRESS'
    const [actions, leaving] = await Promise.all([
      orNone(actionsOf(marac, area, { case_name: item.case_name }), []),
      runs && isHeld && isLeft(item) ? mustLeave(marac, meeting, item, directory) : [],
    ])
    const shown = rawOf(page.discussionFields, item)
    const raw = typed?.raw ?? shown
    const errors = typed?.errors ?? []
    const views = (fields: Field[]) => viewsOf(fields, raw, errors)
    const following = agenda.items.filter(({ state }) => state === 'AGENDA_ITEM_STATE_LISTED')
    res.status(errors.length > 0 || typed?.both ? 400 : 200).render('pages/agenda-item', {
      item,
      meeting,
      count: agenda.items.length,
      people: peopleOf(item),
      nameOfStaff: directory.nameOf,
      actions: actions.filter(({ agenda_item }) => agenda_item === item.name),
      earlier: actions.filter(({ agenda_item }) => agenda_item !== item.name),
      minutes:
        item.open_time && !item.close_time
          ? Math.floor((secondsOf(callerOf(res).business_time) - secondsOf(item.open_time)) / 60)
          : undefined,
      // While it can be changed here: by whoever writes what is said.
      textWarnings: warningsOf(page.talks ? item.text_warnings : [], (field) => {
        const place = closest(page.discussionFields, field)
        const label = page.discussionFields.find(({ path }) => path === place)?.label ?? field
        return { label, href: `#${idOfField(place)}` }
      }),
      parts: parts.map(({ id, title, fields }) => ({ id, title, views: views(fields) })),
      actionViews: views(page.actionFields),
      talks: page.talks,
      agrees: page.agrees,
      keepAs: page.agrees ? urls.agendaItem(item.name) : undefined,
      marks: marksOf(shown),
      told: page.told,
      requestId: randomUUID(),
      both: typed?.both,
      errors: inOrderOf([...page.discussionFields, ...page.actionFields], errors).map(({ field, text }) => ({
        field,
        text,
        href: `#${idOfField(field)}`,
      })),
      saved: queried(req, 'saved') === 'yes' && !typed,
      leaving,
      isHeld,
      hasNext: following.length > 0,
      // Representatives see what is said once they have signed, until it is minuted.
      mustSign:
        isHeld &&
        isLeft(item) &&
        !hasSigned(res, meeting) &&
        holds(res, 'ROLE_REPRESENTATIVE') &&
        !holds(res, 'ROLE_IDVA', 'ROLE_COORDINATOR', 'ROLE_CHAIR', 'ROLE_MINUTE_TAKER'),
      may: {
        run: runs,
        open: runs && isHeld && item.state === 'AGENDA_ITEM_STATE_LISTED',
        defer: runs && isLeft(item),
        access: runs,
      },
    })
  }

  /** What was typed, put together with what others saved since its form was made. */
  const mergedOf = (page: Page, body: Body) => {
    const told = Number(one(body, 'told')) || 0
    const theirs = rawOf(page.discussionFields, page.item)
    const sent = rawFrom(discussionFieldsOf(page, told), body)
    const { raw, conflicts } = merge(one(body, 'marks'), theirs, afterTheirs(sent, told, page.told))
    const inBoth = page.discussionFields.filter(({ path }) => conflicts.includes(path))
    return {
      theirs,
      raw: { ...raw, ...rawFrom(page.actionFields, body) },
      both: inBoth.length > 0 ? differences(inBoth, theirs, raw) : undefined,
    }
  }

  /** Offers what its writer typed here and did not save, or goes on with it; tells whether there was anything. */
  const showKept = async (req: Request, res: Response, page: Page): Promise<boolean> => {
    const { marac } = localsOf(res)
    const kept = page.agrees ? await findKept(marac, req.path) : undefined
    if (!kept) return false
    const { theirs, raw, both } = mergedOf(page, kept.body)
    const saved = { ...theirs, ...rawOf(page.actionFields, {}) }
    const rows = differences([...page.discussionFields, ...page.actionFields], saved, raw)
    if (rows.length === 0) {
      await dropKept(marac, req.path)
      return false
    }
    if (queried(req, 'kept') === 'yes') {
      await show(req, res, page, { raw, both })
    } else {
      const title = captionOf(page.item)
      res.render('pages/kept', { nav: 'meetings', title, rows, time: kept.time, path: req.path })
    }
    return true
  }

  router.get('/meetings/:id/items/:item', async (req, res) => {
    const page = await pageOf(req, res)
    if (!(await showKept(req, res, page))) await show(req, res, page)
  })

  router.post('/meetings/:id/items/:item/open', async (req, res) => {
    const { item } = await load(req, res)
    // Pressed twice, or by two people: it is open.
    if (item.state !== 'AGENDA_ITEM_STATE_OPEN') {
      await localsOf(res).marac.call('MeetingService', 'OpenItem', { name: item.name })
    }
    res.redirect(303, urls.agendaItem(item.name))
  })

  // One form for all of it, so that no press loses what was typed elsewhere on the page: each saves the discussion,
  // records the action that was filled in, and then does what it says.
  router.post('/meetings/:id/items/:item', async (req, res) => {
    const { marac } = localsOf(res)
    const body = bodyOf(req)
    const then = one(body, 'then')
    let page = await pageOf(req, res)
    for (let tries = 1; page.talks; ++tries) {
      const { theirs, raw, both } = mergedOf(page, body)
      if (both) return show(req, res, page, { raw, both })
      const record: { discussion?: Discussion } = {}
      apply(page.discussionFields, raw, theirs, record)
      const discussion = cleaned(record.discussion ?? {})
      if (isSame(discussion, page.item.discussion)) break
      try {
        const saved = await marac.call('MeetingService', 'RecordDiscussion', {
          name: page.item.name,
          etag: page.item.etag,
          discussion,
        })
        page = { ...page, item: { ...page.item, etag: saved.etag, discussion: saved.discussion } }
        break
      } catch (error) {
        if (!(error instanceof MaracError) || error.code !== 'ABORTED' || tries === raceMax) {
          return show(req, res, page, { raw, errors: fieldErrors(error) })
        }
        page = await pageOf(req, res)
      }
    }
    // What was typed of an action, while the discussion is shown as it was saved.
    const again = async (errors: FieldError[]) => {
      const fresh = await pageOf(req, res)
      const fields = [...fresh.discussionFields, ...fresh.actionFields]
      await show(req, res, fresh, {
        raw: { ...rawOf(fresh.discussionFields, fresh.item), ...rawFrom(fresh.actionFields, body) },
        errors: errors.map(({ field, text }) => ({ field: closest(fields, placeOf(field)), text })),
      })
    }
    if (page.agrees) {
      const raw = rawFrom(page.actionFields, body)
      const record = {}
      const errors = apply(page.actionFields, raw, rawOf(page.actionFields, {}), record)
      if (errors.length > 0) return again(errors)
      const action = actionFrom(record, page.directory)
      if (action) {
        if (action.agency === '') {
          return again([{ field: 'action.owner', text: 'Choose who accepts it, or which agency is asked' }])
        }
        try {
          await marac.call('ActionService', 'CreateAction', {
            ...action,
            agenda_item: page.item.name,
            request_id: one(body, 'request_id'),
          })
        } catch (error) {
          return again(fieldErrors(error))
        }
      }
    }
    await dropKept(marac, urls.agendaItem(page.item.name))
    if ((then === 'close' || then === 'next') && page.item.state === 'AGENDA_ITEM_STATE_OPEN') {
      try {
        await marac.call('MeetingService', 'CloseItem', { name: page.item.name, etag: page.item.etag })
      } catch (error) {
        return afterAction(error)
      }
    }
    if (then !== 'next') {
      const here = urls.agendaItem(page.item.name)
      // Whoever adds actions goes on where they are, and sees the one that was added there.
      const saved = then === 'save' ? `${here}?saved=yes` : `${here}#actions`
      return res.redirect(303, then === 'close' ? urls.meeting(page.meeting.name) : saved)
    }
    await goOn(res, page.meeting.name)

    // The action is recorded by now and must not be offered again.
    async function afterAction(error: unknown) {
      const fresh = await pageOf(req, res)
      await show(req, res, fresh, {
        raw: rawOf(fresh.discussionFields, fresh.item),
        errors: fieldErrors(error).map(({ field, text }) => ({
          field: closest(fresh.discussionFields, field),
          text,
        })),
      })
    }
  })

  async function goOn(res: Response, meeting: string): Promise<void> {
    const { marac } = localsOf(res)
    const { items } = await marac.call('MeetingService', 'GetAgenda', { name: meeting })
    const next = nextItem(items)
    if (next?.state === 'AGENDA_ITEM_STATE_LISTED')
      await marac.call('MeetingService', 'OpenItem', { name: next.name })
    res.redirect(303, next ? urls.agendaItem(next.name) : urls.meeting(meeting))
  }

  // --- Put off to the next meeting ---------------------------------------------------------------------------------

  const deferPage = (item: AgendaItem__Output): FormPage => ({
    caption: captionOf(item),
    title: 'Put off to the next meeting',
    fields: deferFields,
    now: { reason: item.state_reason, safety_plan: item.safety_plan },
    etag: item.etag,
    nav: 'meetings',
    back: { text: 'Case', href: urls.agendaItem(item.name) },
    submit: 'Put it off',
  })

  router.get('/meetings/:id/items/:item/defer', async (req, res) => {
    showForm(res, deferPage((await load(req, res)).item))
  })

  router.post('/meetings/:id/items/:item/defer', async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      async () => deferPage((await load(req, res)).item),
      (typed, sending) =>
        localsOf(res).marac.call('MeetingService', 'DeferItem', {
          ...sending,
          name: itemIn(req),
          reason: typed['reason'] as string,
          safety_plan: typed['safety_plan'] as string,
        }),
    )
    if (sent) res.redirect(303, urls.meeting(nameIn(req)))
  })

  return router
}

/** As the page has them, from its top to its end. */
function inOrderOf(fields: Field[], errors: FieldError[]): FieldError[] {
  const placeOf = ({ field }: FieldError) => fields.findIndex(({ path }) => path === field)
  return errors.toSorted((a, b) => placeOf(a) - placeOf(b))
}

const captionOf = ({ victim, case_number }: AgendaItem__Output): string =>
  `${victim?.name?.value ?? 'Name not known'}, ${case_number}`

/** The fields that the form had when it was made. */
const discussionFieldsOf = (page: { options: { value: string; text: string }[] }, told: number): Field[] =>
  discussionParts(page.options, Math.min(told, 100)).flatMap(({ fields }) => fields)

const deferFields: Field[] = [
  { path: 'reason', kind: 'longstring', label: 'Why it is put off' },
  {
    path: 'safety_plan',
    kind: 'longstring',
    label: 'What keeps them safe until then',
    hint: 'The safety plan that is active, and who sees to it',
  },
]
