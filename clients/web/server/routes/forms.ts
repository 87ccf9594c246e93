// Assessment forms of the area: which there are, what differs between two, and putting one to use or taking it out of
// use; and installing a new one, which its owner signed.
import { Router, type Request, type Response } from 'express'
import type { AreaInstrument__Output } from '../../generated/marac/v1/AreaInstrument.js'
import { holds, localsOf, queried, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { onlyFor } from '../middleware/onlyFor.js'
import { changesOf, choicesOf, instrumentsOf, viewOf } from '../services/assessmentForms.js'
import { installing, refusal, signatureFrom } from '../services/dataFile.js'
import { sendForm, showForm, textOf, type FormPage } from '../services/formPage.js'
import { idOf, urls } from '../urls.js'

export function formRoutes({ config }: Context): Router {
  const router = Router()
  const { area } = config

  router.use(urls.forms, onlyFor('ROLE_ADMIN', 'ROLE_COORDINATOR', 'ROLE_STEERING_GROUP'))
  const onlyKeepers = onlyFor('ROLE_ADMIN')

  const keeps = (res: Response): boolean => holds(res, 'ROLE_ADMIN')

  const load = async (req: Request, res: Response): Promise<AreaInstrument__Output> => {
    const { installed } = await instrumentsOf(localsOf(res).marac, area)
    const found = installed.find(({ name }) => idOf(name) === req.params['id'])
    if (!found) throw new MaracError('NOT_FOUND', 'no such form')
    return found
  }

  router.get(urls.forms, async (req, res) => {
    const all = await instrumentsOf(localsOf(res).marac, area)
    res.render('pages/assessment-forms', {
      installed: all.installed.map(viewOf),
      builtIn: all.builtIn,
      choices: choicesOf(all),
      keeps: keeps(res),
      done: queried(req, 'done'),
    })
  })

  router.get(urls.formDifferences, async (req, res) => {
    const { marac } = localsOf(res)
    const choices = choicesOf(await instrumentsOf(marac, area))
    const from = choices.find(({ value }) => value === queried(req, 'from'))
    const to = choices.find(({ value }) => value === queried(req, 'to'))
    if (!from || !to) throw new MaracError('NOT_FOUND', 'no such form')
    const { changes } = await marac.call('InstrumentService', 'DiffInstrument', {
      parent: area,
      from_instrument: from.instrument,
      to_instrument: to.instrument,
    })
    res.render('pages/assessment-form-differences', { from, to, changes: changesOf(changes) })
  })

  // --- Another one ----------------------------------------------------------------------------------------------

  const newPage: FormPage = {
    title: 'Install a form',
    intro:
      'The form comes as a file from whoever owns its words, with their signature and a check number. All three have to fit together, or nothing is installed.',
    points: [
      'Ask for the check number another way than the file came: over the phone, for example.',
      'A form that is installed is not in use yet. You put it to use afterwards.',
    ],
    fields: [
      {
        path: 'pack_file',
        kind: 'file',
        label: 'The form’s file',
        hint: 'As its owner gave it out, not changed',
      },
      {
        path: 'signature_file',
        kind: 'file',
        label: 'The signature’s file',
        hint: 'If the signature came as a file',
      },
      {
        path: 'signature',
        kind: 'string',
        label: 'Or paste the signature',
        hint: 'If it came in a message: about 88 letters, numbers and signs',
      },
      {
        path: 'hash',
        kind: 'string',
        label: 'The check number (SHA-256)',
        hint: '64 numbers and letters from a to f',
      },
    ],
    now: {},
    etag: '',
    nav: 'forms',
    back: { text: 'Assessment forms', href: urls.forms },
    submit: 'Install it',
  }

  router.get(urls.newForm, onlyKeepers, (_req, res) => {
    showForm(res, newPage)
  })

  router.post(urls.newForm, onlyKeepers, async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => Promise.resolve(newPage),
      (typed, { request_id }) => {
        const file = typed['pack_file'] as Buffer
        if (file.length === 0) throw refusal('pack_file', 'Choose the form’s file')
        const signature = signatureFrom(typed['signature_file'] as Buffer, textOf(typed['signature']))
        return installing('pack_file', () =>
          localsOf(res).marac.call('InstrumentService', 'InstallInstrument', {
            parent: area,
            pack_file: file,
            signature,
            hash: textOf(typed['hash']).replaceAll(/\s/g, '').toLowerCase(),
            request_id,
          }),
        )
      },
    )
    if (sent) res.redirect(303, `${urls.forms}?done=installed`)
  })

  // --- Putting to use, and out of use ---------------------------------------------------------------------------

  const activatePage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const { etag, about } = await load(req, res)
    return {
      title: 'Put this form to use',
      caption: about?.title ?? '',
      intro: 'New assessments can then begin with it, where the area’s policy grades it.',
      points: [
        `It is ${about?.instrument ?? ''}, owned by ${about?.owner ?? ''}.`,
        about?.co_produced
          ? 'People it is for have agreed to its words.'
          : 'Nobody has signed off its words: it needs a pilot that the steering group approved and that runs today.',
      ],
      fields: [
        {
          path: 'pilot',
          kind: 'string',
          label: 'Pilot (optional)',
          hint: 'Its name, as the coordinator has it',
        },
      ],
      now: {},
      etag,
      nav: 'forms',
      back: { text: 'Assessment forms', href: urls.forms },
      submit: 'Put it to use',
    }
  }

  const retirePage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const { etag, about } = await load(req, res)
    return {
      title: 'Stop using this form',
      caption: about?.title ?? '',
      intro: 'Assessments that began with it stay on it, and can be finished, signed and read.',
      warning: 'This cannot be undone: to use it again it has to be installed as another version.',
      fields: [{ path: 'reason', kind: 'string', label: 'Why' }],
      now: {},
      etag,
      nav: 'forms',
      back: { text: 'Assessment forms', href: urls.forms },
      submit: 'Stop using it',
    }
  }

  router.get('/forms/:id/activate', onlyKeepers, async (req, res) => {
    showForm(res, await activatePage(req, res)())
  })

  router.post('/forms/:id/activate', onlyKeepers, async (req, res) => {
    const { name } = await load(req, res)
    const sent = await sendForm(req, res, activatePage(req, res), (typed, sending) => {
      const pilot = textOf(typed['pilot'])
      return localsOf(res).marac.call('InstrumentService', 'ActivateInstrument', {
        name,
        pilot: pilot === '' || pilot.includes('/') ? pilot : `${area}/pilots/${pilot}`,
        ...sending,
      })
    })
    if (sent) res.redirect(303, urls.forms)
  })

  router.get('/forms/:id/retire', onlyKeepers, async (req, res) => {
    showForm(res, await retirePage(req, res)())
  })

  router.post('/forms/:id/retire', onlyKeepers, async (req, res) => {
    const { name } = await load(req, res)
    const sent = await sendForm(req, res, retirePage(req, res), (typed, sending) =>
      localsOf(res).marac.call('InstrumentService', 'RetireInstrument', {
        name,
        reason: textOf(typed['reason']),
        ...sending,
      }),
    )
    if (sent) res.redirect(303, urls.forms)
  })

  return router
}
