// What happened before a page is looked at, done through the public API as the people of the demonstration.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Metadata } from '../../clients/web/node_modules/@grpc/grpc-js/build/src/index.js'
import { loadSync } from '../../clients/web/node_modules/@grpc/proto-loader/build/src/index.js'
import { readConfig } from '../../clients/web/dist/server/config.js'
import { connect } from '../../clients/web/dist/server/data/index.js'
import { password } from './stack.mjs'

const area = 'areas/mk'
const proto = new URL('../../clients/web/dist/proto', import.meta.url).pathname
const text = (value) => ({ value })
const unknown = { unknown: 'UNKNOWN_NOT_KNOWN' }

/** "2026-03-27" -> {year, month, day}. */
const dayOf = (date) => ({
  year: date.getUTCFullYear(),
  month: date.getUTCMonth() + 1,
  day: date.getUTCDate(),
})

export class Office {
  static async open(stack) {
    const office = new Office()
    office.connection = connect(readConfig(join(stack.directory, 'web/web.json')))
    office.tokens = new Map()
    return office
  }

  close = () => this.connection.close()

  async tokenOf(login) {
    if (!this.tokens.has(login)) {
      const stranger = this.connection.as('', '127.0.0.1')
      const { token } = await stranger.call('SessionService', 'SignIn', { login, password })
      this.tokens.set(login, token)
    }
    return this.tokens.get(login)
  }

  async call(login, service, method, request) {
    return this.connection.as(await this.tokenOf(login), '127.0.0.1').call(service, method, request)
  }

  /** What the records' clock says. */
  async now() {
    const { business_time } = await this.call('admin', 'SessionService', 'GetCaller', {})
    return new Date(Number(business_time.seconds) * 1000)
  }

  /** Moves the records' clock of the demonstration forward. */
  async advance(seconds) {
    const contract = loadSync('marac/v1/demo_service.proto', {
      includeDirs: [proto],
      keepCase: true,
      longs: String,
    })
    const { path, requestSerialize, responseDeserialize } = contract['marac.v1.DemoService'].AdvanceClock
    const metadata = new Metadata()
    metadata.set('authorization', `Bearer ${await this.tokenOf('admin')}`)
    await new Promise((resolve, reject) =>
      this.connection.channel.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { business_time: { seconds }, request_id: randomUUID() },
        metadata,
        (error, answer) => (error ? reject(error) : resolve(answer)),
      ),
    )
  }

  /** A referral of the IDVA's, sent and accepted: a case that waits for its agenda. */
  async acceptedCase({ victim, harm, child, newAddress, consent = 'YES_NO_YES' }) {
    const address = { lines: text('12 Gossamer Lane'), postcode: text('MK99 4QX') }
    const referral = await this.call('idva', 'ReferralService', 'SaveDraft', {
      parent: area,
      referral: {
        referrer: {
          person: 'Amara Thistlewood',
          job_title: 'IDVA',
          contact: '01632 960123',
          route: 'REFERRAL_ROUTE_OWN_SYSTEM',
          source_category: 'IDVA',
        },
        victim: {
          name: text(victim),
          has_aliases: 'YES_NO_NO',
          birth_date: { day: { year: 1991, month: 5, day: 17 } },
          address: newAddress
            ? { lines: text(newAddress), postcode: text('MK98 1AA'), protected_detail: true }
            : address,
          usual_home_differs: 'YES_NO_NO',
          gender: text('female'),
          ethnicity: text('White British'),
          disability: 'YES_NO_NO',
          lgbt: 'YES_NO_NOT_ASKED',
        },
        perpetrators: [
          {
            name: text(harm),
            has_aliases: 'YES_NO_NO',
            birth_date: { day: { year: 1988, month: 11, day: 2 } },
            address: { lines: unknown, postcode: unknown },
            relationship_to_victim: text('separated husband'),
          },
        ],
        children: child
          ? [
              {
                name: text(child),
                birth_date: { day: { year: 2017, month: 2, day: 3 } },
                address,
                relationship_to_victim: text('child'),
                relationship_to_perpetrator: text('child'),
                school: text('Larkfold Primary School'),
                lives_with: text('the victim'),
              },
            ]
          : [],
        has_children: child ? 'YES_NO_YES' : 'YES_NO_NO',
        criteria: {
          professional_judgement: 'YES_NO_YES',
          judgement_text: 'Separated last week; threats since.',
          escalation: 'YES_NO_NO',
          repeat: 'YES_NO_NOT_KNOWN',
          referred_elsewhere: 'YES_NO_NO',
        },
        reason: {
          narrative: `${harm} came to the house at night and would not leave.`,
          latest_incident: { day: dayOf(await this.now()) },
        },
        victim_voice: {
          aware: 'YES_NO_YES',
          consent,
          consent_not_asked_reason: consent === 'YES_NO_NOT_ASKED' ? 'He was in the room.' : '',
          fears: text('That he comes back'),
          safe_to_talk_to: text('The IDVA'),
          wants: text('To stay in the house'),
        },
        has_excluded_people: 'YES_NO_NO',
      },
      safe_contact: {
        phone: text('01632 960456'),
        safe_to_call: 'YES_NO_YES',
        safe_times: text('Weekdays 9:30am to 2:30pm'),
        safe_to_leave_message: 'YES_NO_NO',
        safe_to_text: 'YES_NO_NO',
        withhold_number: 'YES_NO_YES',
        safe_third_party: unknown,
        perpetrator_away: unknown,
      },
    })
    const { name, etag } = referral
    const sent = await this.call('idva', 'ReferralService', 'SubmitReferral', { name, etag })
    const accepted = await this.call('coordinator', 'ReferralService', 'AcceptReferral', {
      name,
      etag: sent.etag,
    })
    return accepted.case_name
  }

  /** A meeting at the end of so many weeks, as the coordinator puts it on the calendar. */
  async meeting({ weeks = 4, count = 1 } = {}) {
    const day = new Date(await this.now())
    day.setUTCDate(day.getUTCDate() + weeks * 7)
    const { meetings } = await this.call('coordinator', 'MeetingService', 'ScheduleMeetings', {
      parent: area,
      first_day: dayOf(day),
      count,
      start_minute: 9 * 60 + 30,
      length: { seconds: 3 * 60 * 60 },
      venue: 'Lantern room',
    })
    return meetings
  }

  case = (login, name) => this.call(login, 'CaseService', 'GetCase', { name })
}
