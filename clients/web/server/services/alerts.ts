// Alerts as pages show them: in sentences, and with the names of staff where the caller may read them.
import type { Alert__Output } from '../../generated/marac/v1/Alert.js'
import type { AlertKind__Output } from '../../generated/marac/v1/AlertKind.js'
import type { AlertOutcome__Output } from '../../generated/marac/v1/AlertOutcome.js'
import type { UseKind__Output } from '../../generated/marac/v1/UseKind.js'
import type { MaracClient } from '../data/index.js'
import { idOf } from '../urls.js'

export const outcomes: { value: AlertOutcome__Output; text: string; tag: string }[] = [
  { value: 'ALERT_OUTCOME_IN_ORDER', text: 'It was their work', tag: 'In order' },
  { value: 'ALERT_OUTCOME_MISTAKE', text: 'It was a mistake, and they were spoken to', tag: 'Mistake' },
  {
    value: 'ALERT_OUTCOME_MISUSE',
    text: 'It was not theirs to look at, and was taken further',
    tag: 'Misuse',
  },
]

const limits: Record<UseKind__Output, string> = {
  USE_KIND_UNSPECIFIED: 'Looked at more than a limit allows',
  USE_KIND_OPEN: 'Opened more cases in a day than the area expects of anybody',
  USE_KIND_UNINVOLVED:
    'Opened as many cases they have no part in as may be opened in an hour, and was refused the rest',
  USE_KIND_REVEAL: 'Had protected details of more cases shown in a day than the area expects of anybody',
  USE_KIND_SEARCH: 'Looked for the same people more often in a minute than the area expects of anybody',
  USE_KIND_LIST: 'Looked at more lists in a minute than the area expects of anybody',
}

const said: Record<AlertKind__Output, (alert: Alert__Output) => string> = {
  ALERT_KIND_UNSPECIFIED: () => 'Something was noticed',
  ALERT_KIND_UNINVOLVED_OPEN: () => 'Opened a case they have no part in',
  ALERT_KIND_UNINVOLVED_REVEAL: () => 'Had a protected detail shown of a case they have no part in',
  ALERT_KIND_OWN_SURNAME: () => 'Looked at a case of somebody with their surname',
  ALERT_KIND_MORE_THAN_USUAL: ({ count }) =>
    `Looked at ${count} cases in a day, more than three times their usual number`,
  ALERT_KIND_NEW_PROGRAM_OUT_OF_HOURS: () =>
    'Signed in outside office hours from a program they had never used',
  ALERT_KIND_NAME_SOUGHT_BY_MANY: ({ count }) =>
    `Looked for a name that ${count} people looked for within seven days`,
  ALERT_KIND_REVEAL_WITHOUT_ACTION: ({ count }) =>
    `Had protected details of ${count} ${count === 1 ? 'case' : 'cases'} shown, and did nothing there by the end of the next working day`,
  ALERT_KIND_OVER_LIMIT: ({ use }) => limits[use],
  ALERT_KIND_SAMPLE: () => 'Drawn for review: nothing was noticed',
}

export interface AlertView {
  alert: Alert__Output
  what: string
  who: string
  agency: string
  subjects: string[]
  waits: boolean
  outcome: string
}

export function viewOf(alert: Alert__Output, nameOf: (name: string) => string): AlertView {
  const named = (name: string) => nameOf(name) || idOf(name)
  return {
    alert,
    what: said[alert.kind](alert),
    who: named(alert.account),
    agency: named(alert.agency),
    // Whoever reviews has no right to open them: the reference is what the log has.
    subjects: alert.subjects.map(idOf),
    waits: alert.state === 'ALERT_STATE_WAITING',
    outcome: outcomes.find(({ value }) => value === alert.review?.outcome)?.text ?? '',
  }
}

/** What waits to be reviewed, as far as one page counts it. */
export async function alertsWaiting(
  marac: MaracClient,
  area: string,
): Promise<{ waiting: number; moreExist: boolean }> {
  const { alerts, next_page_token: rest } = await marac.call('AuditService', 'ListAlerts', {
    parent: area,
    state: 'ALERT_STATE_WAITING',
    page_size: 100,
  })
  return { waiting: alerts.length, moreExist: rest !== '' }
}
