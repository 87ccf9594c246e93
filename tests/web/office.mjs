// What happened before a page is looked at, done through the public API as the people of the demonstration.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Metadata } from '../../clients/web/node_modules/@grpc/grpc-js/build/src/index.js'
import { loadSync } from '../../clients/web/node_modules/@grpc/proto-loader/build/src/index.js'
import { readConfig } from '../../clients/web/dist/server/config.js'
import { connect } from '../../clients/web/dist/server/data/index.js'
import { send, whole } from './referrals.mjs'
import { password } from './stack.mjs'

const area = 'areas/mk'
const proto = new URL('../../clients/web/dist/proto', import.meta.url).pathname
const text = (value) => ({ value })

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
    const like = whole(victim.split(' ').at(-1))
    const address = { lines: text(newAddress), postcode: text('MK98 1AA'), protected_detail: true }
    const referral = {
      ...like,
      victim: { ...like.victim, name: text(victim), ...(newAddress ? { address } : {}) },
      perpetrators: [{ ...like.perpetrators[0], name: text(harm) }],
      children: child ? [{ ...like.children[0], name: text(child) }] : [],
      has_children: child ? 'YES_NO_YES' : 'YES_NO_NO',
      reason: {
        narrative: `${harm} came to the house at night and would not leave.`,
        latest_incident: { day: dayOf(await this.now()) },
      },
      victim_voice: {
        ...like.victim_voice,
        consent,
        consent_not_asked_reason: consent === 'YES_NO_NOT_ASKED' ? 'He was in the room.' : '',
      },
    }
    const { name, etag } = await send({ call: (...what) => this.call('idva', ...what) }, referral)
    const accepted = await this.call('coordinator', 'ReferralService', 'AcceptReferral', { name, etag })
    return accepted.case_name
  }

  /** An assessment whose answers are yes to these and no to all others, completed; on the area's form unless told. */
  async completed(login, victim, yes, instrument = '') {
    const call = (method, request) => this.call(login, 'AssessmentService', method, request)
    const begun = await call('StartAssessment', { parent: area, instrument, victim: { name: text(victim) } })
    const { items } = await call('GetInstrument', { instrument: begun.instrument })
    const { etag } = await call('AppendAnswers', {
      name: begun.name,
      answers: items.map(({ code }) => ({
        item: code,
        code: yes.includes(code) ? 'ANSWER_CODE_YES' : 'ANSWER_CODE_NO',
      })),
    })
    return call('CompleteAssessment', {
      name: begun.name,
      etag,
      judgement: { text: 'She has a safe place.' },
    })
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
