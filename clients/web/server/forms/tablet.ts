// What a practitioner finds out before the device goes into the person's hands: how they communicate (dash.md 8), whether
// it is safe, who is there; and afterwards which of their needs were met. What is required is maracd's to say.
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { CommunicationNeed__Output } from '../../generated/marac/v1/CommunicationNeed.js'
import type { CommunicationProfile__Output } from '../../generated/marac/v1/CommunicationProfile.js'
import type { Sitting__Output } from '../../generated/marac/v1/Sitting.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { Answer, Answer__Output } from '../../generated/marac/v1/Answer.js'
import { one, type Body } from '../context.js'
import { currencies, currencyIn } from './answers.js'
import { anchors, filled, inWords, nameIn, placesOf, type Place } from './device.js'
import { inWords as inWordsOf, type Field, type Option } from './fields.js'
import { sizes } from './screen.js'

const of = (prefix: string, words: Record<string, string>): Option[] =>
  Object.entries(words).map(([value, text]) => ({ value: `${prefix}_${value}`, text }))

// --- The communication profile -------------------------------------------------------------------------------------

const display = (path: string) => `profile.display.${path}`

/** The screen first: it is what the person sees next. */
export const screenFields: Field[] = [
  {
    path: display('theme'),
    kind: 'choice',
    label: 'Colours of the screen',
    options: of('DISPLAY_THEME', {
      STANDARD: 'Black on white',
      CREAM: 'Black on cream',
      DARK: 'Light on dark',
      HIGH_CONTRAST: 'Yellow on black, the strongest contrast',
    }),
  },
  {
    path: display('text_percent'),
    kind: 'select',
    label: 'Size of the words',
    options: sizes.map((size) => ({ value: size, text: size === '100' ? 'Large (standard)' : `${size}%` })),
  },
  {
    path: display('pictures'),
    kind: 'choice',
    label: 'Pictures',
    options: of('PICTURE_USE', {
      ON: 'Pictures and words',
      OFF: 'No pictures',
      ONLY: 'Large pictures, small words',
    }),
  },
  {
    path: display('picture_side'),
    kind: 'choice',
    label: 'Side of the pictures',
    options: of('PICTURE_SIDE', { LEFT: 'Left of the words', RIGHT: 'Right of the words' }),
  },
  {
    path: display('read_aloud'),
    kind: 'tick',
    label: 'Offer to read aloud',
    hint: 'Only where this device has a voice of its own. Nothing is ever read by itself',
  },
  {
    path: display('plain_words'),
    kind: 'tick',
    label: 'Plain words instead of easy words',
    hint: 'The person can change this at each question',
  },
]

/** What the person calls those whom they fear (ACC-14). */
export const wordFields = ({ perpetrators }: Assessment__Output): Field[] =>
  perpetrators.map((_, at) => ({
    path: `words[${at}]`,
    kind: 'string',
    label:
      perpetrators.length === 1 ? 'What they call the person they fear' : `What they call person ${at + 1}`,
    hint: 'Their own name or word, as it comes in a sentence: Sam, or my dad. It stands in every question',
    autocomplete: 'off',
    width: '20',
  }))

export const needFields: Field[] = [
  { path: 'profile.preferred_language', kind: 'text', label: 'Language they prefer', width: '20' },
  {
    path: 'profile.ways',
    kind: 'ticks',
    label: 'Other ways in which they communicate',
    options: of('COMMUNICATION_WAY', {
      BSL: 'British Sign Language',
      SSE: 'Sign Supported English',
      MAKATON: 'Makaton',
      DEAFBLIND_MANUAL: 'Deafblind manual, or hands-on signing',
      LIP_READING: 'Lip-reading',
      AAC: 'A communication aid',
      TALKING_MATS: 'Talking Mats',
      OBJECTS: 'Objects of reference',
      OTHER_SIGN_LANGUAGE: 'Another sign language',
      OTHER: 'Another way',
    }),
  },
  { path: 'profile.other_way', kind: 'string', label: 'Which other way', autocomplete: 'off' },
  { path: 'profile.interpreter', kind: 'yesno', label: 'Do they need an interpreter?' },
  { path: 'profile.relay', kind: 'yesno', label: 'Do they want calls through a relay service?' },
  { path: 'profile.says_yes', kind: 'text', label: 'How they say yes', hint: 'Where that is not the word' },
  { path: 'profile.says_no', kind: 'text', label: 'How they say no', hint: 'Where that is not the word' },
  { path: 'profile.literal_language', kind: 'yesno', label: 'Do they take words literally?' },
  { path: 'profile.numbers_hard', kind: 'yesno', label: 'Are numbers and dates hard for them?' },
  {
    path: 'profile.reading',
    kind: 'choice',
    label: 'How they rate their own reading',
    options: of('READING_RATING', {
      EASY: 'Easy',
      SOME_HELP: 'Some words are hard',
      HARD: 'Hard without somebody',
      NOT_AT_ALL: 'They do not read',
      DECLINED: 'Prefers not to say',
    }),
  },
  { path: 'profile.processing_time', kind: 'text', label: 'How long to wait for an answer' },
  { path: 'profile.memory', kind: 'text', label: 'What helps them to remember' },
  { path: 'profile.breaks', kind: 'text', label: 'How often and how they take breaks' },
  { path: 'profile.fatigue', kind: 'text', label: 'When they tire, and what shows it' },
  {
    path: 'profile.sensory',
    kind: 'text',
    label: 'Light, noise, touch, people: what to avoid and what helps',
  },
  {
    path: 'profile.trauma_triggers',
    kind: 'text',
    label: 'What brings bad memories back',
    hint: 'Words, places, postures, sorts of people. The device is never told this',
  },
  {
    path: 'profile.formats',
    kind: 'ticks',
    label: 'Formats in which they want to be written to',
    options: of('INFORMATION_FORMAT', {
      EASY_READ: 'Easy Read',
      LARGE_PRINT: 'Large print',
      AUDIO: 'Audio',
      BRAILLE: 'Braille',
      EMAIL: 'Email',
      SMS: 'Text message',
      BSL_VIDEO: 'Video in British Sign Language',
    }),
  },
  { path: 'profile.print_points', kind: 'string', label: 'Size of large print, in points', width: '4' },
  { path: 'profile.other', kind: 'string', label: 'Whatever else helps', autocomplete: 'off' },
  {
    path: 'profile.review_date',
    kind: 'day',
    label: 'When this is to be looked at again',
    hint: 'For example, 27 3 2027',
  },
]

/** Somebody who helps; what is left empty is nobody. */
export const helperFields: Field[] = [
  {
    path: 'profile.supporter.person',
    kind: 'string',
    label: 'A supporter whom the person chose',
    hint: 'Ask the person alone. Leave it empty where there is nobody',
    autocomplete: 'off',
  },
  { path: 'profile.supporter.relation', kind: 'string', label: 'What the supporter is to them', width: '20' },
  {
    path: 'profile.supporter.chosen_by_person',
    kind: 'yesno',
    label: 'Did the person choose the supporter, asked alone?',
  },
  {
    path: 'profile.intermediary.person',
    kind: 'string',
    label: 'An intermediary or advocate',
    autocomplete: 'off',
  },
  { path: 'profile.intermediary.role', kind: 'string', label: 'Their role', width: '20' },
  {
    path: 'profile.intermediary.relation_to_abuser',
    kind: 'string',
    label: 'What the intermediary is to those whom the person fears',
    hint: '“None” is an answer',
  },
]

/** What a profile says, for whoever will speak with the person; nothing where nobody asked. */
export const profileInWords = (
  profile: CommunicationProfile__Output | null,
): { label: string; value: string }[] =>
  profile
    ? [...needFields, ...helperFields]
        .map((field) => ({ label: field.label, value: inWordsOf(field, { profile }) }))
        .filter(({ value }) => value !== '')
    : []

// --- The sitting ---------------------------------------------------------------------------------------------------

const safety = (path: string) => `sitting.safety.${path}`

export const safetyFields: Field[] = [
  {
    path: safety('alone'),
    kind: 'yesno',
    label: 'Is nobody within hearing but those you name below?',
  },
  { path: safety('safe_to_talk'), kind: 'yesno', label: 'Does the person say that it is safe to talk now?' },
  {
    path: safety('minutes_available'),
    kind: 'string',
    label: 'How many minutes are there?',
    hint: 'All questions at once take an hour or more. Offer two to four sittings',
    width: '4',
  },
  {
    path: safety('safe_contact_known'),
    kind: 'yesno',
    label: 'Do you know how to reach them safely if you are cut off?',
  },
  {
    path: safety('in_the_building'),
    kind: 'string',
    label: 'Who else is in the building?',
    hint: '“Nobody” and “not known” are answers',
    autocomplete: 'off',
  },
  {
    path: safety('where_abuser_is'),
    kind: 'string',
    label: 'Where are those whom they fear, and until when?',
    autocomplete: 'off',
  },
  {
    path: safety('where_children_are'),
    kind: 'string',
    label: 'Where are the children, and who is with them?',
    hint: '“No children” is an answer',
    autocomplete: 'off',
  },
]

export const sittingFields: Field[] = [
  {
    path: 'sitting.mode',
    kind: 'choice',
    label: 'How the person answers',
    options: of('SITTING_MODE', {
      PERSON_TAPS_WITH_SUPPORT: 'On this device, with you or a supporter beside them',
      PERSON_ALONE_IN_ROOM: 'On this device, alone in the room, with you at hand',
      SIGNED_BY_INTERPRETER: 'On this device, with an interpreter who signs or speaks the questions',
    }),
  },
  { path: 'sitting.place', kind: 'string', label: 'Where you are', autocomplete: 'off' },
]

const presentRows = [0, 1, 2]
export const presentFields: Field[] = presentRows.flatMap((row): Field[] => [
  {
    path: `sitting.people_present[${row}].person`,
    kind: 'string',
    label: `Somebody else in the room${row === 0 ? '' : ` (${row + 1})`}`,
    autocomplete: 'off',
  },
  {
    path: `sitting.people_present[${row}].present_as`,
    kind: 'select',
    label: 'There as',
    options: [
      { value: 'PRESENT_AS_UNSPECIFIED', text: 'Nobody' },
      ...of('PRESENT_AS', {
        SUPPORTER: 'Supporter, chosen by the person',
        ADVOCATE: 'Advocate',
        INTERMEDIARY: 'Intermediary',
        PROFESSIONAL: 'Another professional',
        YOUNG_CHILD: 'A baby, or a child too young to understand',
      }),
    ],
  },
])

/** Never family, a friend or a carer (ACC-45): the choice is there so that it can be refused with what to do instead. */
export const interpreterFields: Field[] = [
  {
    path: 'sitting.interpreter.person',
    kind: 'string',
    label: 'Name of the interpreter',
    hint: 'Leave it empty where nobody interprets',
    autocomplete: 'off',
  },
  {
    path: 'sitting.interpreter.relation',
    kind: 'choice',
    label: 'What the interpreter is to the person',
    options: of('INTERPRETER_RELATION', {
      PROFESSIONAL: 'An interpreter by profession, and nothing else to them',
      FAMILY: 'Family',
      FRIEND: 'A friend or neighbour',
      CARER: 'A carer or support worker',
    }),
  },
  { path: 'sitting.interpreter.language', kind: 'string', label: 'Language or sign language', width: '20' },
  { path: 'sitting.interpreter.qualified', kind: 'yesno', label: 'Are they qualified for this work?' },
  {
    path: 'sitting.interpreter.registration',
    kind: 'string',
    label: 'Register and number',
    hint: 'As it is on their card, for example NRCPD 123456',
    width: '20',
  },
  {
    path: 'sitting.interpreter.known_to_abuser_or_community',
    kind: 'yesno',
    label: 'Are they known to those whom the person fears, or of their community?',
  },
  {
    path: 'sitting.interpreter.accepted_by_person',
    kind: 'yesno',
    label: 'Does the person accept them all the same, asked without them?',
  },
  { path: 'sitting.interpreter.remote', kind: 'tick', label: 'By video or telephone' },
]

export const openSitting = ({ sittings }: Assessment__Output): Sitting__Output | undefined =>
  sittings.find(({ end_time }) => end_time === null)

// --- What the person said ------------------------------------------------------------------------------------------

export interface Said {
  label: string
  value: string
  /** Of what happened: whether it is so now, and whether it was in the time that the question is about (ACC-23). */
  when?: { name: string; currency: string; months: number; within: string }
}

const nameOfWhen = ({ item, probe }: Place): string => `w.${probe?.code ?? item.code}`

/** What the practitioner said of the times, as answers to be appended; what is as it was is left out. */
export function timesFrom(
  pack: InstrumentPack__Output,
  assessment: Assessment__Output,
  body: Body,
): Answer[] {
  return answeredPlaces(pack, assessment).flatMap((place) => {
    const answer = answerAt(place, assessment)
    const name = nameOfWhen(place)
    if (!answer || !isOfTime(answer) || body[`${name}.currency`] === undefined) return []
    const before = one(body, `${name}.within`) === 'YES_NO_NO'
    const within = withins.find(({ value }) => value === one(body, `${name}.within`))?.value
    const currency = currencies.find(({ value }) => !before && value === one(body, `${name}.currency`))?.value
    const said: Answer = {
      ...answer,
      code: before ? 'ANSWER_CODE_NO' : answer.option === '' ? 'ANSWER_CODE_YES' : 'ANSWER_CODE_OPTION',
      details: before ? [] : answer.details,
      currency: currency ?? 'CURRENCY_UNSPECIFIED',
      within_window: within ?? 'YES_NO_UNSPECIFIED',
    }
    const isSame =
      said.code === answer.code &&
      said.currency === answer.currency &&
      said.within_window === answer.within_window
    return isSame ? [] : [said]
  })
}

export const withins = [
  { value: 'YES_NO_YES', text: 'Yes' },
  { value: 'YES_NO_NO', text: 'No, it was before: it counts as a no' },
] as const

/** Every place of the form; a question that was answered as a whole, in plain words (ACC-04), is one of its own. */
const answeredPlaces = (pack: InstrumentPack__Output, assessment: Assessment__Output): Place[] =>
  placesOf(pack).flatMap((place) => {
    const { section, item, probe } = place
    const isOf = ({ item: code }: { item: string }) => code === item.code
    const isWhole = !assessment.probe_answers.some(isOf) && assessment.answers.some(isOf)
    if (!probe || !isWhole) return [place]
    return probe === item.probes[0] ? [{ section, item, probe: undefined }] : []
  })

const answerAt = ({ item, probe }: Place, assessment: Assessment__Output): Answer__Output | undefined =>
  [...assessment.probe_answers, ...assessment.section_answers, ...assessment.answers].find(
    (one) => one.item === item.code && one.probe === (probe?.code ?? ''),
  )

/** What happened, or happened before the time that the question is about. */
const isOfTime = ({ code, within_window }: Answer__Output): boolean =>
  code === 'ANSWER_CODE_YES' || code === 'ANSWER_CODE_OPTION' || within_window === 'YES_NO_NO'

/** Every answer with the words that came with it, for the practitioner; what was not put is left out. */
export function saidIn(pack: InstrumentPack__Output, assessment: Assessment__Output): Said[] {
  const name = nameIn({ people: assessment.communication?.person_words ?? [] })
  return answeredPlaces(pack, assessment).flatMap((place) => {
    const { item, probe } = place
    const answer = answerAt(place, assessment)
    if (!answer) return []
    const isScored = place.section === undefined
    return [
      {
        ...(isScored && isOfTime(answer)
          ? {
              when: {
                name: nameOfWhen(place),
                currency: currencyIn(answer),
                months: item.window_months,
                within: answer.within_window,
              },
            }
          : {}),
        label: filled(probe?.question ?? item.question, name),
        value: [
          inWords(place, answer),
          answer.reworded ? 'Asked in other words as well' : '',
          anchors.find(({ value }) => value === answer.time_anchor)?.text ?? '',
          answer.time_words === '' ? '' : `When, in their words: ${answer.time_words}`,
          answer.note === ''
            ? ''
            : `${answer.verbatim ? 'Their own words' : 'Written down for them'}: ${answer.note}`,
        ]
          .filter((line) => line !== '')
          .join('\n'),
      },
    ]
  })
}

// --- Afterwards ----------------------------------------------------------------------------------------------------

export interface Need {
  need: CommunicationNeed__Output
  label: string
}

const isSaid = (text: { value?: string; unknown?: string } | null): boolean => (text?.value ?? '') !== ''

/** What the profile asks for, so that it can be said of each whether it was met (DAPB1605). */
export function needsIn(profile: CommunicationProfile__Output | null): Need[] {
  if (!profile) return []
  const needs: [CommunicationNeed__Output, string, boolean][] = [
    ['COMMUNICATION_NEED_LANGUAGE', 'Their language', isSaid(profile.preferred_language)],
    ['COMMUNICATION_NEED_WAYS', 'Their ways of communicating', profile.ways.length > 0],
    ['COMMUNICATION_NEED_INTERPRETER', 'An interpreter', profile.interpreter === 'YES_NO_YES'],
    ['COMMUNICATION_NEED_RELAY', 'A relay service', profile.relay === 'YES_NO_YES'],
    ['COMMUNICATION_NEED_INTERMEDIARY', 'An intermediary or advocate', profile.intermediary !== null],
    ['COMMUNICATION_NEED_SUPPORTER', 'A supporter', profile.supporter !== null],
    ['COMMUNICATION_NEED_FORMATS', 'Formats', profile.formats.length > 0],
    ['COMMUNICATION_NEED_SENSORY', 'Light, noise, touch, people', isSaid(profile.sensory)],
    ['COMMUNICATION_NEED_BREAKS', 'Breaks', isSaid(profile.breaks)],
    ['COMMUNICATION_NEED_PROCESSING_TIME', 'Time to take a question in', isSaid(profile.processing_time)],
    ['COMMUNICATION_NEED_LITERAL_LANGUAGE', 'Literal words', profile.literal_language === 'YES_NO_YES'],
    ['COMMUNICATION_NEED_MEMORY', 'Help with memory', isSaid(profile.memory)],
    [
      'COMMUNICATION_NEED_READING',
      'Help with reading',
      ['READING_RATING_SOME_HELP', 'READING_RATING_HARD', 'READING_RATING_NOT_AT_ALL'].includes(
        profile.reading,
      ),
    ],
    ['COMMUNICATION_NEED_NUMBERS', 'Help with numbers', profile.numbers_hard === 'YES_NO_YES'],
    ['COMMUNICATION_NEED_FATIGUE', 'Care not to tire them', isSaid(profile.fatigue)],
    [
      'COMMUNICATION_NEED_YES_AND_NO',
      'Their way of saying yes and no',
      isSaid(profile.says_yes) || isSaid(profile.says_no),
    ],
    ['COMMUNICATION_NEED_TRAUMA_TRIGGERS', 'What brings bad memories back', isSaid(profile.trauma_triggers)],
    ['COMMUNICATION_NEED_DISPLAY', 'The screen as they need it', profile.display !== null],
    ['COMMUNICATION_NEED_OTHER', 'Whatever else helps', profile.other !== ''],
  ]
  return needs.filter(([, , asked]) => asked).map(([need, label]) => ({ need, label }))
}

export const metFields = (needs: Need[]): Field[] =>
  needs.flatMap(({ label }, at): Field[] => [
    {
      path: `needs_met[${at}].met`,
      kind: 'yesno',
      label,
      unknowns: [],
    },
    { path: `needs_met[${at}].why`, kind: 'string', label: `If not, why: ${label}`, autocomplete: 'off' },
  ])

export const breakFields: Field[] = [
  { path: 'breaks[0].begin_time', kind: 'moment', label: 'When a break began' },
  { path: 'breaks[0].end_time', kind: 'moment', label: 'When it ended' },
  {
    path: 'breaks[0].reason',
    kind: 'string',
    label: 'What the break was for',
    hint: 'A break taken on the device is written down here afterwards',
    autocomplete: 'off',
  },
]

export const endFields: Field[] = [
  {
    path: 'stop_reason',
    kind: 'string',
    label: 'If you stopped early, why',
    autocomplete: 'off',
  },
]
