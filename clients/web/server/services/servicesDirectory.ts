// The services directory as pages show it: in groups by what a service is there for, immediate danger first.
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import type { ServiceEligibility__Output } from '../../generated/marac/v1/ServiceEligibility.js'
import type { ServiceGender__Output } from '../../generated/marac/v1/ServiceGender.js'
import type { ServiceNumber__Output } from '../../generated/marac/v1/ServiceNumber.js'
import type { ServicePurpose__Output } from '../../generated/marac/v1/ServicePurpose.js'
import type { ListServicesRequest } from '../../generated/marac/v1/ListServicesRequest.js'
import type { SupportService__Output } from '../../generated/marac/v1/SupportService.js'
import type { MaracClient } from '../data/index.js'
import { dayInWords } from '../utils/format.js'
import { listWhole } from './lists.js'

export interface Choice<Value extends string> {
  value: Value
  text: string
}

export const purposes: Choice<ServicePurpose__Output>[] = [
  { value: 'SERVICE_PURPOSE_IMMEDIATE_DANGER', text: 'Somebody is in danger now' },
  { value: 'SERVICE_PURPOSE_DECLINE', text: 'A referral was declined' },
  { value: 'SERVICE_PURPOSE_NON_REFERRAL', text: 'There is no referral' },
  { value: 'SERVICE_PURPOSE_AFTER_ASSESSMENT', text: 'After an assessment' },
]

export const genders: Choice<ServiceGender__Output>[] = [
  { value: 'SERVICE_GENDER_WOMEN', text: 'Women' },
  { value: 'SERVICE_GENDER_MEN', text: 'Men' },
  { value: 'SERVICE_GENDER_NON_BINARY', text: 'Non-binary people' },
]

export const grades: Choice<'GRADE_STANDARD' | 'GRADE_MEDIUM' | 'GRADE_HIGH'>[] = [
  { value: 'GRADE_STANDARD', text: 'Standard' },
  { value: 'GRADE_MEDIUM', text: 'Medium' },
  { value: 'GRADE_HIGH', text: 'High' },
]

export interface ServiceView {
  /** As maracd has it. */
  service: SupportService__Output
  id: string
  numbers: { key: string; href: string; text: string; note: string }[]
  /** Empty: everybody. */
  takes: string
  verified: string
  /** Empty while its review day is not over. */
  notVerifiedSince: string
}

export interface Group {
  id: string
  title: string
  here: ServiceView[]
  /** Those that stand in a group before this one and suit here as well. */
  above: ServiceView[]
}

/** All that suit, by name. */
export async function servicesOf(
  marac: MaracClient,
  area: string,
  asked: Omit<ListServicesRequest, 'parent' | 'page_size' | 'page_token'> = {},
): Promise<SupportService__Output[]> {
  const services = await listWhole(
    (page) => marac.call('DirectoryService', 'ListServices', { ...asked, parent: area, ...page }),
    'services',
  )
  return services.sort((a, b) => a.display_name.localeCompare(b.display_name, 'en-GB'))
}

/** Each service once, where it is most urgent. */
export function groupsOf(services: SupportService__Output[]): Group[] {
  const views = services.map(viewOf)
  const shown = new Set<ServiceView>()
  return purposes
    .map(({ value, text }, index) => {
      const suits = views.filter(({ service }) => service.purposes.includes(value))
      const group = {
        id: `group-${index + 1}`,
        title: text,
        here: suits.filter((view) => !shown.has(view)),
        above: suits.filter((view) => shown.has(view)),
      }
      group.here.forEach((view) => shown.add(view))
      return group
    })
    .filter(({ here, above }) => here.length + above.length > 0)
}

export function viewOf(service: SupportService__Output): ServiceView {
  return {
    service,
    id: `service-${service.name.slice(service.name.lastIndexOf('/') + 1)}`,
    numbers: service.numbers.map(numberView),
    takes: takesInWords(service.eligibility),
    verified: dayInWords(service.verified_day),
    notVerifiedSince: service.review_overdue ? dayInWords(service.verified_day) : '',
  }
}

/** A number as a link that calls or texts it. */
export function numberView({ number, kind, note }: ServiceNumber__Output): ServiceView['numbers'][number] {
  const isText = kind === 'SERVICE_NUMBER_KIND_TEXT'
  return {
    key: isText ? 'Text' : 'Call',
    href: `${isText ? 'sms' : 'tel'}:${number.replaceAll(' ', '')}`,
    text: number,
    note,
  }
}

/** "Women, 16 to 25 years old, at high risk. Lives in the borough."; nothing of a service that takes everybody. */
export function takesInWords(takes: ServiceEligibility__Output | null): string {
  const text = <Value extends string>(choices: Choice<Value>[], chosen: readonly string[]) =>
    choices.filter(({ value }) => chosen.includes(value)).map((choice) => choice.text)
  const parts = [
    listed(text(genders, takes?.genders ?? [])),
    agesInWords(takes?.age_min ?? 0, takes?.age_max ?? 0),
    atRisk(listed(text(grades, takes?.grades ?? []).map((grade) => grade.toLowerCase()))),
  ].filter((part) => part !== '')
  const words = parts.join(', ')
  const note = takes?.note ?? ''
  return [words.charAt(0).toUpperCase() + words.slice(1), note].filter((part) => part !== '').join('. ')
}

const atRisk = (words: string): string => (words === '' ? '' : `at ${words} risk`)

function agesInWords(min: number, max: number): string {
  if (min > 0 && max > 0) return `${min} to ${max} years old`
  if (min > 0) return `${min} years old or older`
  return max > 0 ? `up to ${max} years old` : ''
}

/** "a, b or c", the first letters as they are but for what follows. */
function listed(words: string[]): string {
  const lower = words.map((word, at) => (at === 0 ? word : word.toLowerCase()))
  return lower.length < 2 ? lower.join('') : `${lower.slice(0, -1).join(', ')} or ${lower.at(-1) ?? ''}`
}

/** The service that a declined referral names, as it is now. */
export async function signpostOf(
  marac: MaracClient,
  referral: Referral__Output,
): Promise<ServiceView | undefined> {
  const name = referral.triage?.service ?? ''
  return name === '' ? undefined : viewOf(await marac.call('DirectoryService', 'GetService', { name }))
}

/** For a select of services: the first says that none is meant. */
export function optionsOf(services: SupportService__Output[]): { value: string; text: string }[] {
  return [
    { value: '', text: 'None of these' },
    ...services.map(viewOf).map(({ service, numbers, notVerifiedSince }) => ({
      value: service.name,
      text: [
        service.display_name,
        numbers[0]?.text ?? '',
        notVerifiedSince === '' ? '' : `not verified since ${notVerifiedSince}`,
      ]
        .filter((part) => part !== '')
        .join(', '),
    })),
  ]
}
