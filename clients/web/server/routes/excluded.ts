// The people who must not see a referral: who they are is for the coordinator to find out. Whoever works here is shut
// out at once.
import { randomUUID } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import type { ExcludedPerson__Output } from '../../generated/marac/v1/ExcludedPerson.js'
import type { ExclusionAnswer } from '../../generated/marac/v1/ExclusionAnswer.js'
import { bodyOf, localsOf, nameOf, one, type Body, type Context } from '../context.js'
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
    return people.map((person) => {
      const id = idOf(person.name)
      const answer = one(body, `answer.${id}`)
      return {
        person,
        id,
        agency: agencyOf(person.agency),
        // Those of the agency that was named come first.
        accounts: [
          ...accounts.filter(({ agency }) => agency === person.agency),
          ...accounts.filter(({ agency }) => agency !== person.agency),
        ].map((account) => ({
          value: account.name,
          text: `${account.display_name}, ${agencyOf(account.agency) ?? ''}`,
        })),
        answer,
        account: one(body, `account.${id}`),
        hasNamesake:
          answer === notAWorker &&
          accounts.some(({ display_name }) => plain(display_name) === plain(person.person)),
        isOther: one(body, `other.${id}`) === 'yes',
        requestId: one(body, `request.${id}`) || randomUUID(),
      }
    })
  }

  const show = async (req: Request, res: Response, entries: Entry[], errors: FieldError[] = []) => {
    const referral = await localsOf(res).marac.call('ReferralService', 'GetReferral', { name: nameIn(req) })
    res.status(errors.length > 0 ? 400 : 200).render('pages/triage-people', {
      referral,
      open: entries.filter(({ person }) => isUnanswered(person)),
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
    const open = entries.filter(({ person }) => isUnanswered(person))
    if (given === 0 && open[0]) {
      errors.push({ field: `answer-${open[0].id}`, text: 'Say for one of them at least what you found' })
    }
    // What was kept is shown as answered; the rest with what was typed.
    if (errors.length > 0) return show(req, res, await entriesOf(req, res, bodyOf(req)), errors)
    res.redirect(303, `${urls.triageOf(nameIn(req))}#people`)
  })

  return router
}

const plain = (name: string): string => name.replaceAll(/\s/g, '').toLowerCase()

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
