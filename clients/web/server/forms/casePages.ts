// What is recorded on a case, each on a page of its own. Paths are those of the requests to maracd.
import type { Case__Output } from '../../generated/marac/v1/Case.js'
import type { Field } from './fields.js'
import { safeContact } from './sections.js'

export const yesNo = (yes: string, no: string) => [
  { value: 'yes', text: yes },
  { value: 'no', text: no },
]

export const contactFields: Field[] = [
  {
    path: 'state',
    kind: 'choice',
    label: 'Where it stands',
    options: [
      { value: 'VICTIM_CONTACT_STATE_ATTEMPTED', text: 'Tried, and not reached' },
      { value: 'VICTIM_CONTACT_STATE_ENGAGING', text: 'In contact' },
      { value: 'VICTIM_CONTACT_STATE_DECLINED', text: 'They do not want contact' },
      { value: 'VICTIM_CONTACT_STATE_UNSAFE', text: 'Contact would be unsafe' },
      { value: 'VICTIM_CONTACT_STATE_NOT_ATTEMPTED', text: 'Nobody has tried yet' },
    ],
  },
  {
    path: 'note',
    kind: 'longstring',
    label: 'What happened',
    hint: 'If they do not want contact, or it would be unsafe, say why',
  },
]

export const updateFields: Field[] = [
  {
    path: 'told',
    kind: 'choice',
    label: 'Were they told what came of the meeting?',
    options: yesNo('Yes', 'No, it would be unsafe'),
  },
  { path: 'text', kind: 'longstring', label: 'How they were told, or why it would be unsafe' },
]

export const safeContactFields: Field[] = [
  ...safeContact,
  {
    path: 'reason',
    kind: 'longstring',
    label: 'Why it is no longer as it was',
    hint: 'Only those to whom the safe contact is shown see this',
  },
]

const reasonToClose: Field = { path: 'reason', kind: 'longstring', label: 'Why it is closed' }

/** A case that was heard needs only the reason. */
export const closeFields = ({ stage }: Case__Output): Field[] =>
  stage === 'CASE_STAGE_HEARD'
    ? [reasonToClose]
    : [
        {
          path: 'ground',
          kind: 'choice',
          label: 'Why it will not be heard',
          options: [
            { value: 'CLOSE_GROUND_VICTIM_MOVED', text: 'They live in another area now, which knows' },
            { value: 'CLOSE_GROUND_REFERRAL_WITHDRAWN', text: 'The referral was taken back' },
            { value: 'CLOSE_GROUND_DUPLICATE', text: 'The same matter is another case' },
            { value: 'CLOSE_GROUND_OTHER', text: 'Something else' },
          ],
        },
        reasonToClose,
        {
          path: 'victim_told',
          kind: 'choice',
          label: 'Were they told that it is closed?',
          options: yesNo('Yes', 'No, it would be unsafe'),
        },
        { path: 'victim_update', kind: 'longstring', label: 'How they were told, or why it would be unsafe' },
      ]

export const contactInWords = (state: string): string =>
  contactFields[0]?.options?.find(({ value }) => value === state)?.text ?? 'Nobody has tried yet'
