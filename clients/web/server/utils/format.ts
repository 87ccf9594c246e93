// Days, moments and answers in words.
import type { Day } from '../../generated/marac/v1/Day.js'

interface Timestamp {
  seconds?: string | number | { toString(): string }
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

const inLondon = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  hourCycle: 'h23',
})

function partsOf(time: Timestamp): Record<string, string> {
  const moment = new Date(Number(time.seconds) * 1000)
  return Object.fromEntries(inLondon.formatToParts(moment).map(({ type, value }) => [type, value]))
}

/** "17 May 1991". */
export function dayInWords(day: Day | null | undefined): string {
  if (!day?.year) return ''
  return `${day.day} ${months[Number(day.month) - 1] ?? ''} ${day.year}`
}

/** "17 May 2026 at 9:05am", in Europe/London. */
export function momentInWords(time: Timestamp | null | undefined): string {
  if (!time) return ''
  const part = partsOf(time)
  const hour = Number(part['hour'])
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${part['minute']}${hour < 12 ? 'am' : 'pm'}`
  return `${part['day']} ${part['month']} ${part['year']} at ${clock}`
}

/** "17 May 2026", in Europe/London. */
export function dayOfMoment(time: Timestamp | null | undefined): string {
  if (!time) return ''
  const part = partsOf(time)
  return `${part['day']} ${part['month']} ${part['year']}`
}

export const secondsOf = (time: Timestamp | null | undefined): number => Number(time?.seconds ?? 0)

/** "REFERRAL_STATE_DRAFT", "REFERRAL_STATE_" -> "Draft". */
export function words(value: string, prefix = ''): string {
  const text = value.replace(prefix, '').replaceAll('_', ' ').toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
