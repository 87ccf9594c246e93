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

const twelve: Record<string, string> = { '12:00am': 'midnight', '12:00pm': 'midday' }

/** "17 May 2026 at 9:05am", in Europe/London; "at midday". */
export function momentInWords(time: Timestamp | null | undefined): string {
  if (!time) return ''
  const part = partsOf(time)
  const hour = Number(part['hour'])
  const clock = `${hour % 12 === 0 ? 12 : hour % 12}:${part['minute']}${hour < 12 ? 'am' : 'pm'}`
  return `${part['day']} ${part['month']} ${part['year']} at ${twelve[clock] ?? clock}`
}

/** "17 May 2026", in Europe/London. */
export function dayOfMoment(time: Timestamp | null | undefined): string {
  if (!time) return ''
  const part = partsOf(time)
  return `${part['day']} ${part['month']} ${part['year']}`
}

const weekdayInLondon = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
})

/** "Friday 17 May", in Europe/London: for what is a few days away. */
export function weekdayOfMoment(time: Timestamp | null | undefined): string {
  if (!time) return ''
  const part = Object.fromEntries(
    weekdayInLondon.formatToParts(new Date(secondsOf(time) * 1000)).map(({ type, value }) => [type, value]),
  )
  return `${part['weekday']} ${part['day']} ${part['month']}`
}

/**
 * Mondays to Fridays after the day of one moment, up to the day of the other, in Europe/London. Bank holidays count
 * here: whoever waits over one waits longer, and nothing hangs on this but an order of looking.
 */
export function workingDaysBetween(from: Timestamp, to: Timestamp): number {
  const dayMs = 24 * 60 * 60 * 1000
  const dayOf = (time: Timestamp) => {
    const part = partsOf(time)
    return Date.UTC(Number(part['year']), months.indexOf(part['month'] ?? ''), Number(part['day']))
  }
  let days = 0
  for (let day = dayOf(from) + dayMs; day <= dayOf(to); day += dayMs) {
    if (![0, 6].includes(new Date(day).getUTCDay())) days += 1
  }
  return days
}

/** How long something waits, for people who work from Monday to Friday. */
export function ageInWords(from: Timestamp, now: Timestamp): string {
  const days = workingDaysBetween(from, now)
  if (days > 0) return days === 1 ? '1 working day' : `${days} working days`
  return dayOfMoment(from) === dayOfMoment(now) ? 'today' : 'since the weekend'
}

/** The moment that the clock in London shows so; `minute` after midnight. */
export function momentInLondon({ year, month, day }: Required<Day>, minute: number): { seconds: string } {
  const shown = Date.UTC(year, month - 1, day, 0, minute)
  const part = partsOf({ seconds: shown / 1000 })
  const inLondonThen = Date.UTC(
    Number(part['year']),
    months.indexOf(part['month'] ?? ''),
    Number(part['day']),
    Number(part['hour']),
    Number(part['minute']),
  )
  return { seconds: String((shown - (inLondonThen - shown)) / 1000) }
}

/** What the clock in London shows at a moment: a day, and "14:05". */
export function clockInLondon(time: Timestamp): { day: Required<Day>; clock: string } {
  const part = partsOf(time)
  return {
    day: {
      year: Number(part['year']),
      month: months.indexOf(part['month'] ?? '') + 1,
      day: Number(part['day']),
    },
    clock: `${part['hour']}:${part['minute']}`,
  }
}

export const secondsOf = (time: Timestamp | null | undefined): number => Number(time?.seconds ?? 0)

/** maracd's sentences begin small. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** "REFERRAL_STATE_DRAFT", "REFERRAL_STATE_" -> "Draft". */
export function words(value: string, prefix = ''): string {
  const text = value.replace(prefix, '').replaceAll('_', ' ').toLowerCase()
  return sentence(text)
}
