// The people who must not see a referral: who they are is for the coordinator to find out. Whoever works here is shut
// out at once.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { Account__Output } from '../../generated/marac/v1/Account.js'
import type { ExcludedPerson__Output } from '../../generated/marac/v1/ExcludedPerson.js'
import type { ExclusionAnswer } from '../../generated/marac/v1/ExclusionAnswer.js'
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import { bodyOf, callerOf, holds, localsOf, nameOf, one, type Body, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import type { FieldError, Option } from '../forms/fields.js'
import { directoryOf } from '../services/directory.js'
import { isUnanswered } from '../services/waiting.js'
import { idOf, urls } from '../urls.js'
import { fieldErrors } from './assessments.js'

const worker = 'EXCLUSION_ANSWER_WORKER'
const notAWorker = 'EXCLUSION_ANSWER_NOT_A_WORKER'

interface Entry {
  person: ExcludedPerson__Output
  id: string
  agency: string | undefined
  /** Found by name: the account that it may be. */
  candidate: string
  /** Which is the reader's own: nobody answers for themselves. */
  isMe: boolean
  accounts: Option[]
  answer: string
  account: string
  /** Somebody who works here has the name of somebody who is said not to. */
  hasNamesake: boolean
  /** And is somebody else, it was said when that was asked. */
  isOther: boolean
  requestId: string
}

export function excludedRoutes(context: Context): Router {
  const router = Router()
  const { config } = context
  const nameIn = (req: Request) => nameOf(req, context, 'referrals')

  const entriesOf = async (req: Request, res: Response, body: Body): Promise<Entry[]> => {
    const { marac } = localsOf(res)
    const [{ excluded_people: people }, { accounts, agencies }] = await Promise.all([
      marac.call('ReferralService', 'ListExcludedPeople', { referral: nameIn(req) }),
      directoryOf(marac, config.area),
    ])
    const agencyOf = (name: string) => agencies.find((agency) => agency.name === name)?.display_name
    const me = callerOf(res).account?.name
    return people.map((person) => {
      const id = idOf(person.name)
      const answer = one(body, `answer.${id}`)
      return {
        person,
        id,
        agency: agencyOf(person.agency),
        candidate: person.candidate,
        isMe: person.candidate !== '' && person.candidate === me,
        // Those with the name that was given come first, then those of the agency.
        accounts: accounts
          .toSorted((a, b) => likeness(b, person) - likeness(a, person))
          .map((account) => ({
            value: account.name,
            text: `${account.display_name}, ${agencyOf(account.agency) ?? ''}`,
          })),
        answer,
        // Who was found by name is known.
        account: person.candidate === '' || answer !== worker ? one(body, `account.${id}`) : person.candidate,
        hasNamesake:
          answer === notAWorker &&
          person.candidate === '' &&
          accounts.some((account) => isNamesake(account, person)),
        isOther: one(body, `other.${id}`) === 'yes',
        requestId: one(body, `request.${id}`) || randomUUID(),
      }
    })
  }

  const show = async (req: Request, res: Response, entries: Entry[], errors: FieldError[] = []) => {
    const referral = await localsOf(res).marac.call('ReferralService', 'GetReferral', { name: nameIn(req) })
    res.status(errors.length > 0 ? 400 : 200).render('pages/triage-people', {
      referral,
      back: backOf(res, referral),
      open: entries.filter(({ person }) => isUnanswered(person)),
      canAnswer: entries.some(({ person, isMe }) => isUnanswered(person) && !isMe),
      answered: entries.filter(({ person }) => !isUnanswered(person)),
      errors,
    })
  }

  router.get('/triage/:id/people', async (req, res) => {
    await show(req, res, await entriesOf(req, res, {}))
  })

  router.post('/triage/:id/people', async (req, res) => {
    const { marac } = localsOf(res)
    const entries = await entriesOf(req, res, bodyOf(req))
    const errors: FieldError[] = []
    let given = 0
    for (const entry of entries) {
      const { person, id, answer, account, requestId } = entry
      // Answered in the meantime, or left for later.
      if (!isUnanswered(person) || (answer === '' && account === '')) continue
      given += 1
      const doubt = doubtOf(entry)
      if (doubt) {
        errors.push(doubt)
        continue
      }
      try {
        await marac.call('ReferralService', 'ResolveExcludedPerson', {
          name: person.name,
          answer: answer as ExclusionAnswer,
          account: answer === worker ? account : '',
          request_id: requestId,
        })
      } catch (error) {
        if (!(error instanceof MaracError)) throw error
        errors.push(
          ...fieldErrors(error).map(({ field, text }) => ({
            field: `${field === 'account' ? 'account' : 'answer'}-${id}`,
            text: `${person.person}: ${field === 'account' ? 'choose their account' : text}`,
          })),
        )
      }
    }
    const open = entries.filter(({ person, isMe }) => isUnanswered(person) && !isMe)
    if (given === 0 && open[0]) {
      errors.push({ field: `answer-${open[0].id}`, text: 'Say for one of them at least what you found' })
    }
    // What was kept is shown as answered; the rest with what was typed.
    if (errors.length > 0) return show(req, res, await entriesOf(req, res, bodyOf(req)), errors)
    const referral = await marac.call('ReferralService', 'GetReferral', { name: nameIn(req) })
    res.redirect(303, backOf(res, referral).href)
  })

  return router
}

/** A coordinator comes from triage while it waits, and everybody else from the page of who may see it. */
const backOf = (res: Response, { name, state, case_name }: Referral__Output) =>
  state === 'REFERRAL_STATE_SUBMITTED' && holds(res, 'ROLE_COORDINATOR')
    ? { text: 'Back to the referral', href: `${urls.triageOf(name)}#people` }
    : { text: 'Who may see this', href: urls.caseAccess(case_name || name) }

const plain = (name: string): string => name.replaceAll(/\s/g, '').toLowerCase()

const isNamesake = (account: Account__Output, { person }: ExcludedPerson__Output): boolean =>
  plain(account.display_name) === plain(person)

const likeness = (account: Account__Output, person: ExcludedPerson__Output): number =>
  Number(isNamesake(account, person)) * 2 + Number(account.agency === person.agency)

/** What keeps an answer from being taken: one of two that contradict each other would shut nobody out, in silence. */
function doubtOf({
  person,
  id,
  accounts,
  answer,
  account,
  hasNamesake,
  isOther,
}: Entry): FieldError | undefined {
  const who = person.person || 'Name not given'
  const chosen = accounts.find(({ value }) => value === account)?.text ?? 'an account'
  if (answer === '') {
    return { field: `answer-${id}`, text: `${who}: you chose ${chosen}. Say as well that they work here` }
  }
  if (answer === notAWorker && account !== '') {
    return {
      field: `answer-${id}`,
      text: `${who}: you chose ${chosen}, and said that they do not work here: choose one`,
    }
  }
  if (hasNamesake && !isOther) {
    return {
      field: `other-${id}`,
      text: `${who}: somebody with this name works here. Choose their account, or say that it is somebody else`,
    }
  }
  return undefined
}
