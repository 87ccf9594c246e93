// People, for administrators: who works where and as what, what waits for a second administrator, and recovery.
import { Router, type Request, type Response } from 'express'
import type { Account__Output } from '../../generated/marac/v1/Account.js'
import type { RoleGrant__Output } from '../../generated/marac/v1/RoleGrant.js'
import { bodyOf, callerOf, holds, localsOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { rawOf, type Field } from '../forms/fields.js'
import { approvalsOf, recoveriesOf } from '../services/approvals.js'
import { directoryOf, grantInWords, roleWords, type Directory } from '../services/directory.js'
import { sendForm, showForm, type FormPage } from '../services/formPage.js'
import { urls } from '../urls.js'

const powerful =
  'An administrator, a coordinator, a chair or an auditor begins only when another administrator has approved it.'

interface Person {
  account: Account__Output
  directory: Directory
}

export function peopleRoutes({ config, secrets }: Context): Router {
  const router = Router()
  const { area } = config

  // Saying so here spares people a form that maracd would refuse.
  router.use(urls.people, (_req, res, next) => {
    if (!holds(res, 'ROLE_ADMIN')) throw new MaracError('PERMISSION_DENIED', 'not for this role')
    next()
  })

  const load = async (req: Request, res: Response): Promise<Person> => {
    const directory = await directoryOf(localsOf(res).marac, area)
    const account = directory.accounts.find(({ name }) => name === `accounts/${String(req.params['id'])}`)
    if (!account) throw new MaracError('NOT_FOUND', 'nobody here')
    return { account, directory }
  }

  router.get(urls.people, async (req, res) => {
    const { marac } = localsOf(res)
    const [directory, recoveries] = await Promise.all([directoryOf(marac, area), recoveriesOf(marac, area)])
    const { agencies, accounts } = directory
    const approvals = approvalsOf(directory, recoveries, area, callerOf(res).account?.name)
    const viewOf = (account: Account__Output) => ({
      account,
      roles: account.roles
        .filter((grant) => grant.area === area)
        .map((grant) => grantInWords(directory, grant)),
      approvals: approvals.filter((approval) => approval.account === account.name),
    })
    res.render('pages/people', {
      waiting: accounts.map(viewOf).filter((view) => view.approvals.length > 0),
      groups: agencies
        .map(({ name, display_name }) => ({
          title: display_name,
          people: accounts.filter(({ agency }) => agency === name).map(viewOf),
        }))
        .filter(({ people }) => people.length > 0),
    })
  })

  // --- Somebody new --------------------------------------------------------------------------------------------

  const newPage = async (res: Response): Promise<FormPage> => {
    const { agencies } = await directoryOf(localsOf(res).marac, area)
    return {
      title: 'Add a person',
      intro: `A first password is made for them and shown to you once; they choose their own when they first sign in. ${powerful}`,
      fields: [
        { path: 'account.display_name', kind: 'string', label: 'Their name' },
        {
          path: 'account.login',
          kind: 'string',
          label: 'Sign-in name',
          hint: 'Lower-case letters, digits, dots and hyphens',
          width: '20',
        },
        {
          path: 'account.agency',
          kind: 'select',
          label: 'Agency',
          options: [
            { value: '', text: 'Choose one' },
            ...agencies.map(({ name, display_name }) => ({ value: name, text: display_name })),
          ],
        },
        ...roleFields('account.roles[0]', [], true),
      ],
      now: {},
      etag: '',
      nav: 'people',
      back: { text: 'People', href: urls.people },
      submit: 'Add them',
    }
  }

  router.get(urls.newPerson, async (_req, res) => {
    showForm(res, await newPage(res))
  })

  router.post(urls.newPerson, async (req, res) => {
    const password = secrets.firstPassword(one(bodyOf(req), 'request_id'))
    let made: Account__Output | undefined
    const sent = await sendForm(
      req,
      res,
      () => newPage(res),
      async (typed, { request_id }) => {
        const account = typed['account'] as { roles?: object[] }
        made = await localsOf(res).marac.call('DirectoryService', 'CreateAccount', {
          account: { ...account, roles: (account.roles ?? []).map((grant) => ({ ...grant, area })) },
          password,
          request_id,
        })
      },
    )
    if (sent && made) res.render('pages/person-added', { account: made, password })
  })

  // --- Somebody who is there -----------------------------------------------------------------------------------

  router.get('/people/:id', async (req, res) => {
    const { account, directory } = await load(req, res)
    const me = callerOf(res).account?.name
    const recoveries = await recoveriesOf(localsOf(res).marac, area)
    const approvals = approvalsOf(directory, recoveries, area, me).filter(
      (approval) => approval.account === account.name,
    )
    res.render('pages/person', {
      account,
      agency: directory.nameOf(account.agency),
      roles: account.roles
        .map((grant, number) => ({ grant, number, text: grantInWords(directory, grant) }))
        .filter(({ grant }) => grant.area === area),
      pending: approvals.filter(({ kind }) => kind === 'role'),
      recovery: approvals.find(({ kind }) => kind === 'recovery'),
      isMe: account.name === me,
      done: req.query['done'],
    })
  })

  const rolePage =
    (req: Request, res: Response, number: number | undefined) => async (): Promise<FormPage> => {
      const { account, directory } = await load(req, res)
      const grant = number === undefined ? undefined : account.roles[number]
      if (number !== undefined && grant?.area !== area) throw new MaracError('NOT_FOUND', 'no such role')
      const role = grant?.role
      const candidates = directory.accounts.filter(({ name }) => name !== account.name)
      return {
        title: grant ? `Change a role: ${grantInWords(directory, grant)}` : 'Add a role',
        caption: account.display_name,
        intro: grant
          ? 'To end it, give a last day: it is over the day after. A day that is past ends it at once.'
          : powerful,
        fields: roleFields('grant', candidates, role === undefined),
        now: { grant: grant ?? {} },
        etag: account.etag,
        nav: 'people',
        back: { text: account.display_name, href: urls.person(account.name) },
        submit: 'Save',
      }
    }

  const showRole = async (req: Request, res: Response, number?: number) => {
    const page = await rolePage(req, res, number)()
    showForm(res, page, rawOf(page.fields, page.now))
  }

  const saveRole = async (req: Request, res: Response, number?: number) => {
    const { account } = await load(req, res)
    const sent = await sendForm(req, res, rolePage(req, res, number), async (typed, { etag, request_id }) => {
      const { role, ...changed } = (typed['grant'] ?? {}) as Partial<RoleGrant__Output>
      const before = number === undefined ? undefined : account.roles[number]
      const grant = { area, role: before?.role ?? role, ...changed }
      const roles =
        number === undefined
          ? [...account.roles, grant]
          : account.roles.map((held, index) => (index === number ? grant : held))
      await update(res, { ...account, roles, etag }, request_id)
    })
    if (sent) res.redirect(303, `${urls.person(account.name)}?done=saved`)
  }

  router.get('/people/:id/roles/new', (req, res) => showRole(req, res))
  router.post('/people/:id/roles/new', (req, res) => saveRole(req, res))
  router.get('/people/:id/roles/:number', (req, res) => showRole(req, res, numberOf(req)))
  router.post('/people/:id/roles/:number', (req, res) => saveRole(req, res, numberOf(req)))

  const update = (res: Response, account: object, request_id?: string) =>
    localsOf(res).marac.call('DirectoryService', 'UpdateAccount', {
      account,
      ...(request_id === undefined ? {} : { request_id }),
    })

  // One button each: the whole form is an etag, so that nobody decides about what somebody else has changed.
  const button = (
    what: string,
    call: (res: Response, account: Account__Output, etag: string) => Promise<unknown>,
  ) => {
    const path = `/people/:id/${what}`
    router.get(path, (req, res) => {
      res.redirect(303, urls.person(String(req.params['id'])))
    })
    router.post(path, async (req, res) => {
      const { account } = await load(req, res)
      await call(res, account, one(bodyOf(req), 'etag'))
      res.redirect(303, `${urls.person(account.name)}?done=${what}`)
    })
  }
  button('suspend', (res, account, etag) => update(res, { ...account, suspended: true, etag }))
  button('restore', (res, account, etag) => update(res, { ...account, suspended: false, etag }))
  button('approve', (res, { name }, etag) =>
    localsOf(res).marac.call('DirectoryService', 'ApproveRoles', { name, etag }),
  )
  button('refuse', (res, { name }, etag) =>
    localsOf(res).marac.call('DirectoryService', 'RefuseRoles', { name, etag }),
  )

  // --- Training ------------------------------------------------------------------------------------------------

  const trainingPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const { account } = await load(req, res)
    return {
      title: 'Record training',
      caption: account.display_name,
      intro: 'In taking assessments. What is recorded stays, and says that it was you who recorded it.',
      fields: [
        { path: 'training.course', kind: 'string', label: 'What it was' },
        { path: 'training.day', kind: 'day', label: 'The day on which it ended' },
        { path: 'training.expire_day', kind: 'day', label: 'The last day on which it counts' },
      ],
      now: {},
      etag: '',
      nav: 'people',
      back: { text: account.display_name, href: urls.person(account.name) },
      submit: 'Record it',
    }
  }

  router.get('/people/:id/training', async (req, res) => {
    showForm(res, await trainingPage(req, res)())
  })

  router.post('/people/:id/training', async (req, res) => {
    const { account } = await load(req, res)
    const sent = await sendForm(req, res, trainingPage(req, res), async ({ training }, { request_id }) => {
      await localsOf(res).marac.call('DirectoryService', 'RecordTraining', {
        name: account.name,
        training: training as object,
        request_id,
      })
    })
    if (sent) res.redirect(303, `${urls.person(account.name)}?done=saved`)
  })

  // --- Recovery ------------------------------------------------------------------------------------------------

  const recoveryPage = (req: Request, res: Response) => async (): Promise<FormPage> => {
    const { account } = await load(req, res)
    return {
      title: 'Let them set a new password',
      caption: account.display_name,
      intro:
        'Call them back on a number that you knew before. Then a code is shown to you once, to be told to them and to nobody else. For an administrator, a coordinator, a chair or an auditor another administrator has to start it too, within 24 hours.',
      fields: [
        {
          path: 'reason',
          kind: 'longstring',
          label: 'How do you know that it is the person who asks?',
          hint: 'Say which number you called, and what they were asked',
        },
      ],
      now: {},
      etag: '',
      nav: 'people',
      back: { text: account.display_name, href: urls.person(account.name) },
      submit: 'Start the recovery',
    }
  }

  router.get('/people/:id/recover', async (req, res) => {
    showForm(res, await recoveryPage(req, res)())
  })

  router.post('/people/:id/recover', async (req, res) => {
    const { account } = await load(req, res)
    let started
    const sent = await sendForm(req, res, recoveryPage(req, res), async ({ reason }) => {
      started = await localsOf(res).marac.call('DirectoryService', 'StartRecovery', {
        name: account.name,
        reason: String(reason),
      })
    })
    if (sent && started) res.render('pages/recovery', { account, started })
  })

  return router
}

const numberOf = (req: Request): number => {
  const number = String(req.params['number'])
  if (!/^\d{1,3}$/.test(number)) throw new MaracError('NOT_FOUND', 'no such role')
  return Number(number)
}

function roleFields(path: string, candidates: Account__Output[], choosing: boolean): Field[] {
  const role: Field = {
    path: `${path}.role`,
    kind: 'select',
    label: 'Role',
    options: [
      { value: '', text: 'Choose one' },
      ...Object.entries(roleWords).map(([value, text]) => ({ value, text })),
    ],
  }
  const cover: Field = {
    path: `${path}.cover_for`,
    kind: 'select',
    label: 'As cover for, if they stand in for somebody',
    hint: 'Cover needs a first and a last day',
    options: [
      { value: '', text: 'Nobody' },
      ...candidates.map(({ name, display_name }) => ({ value: name, text: display_name })),
    ],
  }
  return [
    ...(choosing ? [role] : []),
    { path: `${path}.from`, kind: 'day', label: 'First day', hint: 'Leave it out to begin at once' },
    { path: `${path}.to`, kind: 'day', label: 'Last day', hint: 'Leave it out if there is none' },
    ...(candidates.length > 0 ? [cover] : []),
  ]
}
