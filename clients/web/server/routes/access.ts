// Who may see a case, or a referral that waits: who it is restricted to and kept from, what was decided about that, and
// a conflict of interest, which anybody who sees it may declare (marac.md 6, R-16).
import { Router, type Request, type Response } from 'express'
import { callerOf, holds, localsOf, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { fingerprint, rawOf, type Field, type Option } from '../forms/fields.js'
import {
  changesOf,
  keptFrom,
  loadAccess,
  peopleToName,
  subjectInWords,
  subjectOf,
  type Access,
  type Subject,
} from '../services/access.js'
import { sendForm, showForm, type FormPage } from '../services/formPage.js'
import { urls } from '../urls.js'

const undecidedShown = 25

/** The same below a case and below a referral that waits. */
const below = (path: string) => [`/cases/:id/${path}`, `/triage/:id/${path}`]

export function accessRoutes(context: Context): Router {
  const router = Router()
  const { area } = context.config
  const nameIn = (req: Request) =>
    `${area}/${/^\/triage\//i.test(req.path) ? 'referrals' : 'cases'}/${String(req.params['id'])}`

  /** Read first whatever is asked for: who may not see it learns nothing else. */
  const load = async (req: Request, res: Response): Promise<{ subject: Subject; access: Access }> => {
    const { marac } = localsOf(res)
    const subject = await subjectOf(marac, nameIn(req))
    return { subject, access: await loadAccess(marac, area, subject) }
  }

  router.get(below('access'), async (req, res) => {
    const { subject, access } = await load(req, res)
    if (subject.caseName !== '') return res.redirect(303, urls.caseAccess(subject.caseName))
    const isChair = holds(res, 'ROLE_CHAIR')
    const me = callerOf(res).account?.name
    const { directory, people } = access
    const { restricted, named, involved_agencies, entries, warnings } = access.access
    res.render('pages/access', {
      subject,
      restricted,
      named: named.map((name) => subjectInWords(name, directory)).sort((a, b) => a.localeCompare(b)),
      agencies: involved_agencies.map((name) => directory.nameOf(name)),
      kept: keptFrom(access),
      asked: entries.map((entry) => {
        const person = people.get(entry.entry)
        return {
          who: entry.person || 'Name not given',
          agency: directory.nameOf(entry.agency),
          open: entry.open,
          isWorker: person?.answer === 'EXCLUSION_ANSWER_WORKER',
          // Nobody answers for themselves.
          isMe: entry.candidate !== '' && entry.candidate === me,
          isSameName: person?.source === 'EXCLUSION_SOURCE_SAME_NAME',
          reason: person?.reason,
          href: urls.triagePeople(person?.referral ?? subject.referrals[0] ?? subject.name),
        }
      }),
      changes: changesOf(access),
      warnings,
      isChair,
      back: backOf(res, subject),
    })
  })

  // --- What is decided about it, each on a page of its own -----------------------------------------------------

  const page = (
    path: string,
    mayOpen: (res: Response) => boolean,
    make: (
      res: Response,
      access: Access,
    ) => Pick<FormPage, 'title' | 'fields' | 'submit'> & Partial<FormPage>,
    /** What is sent; it answers with where to go then, if that is not the page of what was decided. */
    call: (
      res: Response,
      sending: { name: string; request_id: string },
      typed: Record<string, unknown>,
      fresh: { access: Access; etag: string },
    ) => Promise<string | undefined>,
  ) => {
    const build = async (req: Request, res: Response) => {
      const { subject, access } = await load(req, res)
      const form: FormPage = {
        ...captionOf(subject),
        now: {},
        etag: '',
        nav: navOf(subject),
        back: { text: 'Who may see this', href: urls.caseAccess(subject.name) },
        ...make(res, access),
      }
      return { subject, access, form }
    }
    router.get(below(`access/${path}`), async (req, res) => {
      const { form } = await build(req, res)
      if (!mayOpen(res)) return res.status(403).render('pages/not-allowed')
      showForm(res, form, rawOf(form.fields, form.now))
    })
    router.post(below(`access/${path}`), async (req, res) => {
      let built: Awaited<ReturnType<typeof build>> | undefined
      let next: string | undefined
      const sent = await sendForm(
        req,
        res,
        async () => {
          built = await build(req, res)
          return built.form
        },
        async (typed, { etag, request_id }) => {
          const { access } = built as NonNullable<typeof built>
          next = await call(res, { name: nameIn(req), request_id }, typed, { access, etag })
        },
      )
      if (sent) res.redirect(303, next ?? urls.caseAccess(nameIn(req)))
    })
  }

  page(
    'restrict',
    () => true, // Whoever is shown who may see it.
    (_res, { access, directory }) => ({
      title: access.restricted ? 'Change who is on the list' : 'Restrict it to a list',
      points: [
        'Nobody else sees it then: not their agency, not who referred it, on no agenda and in no list.',
        'The chair always sees it. A coordinator has to be on the list, and an adviser (IDVA) should be.',
        'If you leave yourself out, you do not see it any more either.',
      ],
      fields: [
        {
          path: 'accounts',
          kind: 'ticks',
          label: 'Who may see it',
          options: peopleToName(directory, area, access),
        },
        reasonField,
      ],
      now: { accounts: access.named },
      etag: listAsShown(access),
      submit: access.restricted ? 'Save the list' : 'Restrict it',
    }),
    async (res, sending, typed, { access, etag }) => {
      // The list is sent as a whole: one that somebody else has changed since is shown first.
      if (etag !== listAsShown(access.access)) throw new MaracError('ABORTED', '')
      const accounts = typed['accounts'] as string[]
      const { marac } = localsOf(res)
      await marac.call('AccessService', 'RestrictCase', {
        ...sending,
        restricted: true,
        accounts,
        reason: typed['reason'] as string,
      })
      const seesItStill = holds(res, 'ROLE_CHAIR') || accounts.includes(callerOf(res).account?.name ?? '')
      return seesItStill ? undefined : urls.noLongerShown
    },
  )

  page(
    'open',
    (res) => holds(res, 'ROLE_CHAIR'),
    () => ({
      title: 'End the restriction',
      intro: 'Everybody whose work it is sees it again, but for those it is kept from.',
      fields: [reasonField],
      submit: 'End the restriction',
    }),
    async (res, sending, typed) => {
      await localsOf(res).marac.call('AccessService', 'RestrictCase', {
        ...sending,
        restricted: false,
        reason: typed['reason'] as string,
      })
      return undefined
    },
  )

  page(
    'exclude',
    () => true,
    (res, { directory }) => ({
      title: 'Keep somebody out',
      points: [
        'A worker does not see it from then on.',
        'An agency for which somebody in the case works sees nothing of it, on no agenda and in no list.',
        'For a name alone, you are asked who it is before the agenda goes out.',
      ],
      fields: excludeFields(directory, callerOf(res).account?.name ?? ''),
      submit: 'Keep them out',
    }),
    async (res, sending, typed) => {
      await localsOf(res).marac.call('AccessService', 'ExcludePerson', {
        ...sending,
        account: (typed['account'] as string | undefined) ?? '',
        agency: (typed['agency'] as string | undefined) ?? '',
        person: typed['person'] as string,
        reason: typed['reason'] as string,
      })
      return undefined
    },
  )

  page(
    'decide',
    (res) => holds(res, 'ROLE_CHAIR'),
    (_res, access) => ({
      title: 'Decide in writing',
      ...(access.access.kept_from.length === 0 ? { intro: 'It is kept from nobody.' } : {}),
      fields: decideFields(
        keptFrom(access).map(({ subject, who, undecided }) => ({
          value: subject,
          text: undecided ? `${who}: waits for you` : who,
        })),
      ),
      submit: 'Save the decision',
    }),
    async (res, sending, typed) => {
      const violations = [
        ...(typed['subject'] ? [] : [{ field: 'subject', description: 'say who it is about' }]),
        ...(typed['lift'] ? [] : [{ field: 'lift', description: 'say what you decide' }]),
      ]
      if (violations.length > 0) throw new MaracError('INVALID_ARGUMENT', '', '', violations)
      await localsOf(res).marac.call('AccessService', 'DecideExclusion', {
        ...sending,
        subject: typed['subject'] as string,
        lift: typed['lift'] === 'yes',
        reason: typed['reason'] as string,
      })
      return undefined
    },
  )

  // --- A conflict of interest ----------------------------------------------------------------------------------

  const conflictPage = async (req: Request, res: Response): Promise<FormPage> => {
    const subject = await subjectOf(localsOf(res).marac, nameIn(req))
    return {
      ...captionOf(subject),
      title: 'I have a conflict of interest',
      intro: 'You know somebody in this case, or there is another reason why you should not see it.',
      points: [
        'From the moment you press the button you do not see it: on no agenda, in no list, by no link.',
        'The coordinator and the chair read what you write here.',
        'The chair decides in writing whether you may see it again. You cannot undo it yourself.',
      ],
      fields: [
        { path: 'reason', kind: 'longstring', label: 'What it is', hint: 'As much as you wish to say' },
      ],
      now: {},
      etag: '',
      nav: navOf(subject),
      back: { text: 'Back', href: recordOf(res, subject) },
      submit: 'Stop showing it to me',
    }
  }

  router.get(below('conflict'), async (req, res) => {
    showForm(res, await conflictPage(req, res))
  })

  router.post(below('conflict'), async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => conflictPage(req, res),
      (typed, { request_id }) =>
        localsOf(res).marac.call('AccessService', 'DeclareConflict', {
          name: nameIn(req),
          reason: typed['reason'] as string,
          request_id,
        }),
    )
    if (sent) res.redirect(303, urls.noLongerShown)
  })

  // Says nothing of what it was: whoever comes here sees it no more.
  router.get(urls.noLongerShown, (_req, res) => {
    res.render('pages/no-longer-shown')
  })

  // --- What waits for the chair --------------------------------------------------------------------------------

  router.get(urls.undecided, async (_req, res) => {
    const { marac } = localsOf(res)
    const answer = await marac.call('AccessService', 'ListUndecided', { parent: area })
    // Only the chair decides; that nobody is left to open something, a coordinator sees to as well.
    const names = holds(res, 'ROLE_CHAIR') ? answer.names : []
    const [shown, alarms] = await Promise.all([
      Promise.all(names.slice(0, undecidedShown).map((name) => subjectOf(marac, name))),
      Promise.all(
        answer.alarms
          .slice(0, undecidedShown)
          .map(async ({ record, warnings }) => ({ subject: await subjectOf(marac, record), warnings })),
      ),
    ])
    const more = names.length + answer.alarms.length - shown.length - alarms.length
    res.render('pages/undecided', { shown, alarms, more })
  })

  return router
}

const captionOf = ({ who, number }: Subject) => ({ caption: number === '' ? who : `${who}, ${number}` })

const navOf = ({ number }: Subject): string => (number === '' ? 'triage' : 'cases')

/** The page of the record itself; a referral that waits has one for coordinators, and one for its readers. */
function recordOf(res: Response, { name, number }: Subject): string {
  if (number !== '') return urls.case(name)
  return holds(res, 'ROLE_COORDINATOR') ? urls.triageOf(name) : urls.referral(name)
}

const backOf = (res: Response, subject: Subject) => ({
  text: subject.number === '' ? 'Referral' : 'Case',
  href: recordOf(res, subject),
})

const listAsShown = ({ restricted, named }: Access['access']): string =>
  fingerprint({ restricted: String(restricted), named: [...named].sort() })

const reasonField: Field = {
  path: 'reason',
  kind: 'longstring',
  label: 'Why',
  hint: 'It is kept with the decision',
}

const excludeFields = ({ accounts, agencies, nameOf }: Access['directory'], me: string): Field[] => [
  {
    path: 'account',
    kind: 'select',
    label: 'A worker',
    hint: 'For yourself, say instead that you have a conflict of interest',
    options: [
      { value: '', text: 'Choose one' },
      ...accounts
        .filter(({ name }) => name !== me)
        .map(({ name, display_name, agency }) => ({
          value: name,
          text: `${display_name}, ${nameOf(agency)}`,
        })),
    ],
  },
  {
    path: 'agency',
    kind: 'select',
    label: 'Or a whole agency',
    options: [
      { value: '', text: 'Choose one' },
      ...agencies.map(({ name, display_name }) => ({ value: name, text: display_name })),
    ],
  },
  {
    path: 'person',
    kind: 'string',
    label: 'Or the name of somebody who may be a worker',
    autocomplete: 'off',
  },
  reasonField,
]

const decideFields = (subjects: Option[]): Field[] => [
  { path: 'subject', kind: 'choice', label: 'Who it is about', options: subjects },
  {
    path: 'lift',
    kind: 'choice',
    label: 'What you decide',
    options: [
      { value: 'no', text: 'It stays hidden from them' },
      { value: 'yes', text: 'They may see it again' },
    ],
  },
  { path: 'reason', kind: 'longstring', label: 'Why', hint: 'In writing: it is kept with the decision' },
]
