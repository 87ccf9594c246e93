// The parts of a referral, each a page of the task list. Labels are our own words; what is mandatory is not said here:
// maracd names what is missing (`missing_fields`), by these paths.
import type { Option, Field, Unknown } from './fields.js'

export interface Section {
  id: string
  title: string
  /** A line under the title. */
  intro?: string
  fields: Field[]
  /** A list of people: fields are made for each entry of this list. */
  people?: { list: string; what: string; fieldsOf: (path: string) => Field[] }
}

export interface Group {
  title: string
  sections: Section[]
}

const person: readonly Unknown[] = ['NOT_KNOWN', 'NOT_ASKED', 'DECLINED']

export function nameFields(path: string): Field[] {
  return [
    {
      path: `${path}.name`,
      kind: 'text',
      label: 'Name',
      hint: 'The name most often used',
      autocomplete: 'off',
    },
    {
      path: `${path}.has_aliases`,
      kind: 'yesno',
      label: 'Other names or spellings',
      followUps: {
        on: 'YES_NO_YES',
        fields: [{ path: `${path}.aliases`, kind: 'lines', label: 'Other names', hint: 'One on each line' }],
      },
    },
    {
      path: `${path}.birth_date`,
      kind: 'dayanswer',
      label: 'Date of birth',
      hint: 'For example, 27 3 1991. Enter only the year if that is all that is known',
    },
  ]
}

function addressFields(path: string): Field[] {
  return [
    {
      path: `${path}.lines`,
      kind: 'longtext',
      label: 'Address',
      hint: 'Without the postcode',
      autocomplete: 'off',
    },
    { path: `${path}.postcode`, kind: 'text', label: 'Postcode', width: '10', autocomplete: 'off' },
  ]
}

const protectedAddress = (path: string): Field => ({
  path: `${path}.protected_detail`,
  kind: 'tick',
  label: 'Keep this address off lists and agendas',
  hint: 'For a refuge, or an address that the person causing harm does not know',
})

export const victim = 'referral.victim'
export const harm = (at: number): string => `referral.perpetrators[${at}]`

export const harmFields = (path: string): Field[] => [
  ...nameFields(path),
  {
    path: `${path}.relationship_to_victim`,
    kind: 'text',
    label: 'Relationship to the person at risk',
    hint: 'For example, husband, former partner, son',
    width: '20',
  },
  ...addressFields(`${path}.address`),
  {
    path: `${path}.occupation`,
    kind: 'text',
    label: 'Job or employer',
    hint: 'Where it matters for safety: for example police, health, housing, or a job with weapons',
  },
]

export const childFields = (path: string): Field[] => [
  ...nameFields(path).filter((field) => !field.path.endsWith('.has_aliases')),
  {
    path: `${path}.relationship_to_victim`,
    kind: 'text',
    label: 'Relationship to the person at risk',
    width: '20',
  },
  {
    path: `${path}.relationship_to_perpetrator`,
    kind: 'text',
    label: 'Relationship to the person causing harm',
    width: '20',
  },
  { path: `${path}.lives_with`, kind: 'text', label: 'Who the child lives with' },
  ...addressFields(`${path}.address`),
  protectedAddress(`${path}.address`),
  { path: `${path}.school`, kind: 'text', label: 'School or nursery' },
]

/** What somebody may say about themselves. */
export const aboutFields = (path: string): Field[] => [
  { path: `${path}.gender`, kind: 'text', label: 'Gender', unknowns: person, width: '20' },
  {
    path: `${path}.ethnicity`,
    kind: 'text',
    label: 'Ethnic group',
    unknowns: person,
    width: '20',
  },
  { path: `${path}.disability`, kind: 'yesno', label: 'Disabled', unknowns: person },
  {
    path: `${path}.lgbt`,
    kind: 'yesno',
    label: 'Lesbian, gay, bisexual or trans',
    unknowns: person,
  },
  { path: `${path}.pregnant`, kind: 'yesno', label: 'Pregnant', unknowns: person },
  {
    path: `${path}.interpreter`,
    kind: 'yesno',
    label: 'Needs an interpreter',
    followUps: {
      on: 'YES_NO_YES',
      fields: [{ path: `${path}.first_language`, kind: 'text', label: 'First language', width: '20' }],
    },
  },
  {
    path: `${path}.joint_tenancy_with_perpetrator`,
    kind: 'yesno',
    label: 'Holds a tenancy together with the person causing harm',
  },
  {
    path: `${path}.no_recourse_to_public_funds`,
    kind: 'yesno',
    label: 'No recourse to public funds',
  },
]

const excludedFields = (path: string): Field[] => [
  { path: `${path}.person`, kind: 'string', label: 'Name', autocomplete: 'off' },
  {
    path: `${path}.birth_date`,
    kind: 'day',
    label: 'Date of birth, if known',
    hint: 'For example, 27 3 1984',
  },
  { path: `${path}.agency`, kind: 'select', label: 'Where they work, if they work for one of the agencies' },
  {
    path: `${path}.reason`,
    kind: 'string',
    label: 'Why',
    hint: 'For example, brother of the person causing harm',
  },
]

export const safeContact: Field[] = [
  {
    path: 'safe_contact.do_not_contact',
    kind: 'tick',
    label: 'Nobody is to contact them directly',
    hint: 'Then nothing else on this page is needed',
  },
  {
    path: 'safe_contact.phone',
    kind: 'text',
    label: 'Phone number that is safe',
    width: '20',
    autocomplete: 'off',
  },
  { path: 'safe_contact.safe_to_call', kind: 'yesno', label: 'Safe to call' },
  { path: 'safe_contact.safe_to_leave_message', kind: 'yesno', label: 'Safe to leave a message' },
  { path: 'safe_contact.safe_to_text', kind: 'yesno', label: 'Safe to send a text message' },
  { path: 'safe_contact.withhold_number', kind: 'yesno', label: 'Call from a withheld number' },
  {
    path: 'safe_contact.safe_times',
    kind: 'text',
    label: 'When it is safe',
    hint: 'For example, weekdays 9:30am to 2:30pm',
  },
  {
    path: 'safe_contact.perpetrator_away',
    kind: 'text',
    label: 'When the person causing harm is away',
  },
  {
    path: 'safe_contact.safe_third_party',
    kind: 'text',
    label: 'Somebody through whom it is safe to reach them',
    hint: 'Name and how to reach this person',
  },
  { path: 'safe_contact.code_word', kind: 'text', label: 'Agreed word by which they know a caller' },
]

const consentField: Field = {
  path: 'referral.victim_voice.consent',
  kind: 'yesno',
  label: 'Do they agree to this referral?',
  unknowns: ['NOT_ASKED'],
  followUps: {
    on: 'YES_NO_NOT_ASKED',
    fields: [
      {
        path: 'referral.victim_voice.consent_not_asked_reason',
        kind: 'string',
        label: 'Why they were not asked',
        hint: 'For example, it was not safe to speak',
      },
    ],
  },
}

const sharing: Section = {
  id: 'sharing',
  title: 'Sharing without agreement',
  intro: 'They do not agree. Write down why it is lawful and right to share this all the same.',
  fields: [
    {
      path: 'referral.shared_without_consent.decided_by',
      kind: 'string',
      label: 'Who decided',
      hint: 'Name and job title',
    },
    {
      path: 'referral.shared_without_consent.decided_on',
      kind: 'day',
      label: 'When it was decided',
      hint: 'For example, 27 3 2026',
    },
    {
      path: 'referral.shared_without_consent.why_no_consent',
      kind: 'longstring',
      label: 'Why they refused, or why it was unsafe to ask',
    },
    {
      path: 'referral.shared_without_consent.risk_relied_on',
      kind: 'longstring',
      label: 'The risk that the decision rests on',
    },
    {
      path: 'referral.shared_without_consent.lawful_grounds',
      kind: 'longstring',
      label: 'Lawful grounds',
      hint: 'The law or duty your agency relies on',
    },
    { path: 'referral.shared_without_consent.recipients', kind: 'longstring', label: 'Who receives it' },
    { path: 'referral.shared_without_consent.what_is_shared', kind: 'longstring', label: 'What is shared' },
    { path: 'referral.shared_without_consent.necessity', kind: 'longstring', label: 'Why it is necessary' },
    {
      path: 'referral.shared_without_consent.proportionality',
      kind: 'longstring',
      label: 'Why it is in proportion',
      hint: 'For this named person or household',
    },
  ],
}

export interface Lists {
  agencies: Option[]
  sourceCategories: Option[]
}

// How a referral came that somebody else types.
const routes: Option[] = [
  { value: 'REFERRAL_ROUTE_POST', text: 'Post' },
  { value: 'REFERRAL_ROUTE_PHONE', text: 'Telephone' },
  { value: 'REFERRAL_ROUTE_EMAIL', text: 'Email' },
  { value: 'REFERRAL_ROUTE_MASH', text: 'Safeguarding hub (MASH)' },
  { value: 'REFERRAL_ROUTE_WEB', text: 'A web form' },
]

/** Who refers; `onBehalf`: and how it came, where somebody else types it. */
export function referrerFields(lists: Lists, onBehalf: boolean): Field[] {
  const path = 'referral.referrer'
  return [
    { path: `${path}.person`, kind: 'string', label: 'Name', autocomplete: onBehalf ? 'off' : 'name' },
    {
      path: `${path}.job_title`,
      kind: 'string',
      label: 'Job title',
      autocomplete: onBehalf ? 'off' : 'organization-title',
    },
    ...(onBehalf
      ? [
          {
            path: `${path}.agency`,
            kind: 'select',
            label: 'Agency',
            options: [{ value: '', text: 'Choose one' }, ...lists.agencies],
          } satisfies Field,
        ]
      : []),
    { path: `${path}.contact`, kind: 'string', label: 'Work phone or email' },
    {
      path: `${path}.source_category`,
      kind: 'select',
      label: 'Kind of agency',
      options: [{ value: '', text: 'Choose one' }, ...lists.sourceCategories],
    },
    ...(onBehalf
      ? [
          { path: `${path}.route`, kind: 'choice', label: 'How it came', options: routes } satisfies Field,
          {
            path: `${path}.receive_time`,
            kind: 'moment',
            label: 'When it came',
            hint: 'The day and time of the letter or call, not of this entry. The cut-off counts from it. Without a time the beginning of the day counts',
          } satisfies Field,
        ]
      : []),
  ]
}

/** The task list of a referral. `withoutConsent`: the record of sharing is asked for only then. */
export function groupsFor(lists: Lists, urgent: boolean, withoutConsent: boolean, onBehalf = false): Group[] {
  const excluded = (path: string): Field[] =>
    excludedFields(path).map((field) =>
      field.kind === 'select'
        ? { ...field, options: [{ value: '', text: 'Not one of them, or not known' }, ...lists.agencies] }
        : field,
    )
  return [
    {
      title: 'The person at risk',
      sections: [
        {
          id: 'person',
          title: 'Who they are',
          fields: [
            ...nameFields(victim),
            {
              path: `${victim}.description`,
              kind: 'text',
              label: 'What is known, if not the name',
              hint: 'For example, woman of about 30, seen at the food bank',
            },
            ...addressFields(`${victim}.address`),
            protectedAddress(`${victim}.address`),
            {
              path: `${victim}.usual_home_differs`,
              kind: 'yesno',
              label: 'Do they usually live somewhere else?',
              followUps: {
                on: 'YES_NO_YES',
                fields: [
                  { path: `${victim}.usual_home.lines`, kind: 'longtext', label: 'Usual address' },
                  {
                    path: `${victim}.usual_home.postcode`,
                    kind: 'text',
                    label: 'Usual postcode',
                    width: '10',
                  },
                  protectedAddress(`${victim}.usual_home`),
                ],
              },
            },
          ],
        },
        {
          id: 'about',
          title: 'About them',
          intro: 'What they told you, in their own words. Nobody has to answer these.',
          fields: aboutFields(victim),
        },
        {
          id: 'contact',
          title: 'How to reach them safely',
          intro: 'Only those who must contact them see this. What is not known means: do not try it.',
          fields: safeContact,
        },
        {
          id: 'voice',
          title: 'What they know and want',
          fields: [
            {
              path: 'referral.victim_voice.aware',
              kind: 'yesno',
              label: 'Do they know about this referral?',
              followUps: {
                on: 'YES_NO_NO',
                fields: [
                  {
                    path: 'referral.victim_voice.not_aware_reason',
                    kind: 'string',
                    label: 'Why they do not know',
                  },
                ],
              },
            },
            consentField,
            { path: 'referral.victim_voice.fears', kind: 'longtext', label: 'Who and what they fear' },
            {
              path: 'referral.victim_voice.safe_to_talk_to',
              kind: 'longtext',
              label: 'Who it is safe to talk to, and who not',
            },
            { path: 'referral.victim_voice.wants', kind: 'longtext', label: 'What they want to happen' },
          ],
        },
        ...(withoutConsent ? [sharing] : []),
      ],
    },
    {
      title: 'Other people',
      sections: [
        {
          id: 'harm',
          title: 'Who causes the harm',
          fields: [],
          people: { list: 'referral.perpetrators', what: 'person', fieldsOf: harmFields },
        },
        {
          id: 'children',
          title: 'Children',
          fields: [{ path: 'referral.has_children', kind: 'yesno', label: 'Are there children?' }],
          people: { list: 'referral.children', what: 'child', fieldsOf: childFields },
        },
        {
          id: 'excluded',
          title: 'Who must not see this',
          intro:
            'Somebody in one of the agencies may be the person causing harm, or their friend or relative. The coordinator finds out whether whoever you name here works for one of the agencies, and keeps them out before the other agencies see it.',
          fields: [
            {
              path: 'referral.has_excluded_people',
              kind: 'yesno',
              label: 'Is there somebody who must not see this?',
            },
          ],
          people: { list: 'excluded_people', what: 'person', fieldsOf: excluded },
        },
      ],
    },
    {
      title: 'This referral',
      sections: [
        {
          id: 'reason',
          title: 'What happened',
          fields: [
            ...(urgent
              ? [
                  {
                    path: 'referral.reason.why_now',
                    kind: 'longstring',
                    label: 'Why it cannot wait',
                  } satisfies Field,
                ]
              : []),
            {
              path: 'referral.reason.narrative',
              kind: 'longstring',
              label: 'What happened, and why it is dangerous now',
              hint: 'Be short. Say what points to serious harm soon, the latest incident, and what sets it off',
            },
            {
              path: 'referral.reason.latest_incident',
              kind: 'dayanswer',
              label: 'Day of the latest incident',
              hint: 'For example, 27 3 2026',
            },
            {
              path: 'referral.reason.orders_and_references',
              kind: 'longtext',
              label: 'Crime references, orders, bail and court dates',
            },
            {
              path: 'referral.reason.protection_in_place',
              kind: 'longtext',
              label: 'What protects them already',
            },
            {
              path: 'referral.staff_safety',
              kind: 'longtext',
              label: 'Dangers to workers',
              hint: 'For example, dogs, weapons, visit in pairs',
            },
          ],
        },
        {
          id: 'grounds',
          title: 'Why you refer',
          fields: [
            {
              path: 'referral.criteria.professional_judgement',
              kind: 'yesno',
              label: 'Do you judge the risk to be high, whatever the count of answers?',
              unknowns: [],
              followUps: {
                on: 'YES_NO_YES',
                fields: [
                  { path: 'referral.criteria.judgement_text', kind: 'longstring', label: 'Your reasons' },
                ],
              },
            },
            {
              path: 'referral.criteria.escalation',
              kind: 'yesno',
              label: 'Were there more and more reports to the police?',
              followUps: {
                on: 'YES_NO_YES',
                fields: [
                  {
                    path: 'referral.criteria.incident_days',
                    kind: 'days',
                    label: 'Days of these reports',
                    hint: 'One on each line, like 27/3/2026',
                  },
                ],
              },
            },
            {
              path: 'referral.criteria.repeat',
              kind: 'yesno',
              label: 'Was this pair here before, in the last 12 months?',
              followUps: {
                on: 'YES_NO_YES',
                fields: [
                  {
                    path: 'referral.criteria.listed_before',
                    kind: 'dayanswer',
                    label: 'When',
                    hint: 'For example, 27 3 2026',
                  },
                ],
              },
            },
            {
              path: 'referral.criteria.referred_elsewhere',
              kind: 'yesno',
              label: 'Were they referred in another area?',
              followUps: {
                on: 'YES_NO_YES',
                fields: [
                  {
                    path: 'referral.criteria.referred_elsewhere_text',
                    kind: 'text',
                    label: 'Where and when',
                  },
                ],
              },
            },
          ],
        },
        {
          id: 'referrer',
          title: 'Who refers',
          fields: referrerFields(lists, onBehalf),
        },
      ],
    },
  ]
}

/** What an urgent referral needs, on one page: at most five answers. */
export const urgentFields: Field[] = [
  {
    path: `${victim}.name`,
    kind: 'text',
    label: 'Name of the person at risk',
    unknowns: ['NOT_KNOWN'],
    autocomplete: 'off',
  },
  {
    path: `${victim}.description`,
    kind: 'text',
    label: 'If the name is not known, what is',
    unknowns: [],
    hint: 'For example, woman of about 30, seen at the food bank',
  },
  { path: 'referral.reason.why_now', kind: 'longstring', label: 'Why it cannot wait' },
  {
    path: 'safe_contact.do_not_contact',
    kind: 'tick',
    label: 'Nobody is to contact them directly',
  },
  {
    path: 'safe_contact.safe_to_call',
    kind: 'yesno',
    label: 'Is it safe to call them?',
    followUps: {
      on: 'YES_NO_YES',
      fields: [
        {
          path: 'safe_contact.phone',
          kind: 'text',
          label: 'Phone number that is safe',
          width: '20',
          autocomplete: 'off',
        },
      ],
    },
  },
  consentField,
]
