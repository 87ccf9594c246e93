// People whom somebody must not meet in a case: their own register, which nobody else sees.
import { Router, type Request, type Response } from 'express'
import type { RegisteredPerson } from '../../generated/marac/v1/RegisteredPerson.js'
import type { RegisteredPerson__Output } from '../../generated/marac/v1/RegisteredPerson.js'
import { localsOf } from '../context.js'
import { MaracError, type MaracClient } from '../data/index.js'
import { fingerprint, rawOf, type Field } from '../forms/fields.js'
import { addressInWords } from '../forms/people.js'
import { sendForm, showForm, type FormPage } from '../services/formPage.js'
import { urls } from '../urls.js'

const relations = [
  { value: 'REGISTERED_RELATION_SELF', text: 'Myself' },
  { value: 'REGISTERED_RELATION_PARTNER', text: 'My partner, or a former one' },
  { value: 'REGISTERED_RELATION_RELATIVE', text: 'A relative' },
  { value: 'REGISTERED_RELATION_OTHER', text: 'A friend, a neighbour, a colleague' },
]

export function registerRoutes(): Router {
  const router = Router()

  const load = async (res: Response): Promise<RegisteredPerson__Output[]> =>
    (await localsOf(res).marac.call('AccessService', 'GetOwnRegister', {})).people

  const save = (marac: MaracClient, people: RegisteredPerson[], request_id: string) =>
    marac.call('AccessService', 'SaveOwnRegister', { register: { people }, request_id })

  router.get(urls.register, async (_req, res) => {
    res.render('pages/register', {
      people: (await load(res)).map((person, at) => ({
        at,
        name: person.name?.value,
        relation: relations.find(({ value }) => value === person.relation)?.text,
        aliases: person.aliases.join(', '),
        birthDate: person.birth_date,
        address: addressInWords(person.address),
      })),
    })
  })

  // An entry is known by what it said when its form was made, wherever it stands by now; a new one by nothing.
  const pageOf = (people: RegisteredPerson__Output[], at: number): FormPage => {
    const person = people[at]
    return {
      title: person ? 'Change this entry' : 'Somebody I must not meet in a case',
      intro:
        'Nobody else sees this. It is used for one thing: to keep a case about these people from you by itself.',
      fields: fieldsOf(pathOf(people, at)),
      now: person ? { register: { people: { [at]: person } } } : {},
      etag: person ? markOf(person) : '',
      nav: '',
      back: { text: 'People I must not meet in a case', href: urls.register },
      submit: 'Save',
    }
  }

  const show = async (res: Response, at: (people: RegisteredPerson__Output[]) => number) => {
    const people = await load(res)
    if (at(people) > people.length) throw new MaracError('NOT_FOUND', 'no such entry')
    const page = pageOf(people, at(people))
    showForm(res, page, rawOf(page.fields, page.now))
  }

  const send = async (req: Request, res: Response, at: (people: RegisteredPerson__Output[]) => number) => {
    let people: RegisteredPerson__Output[] = []
    const sent = await sendForm(
      req,
      res,
      async () => {
        people = await load(res)
        return pageOf(people, Math.min(at(people), people.length))
      },
      async (typed, { etag, request_id }) => {
        const [given] = Object.values((typed['register'] as { people: RegisteredPerson[] }).people)
        const entry = withoutBlanks(given ?? {})
        if (etag === '') return save(localsOf(res).marac, [...people, entry], request_id)
        const place = people.findIndex((person) => markOf(person) === etag)
        if (place === -1) throw new MaracError('ABORTED', '')
        return save(
          localsOf(res).marac,
          [...people.slice(0, place), entry, ...people.slice(place + 1)],
          request_id,
        )
      },
    )
    if (sent) res.redirect(303, urls.register)
  }

  const last = (people: RegisteredPerson__Output[]) => people.length
  const atOf = (req: Request) => () => placeIn(req)

  router.get(urls.newRegistered, (_req, res) => show(res, last))
  router.post(urls.newRegistered, (req, res) => send(req, res, last))
  router.get('/account/register/:at', (req, res) => show(res, atOf(req)))
  router.post('/account/register/:at', (req, res) => send(req, res, atOf(req)))

  // --- Taken out -----------------------------------------------------------------------------------------------

  const removalOf = async (req: Request, res: Response): Promise<FormPage> => {
    const person = (await load(res))[placeIn(req)]
    if (!person) throw new MaracError('NOT_FOUND', 'no such entry')
    return {
      caption: person.name?.value ?? '',
      title: 'Take this entry out?',
      intro:
        'New cases are not kept from you because of it any more. What is hidden from you already stays so until the chair decides.',
      fields: [],
      now: {},
      etag: markOf(person),
      nav: '',
      back: { text: 'Keep it', href: urls.register },
      submit: 'Take it out',
    }
  }

  router.get('/account/register/:at/remove', async (req, res) => {
    showForm(res, await removalOf(req, res))
  })

  router.post('/account/register/:at/remove', async (req, res) => {
    const sent = await sendForm(
      req,
      res,
      () => removalOf(req, res),
      async (_typed, { etag, request_id }) => {
        const people = await load(res)
        const left = people.filter((person) => markOf(person) !== etag)
        if (left.length < people.length) await save(localsOf(res).marac, left, request_id)
      },
    )
    if (sent) res.redirect(303, urls.register)
  })

  return router
}

/** The place that an address names; one that is none is behind every list. */
const placeIn = (req: Request): number =>
  /^\d{1,3}$/.test(String(req.params['at'])) ? Number(req.params['at']) : Infinity

/** As maracd names it in its errors. */
const pathOf = (people: RegisteredPerson__Output[], at: number): string =>
  `register.people[${Math.min(at, people.length)}]`

const markOf = (person: RegisteredPerson__Output): string => fingerprint({ entry: JSON.stringify(person) })

/** An address that was left empty is none. */
function withoutBlanks(entry: RegisteredPerson): RegisteredPerson {
  const { address } = entry
  return { ...entry, address: address?.lines || address?.postcode ? address : null }
}

const fieldsOf = (path: string): Field[] => [
  { path: `${path}.relation`, kind: 'choice', label: 'Who is it?', options: relations },
  { path: `${path}.name`, kind: 'text', label: 'Name', unknowns: [], autocomplete: 'off' },
  {
    path: `${path}.aliases`,
    kind: 'lines',
    label: 'Other names',
    hint: 'One on each line, if there are any',
  },
  {
    path: `${path}.birth_date`,
    kind: 'day',
    label: 'Date of birth',
    hint: 'For example, 27 3 1991. With the name it hides a case; without it the coordinator is only asked',
  },
  {
    path: `${path}.address.lines`,
    kind: 'longtext',
    label: 'Address',
    hint: 'Where they live or lived, without the postcode. It hides a case by itself',
    unknowns: [],
    autocomplete: 'off',
  },
  {
    path: `${path}.address.postcode`,
    kind: 'text',
    label: 'Postcode',
    unknowns: [],
    width: '10',
    autocomplete: 'off',
  },
]
