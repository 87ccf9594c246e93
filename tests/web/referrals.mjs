// Referrals as their authors send them, past the pages: what the tests of everybody after them begin with.

const known = (value) => ({ value })
const notKnown = { unknown: 'UNKNOWN_NOT_KNOWN' }
const born = (day, month, year) => ({ day: { year, month, day } })
const today = () => {
  const now = new Date()
  return { year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() }
}

/** Everything that is mandatory, about two people with this family name. */
export function whole(family, changes = {}) {
  const home = { lines: known(`12 ${family} Lane`), postcode: known('MK99 4QX') }
  return {
    referrer: {
      person: 'Amara Thistlewood',
      job_title: 'IDVA',
      contact: '01632 960123',
      route: 'REFERRAL_ROUTE_OWN_SYSTEM',
      source_category: 'IDVA',
    },
    victim: {
      name: known(`Mirela ${family}`),
      has_aliases: 'YES_NO_NO',
      birth_date: born(17, 5, 1991),
      address: home,
      usual_home_differs: 'YES_NO_NO',
      gender: known('female'),
      ethnicity: known('White British'),
      disability: 'YES_NO_NO',
      lgbt: 'YES_NO_NOT_ASKED',
    },
    perpetrators: [
      {
        name: known(`Garth ${family}`),
        aliases: [`Gaz ${family}`],
        birth_date: born(2, 11, 1988),
        address: { lines: notKnown, postcode: notKnown },
        relationship_to_victim: known('separated husband'),
      },
    ],
    children: [
      {
        name: known(`Tilda ${family}`),
        birth_date: born(3, 2, 2017),
        address: home,
        relationship_to_victim: known('child'),
        relationship_to_perpetrator: known('child'),
        school: known('Larkfold Primary School'),
        lives_with: known('the victim'),
      },
    ],
    has_children: 'YES_NO_YES',
    criteria: {
      professional_judgement: 'YES_NO_YES',
      judgement_text: 'He came back twice since she left, and she thinks he will kill her.',
      escalation: 'YES_NO_NO',
      repeat: 'YES_NO_NOT_KNOWN',
      referred_elsewhere: 'YES_NO_NO',
    },
    reason: {
      narrative: 'Garth came to the house at night and would not leave. He has a key again.',
      latest_incident: { day: today() },
    },
    victim_voice: {
      aware: 'YES_NO_YES',
      consent: 'YES_NO_YES',
      fears: known('Garth, and his brother'),
      safe_to_talk_to: known('Her sister; not his mother'),
      wants: known('To stay in the house'),
    },
    has_excluded_people: 'YES_NO_NO',
    ...changes,
  }
}

const safeContact = {
  phone: known('01632 960456'),
  safe_to_call: 'YES_NO_YES',
  safe_times: known('Weekdays 9:30am to 2:30pm'),
  safe_to_leave_message: 'YES_NO_NO',
  safe_to_text: 'YES_NO_NO',
  withhold_number: 'YES_NO_YES',
  safe_third_party: notKnown,
  perpetrator_away: notKnown,
}

/** Only what an urgent one needs. */
export const urgent = (family) => ({
  urgent: true,
  referrer: {
    person: 'Amara Thistlewood',
    job_title: 'IDVA',
    contact: '01632 960123',
    source_category: 'IDVA',
  },
  victim: { name: known(`Mirela ${family}`) },
  reason: { why_now: 'He is released tomorrow and knows where she sleeps.' },
  victim_voice: { consent: 'YES_NO_NOT_ASKED', consent_not_asked_reason: 'He was in the room.' },
})

/** Sends it, and answers with what maracd then holds. */
export async function send(marac, referral, more = {}) {
  const draft = await marac.call('ReferralService', 'SaveDraft', {
    parent: 'areas/mk',
    referral,
    safe_contact: safeContact,
    ...more,
  })
  return marac.call('ReferralService', 'SubmitReferral', { name: draft.name, etag: draft.etag })
}
