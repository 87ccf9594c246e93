// Actions that the caller or their agency has accepted, or was asked for: to take on, to refuse, to report.
import { Router, type Request, type Response } from 'express'
import type { Action__Output } from '../../generated/marac/v1/Action.js'
import type { ActionState } from '../../generated/marac/v1/ActionState.js'
import { bodyOf, localsOf, nameOf, one, queried, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import type { FieldError } from '../forms/fields.js'
import { warningsOf } from '../forms/textWarnings.js'
import { actionsOf, isOpen } from '../services/actions.js'
import { orNone } from '../services/lists.js'
import { urls } from '../urls.js'
import { words } from '../utils/format.js'

const outcomes: Option[] = [
  { value: 'ACTION_STATE_COMPLETE', text: 'It is done' },
  {
    value: 'ACTION_STATE_NOT_POSSIBLE',
    text: 'It is not possible or not needed any more',
    hint: { text: 'Circumstances changed, and nobody could do it now' },
  },
  {
    value: 'ACTION_STATE_NOT_DONE',
    text: 'It was not done',
    hint: { text: 'It could have been done, and was not' },
  },
]

const reportedShown = 20

// What is typed into an action's page, in the order of the page.
const labels = {
  state: 'What came of it',
  text: 'What was done, or why not',
  outcome: 'Result',
  evidence_reference: 'Your agency’s own reference',
  reason: 'Why your agency cannot',
}

interface Option {
  value: string
  text: string
  hint?: { text: string }
}

// The free texts of an action, as the pages call them.
const textLabels: Record<string, string> = {
  text: 'Action',
  'report.text': 'What came of it',
  refusal_reason: 'Why it was refused',
}

export function actionRoutes(context: Context): Router {
  const router = Router()

  router.get(urls.actions, async (req, res) => {
    const actions = await orNone(actionsOf(localsOf(res).marac, context.config.area, { mine: true }), [])
    const past = actions.filter((action) => !isOpen(action)).reverse()
    const all = queried(req, 'reported') === 'all'
    res.render('pages/actions', {
      open: actions.filter(isOpen),
      past: all ? past : past.slice(0, reportedShown),
      pastCount: past.length,
    })
  })

  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('ActionService', 'GetAction', { name: nameOf(req, context, 'actions') })

  const show = async (
    res: Response,
    action: Action__Output,
    typed: Record<string, string> = {},
    errors: FieldError[] = [],
  ) => {
    const { settings } = await localsOf(res).marac.call('DirectoryService', 'GetArea', {
      name: context.config.area,
    })
    const kind = settings?.action_kinds.find(({ code }) => code === action.kind)
    res.status(errors.length > 0 ? 400 : 200).render('pages/action', {
      action,
      textWarnings: warningsOf(action.text_warnings, (field) => ({ label: textLabels[field] ?? 'Action' })),
      kind: kind?.label ?? words(action.kind),
      outcomes,
      kindOutcomes: kind?.outcomes ?? [],
      typed,
      unsaved: unsavedOf(action, typed),
      errors,
    })
  }

  // What was typed has perhaps no field any more: it is shown beside what was saved, to be copied from there.
  const showChanged = (res: Response, action: Action__Output, typed: Record<string, string> = {}) => {
    const lost = unsavedOf(action, typed).length > 0
    return show(res, action, typed, [
      {
        field: 'action',
        text: lost
          ? 'Somebody changed this action in the meantime. It is shown as it is now. What you typed is not saved: copy it from here if it is still wanted'
          : 'Somebody changed this action in the meantime. It is shown as it is now',
      },
    ])
  }

  router.get('/actions/:id', async (req, res) => {
    await show(res, await load(req, res))
  })

  router.post('/actions/:id/report', async (req, res) => {
    const action = await load(req, res)
    const body = bodyOf(req)
    const typed = Object.fromEntries(
      ['etag', 'state', 'text', 'evidence_reference', 'outcome'].map((name) => [name, one(body, name)]),
    )
    // Sent twice, by a second click or after a cut: it is reported already.
    if (
      action.report?.text &&
      action.report.text === typed['text']?.trim() &&
      action.state === typed['state']
    ) {
      res.redirect(303, urls.actions)
      return
    }
    if (action.state !== 'ACTION_STATE_OPEN') return showChanged(res, action, typed)
    if (!outcomes.some(({ value }) => value === typed['state'])) {
      return show(res, action, typed, [{ field: 'state', text: 'Say what came of it' }])
    }
    await act(req, res, action, typed, () =>
      localsOf(res).marac.call('ActionService', 'ReportAction', {
        name: action.name,
        etag: typed['etag'] ?? '',
        state: typed['state'] as ActionState,
        text: typed['text']?.trim() ?? '',
        evidence_reference: typed['evidence_reference']?.trim() ?? '',
        outcome: typed['outcome'] ?? '',
      }),
    )
  })

  router.post('/actions/:id/accept', async (req, res) => {
    const action = await load(req, res)
    await act(req, res, action, {}, () =>
      localsOf(res).marac.call('ActionService', 'AcceptAction', {
        name: action.name,
        etag: one(bodyOf(req), 'etag'),
      }),
    )
  })

  router.post('/actions/:id/refuse', async (req, res) => {
    const action = await load(req, res)
    const reason = one(bodyOf(req), 'reason').trim()
    // Sent twice, as with a report.
    if (reason !== '' && action.state === 'ACTION_STATE_REFUSED' && action.refusal_reason === reason) {
      return res.redirect(303, urls.actions)
    }
    if (action.state !== 'ACTION_STATE_PROPOSED') return showChanged(res, action, { reason })
    await act(req, res, action, { reason }, () =>
      localsOf(res).marac.call('ActionService', 'RefuseAction', {
        name: action.name,
        etag: one(bodyOf(req), 'etag'),
        reason,
      }),
    )
  })

  async function act(
    req: Request,
    res: Response,
    action: Action__Output,
    typed: Record<string, string>,
    call: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await call()
    } catch (error) {
      if (!(error instanceof MaracError)) throw error
      if (error.code === 'ABORTED') return showChanged(res, await load(req, res), typed)
      if (error.code !== 'INVALID_ARGUMENT' && error.code !== 'FAILED_PRECONDITION') throw error
      const errors = error.violations.map((one) => ({ field: one.field, text: one.description }))
      return show(res, action, typed, errors.length > 0 ? errors : [{ field: 'action', text: error.message }])
    }
    res.redirect(303, urls.actions)
  }

  return router
}

/** What was typed and has no field on the page of the action as it is now, and what was saved in its place. */
function unsavedOf(action: Action__Output, typed: Record<string, string>) {
  const saved: Record<string, string> = {
    state: action.state,
    text: action.report?.text ?? '',
    outcome: action.report?.outcome ?? '',
    evidence_reference: action.report?.evidence_reference ?? '',
    reason: action.refusal_reason,
  }
  const inWords = (name: string, value = '') =>
    name === 'state' || name === 'outcome' ? words(value, 'ACTION_STATE_') : value
  return Object.entries(labels)
    .filter(([name]) => action.state !== (name === 'reason' ? 'ACTION_STATE_PROPOSED' : 'ACTION_STATE_OPEN'))
    .filter(([name]) => typed[name]?.trim())
    .map(([name, label]) => ({
      label,
      mine: inWords(name, typed[name]),
      theirs: inWords(name, saved[name]),
    }))
}
