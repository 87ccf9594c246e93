// The form in the hands of the person whom an assessment is about. One address, which says nothing; what was pressed
// comes by POST. It speaks to maracd by the device's own token, which reads the wording, says where the person is,
// appends their answers and ends itself: no page here can show what the answers come to (ACC-30).
import { randomUUID } from 'node:crypto'
import { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import type { Answer } from '../../generated/marac/v1/Answer.js'
import type { Handover__Output } from '../../generated/marac/v1/Handover.js'
import type { HandoverEnd } from '../../generated/marac/v1/HandoverEnd.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import { bodyOf, one, type Body, type Context } from '../context.js'
import { isToken, MaracError, type MaracClient } from '../data/index.js'
import {
  anchors,
  answerAt,
  answerFrom,
  chosenIn,
  filled,
  inPlainWords,
  isCheckIn,
  isChecked,
  isLast,
  isLeftOut,
  isTeachBack,
  keyOf,
  lastBefore,
  nameIn,
  nextLeftOut,
  notUnderstood,
  pagesOf,
  placeAt,
  placeNow,
  rowsOf,
  sentencesAPage,
  shownAt,
  type Place,
  type Shown,
} from '../forms/device.js'
import { keptFrom, pictureUses, screenOf, sizes, themes, type Screen } from '../forms/screen.js'
import { numberView } from '../services/servicesDirectory.js'
import { typedIn } from '../services/kept.js'
import { urls } from '../urls.js'
import { deviceOf, keepDevice, keepScreen, screenIn } from '../utils/cookies.js'

/** The device of one request. */
interface Device {
  marac: MaracClient
  handover: Handover__Output
  pack: InstrumentPack__Output
  /** The form in the words that it is derived from; nothing where it is derived from none. */
  plain: InstrumentPack__Output | undefined
  screen: Screen
  /** The assessment's id, for whoever takes it back. */
  assessment: string
  demonstration: boolean
}

/** Where a page of a question leads on to, carried from page to page by its form. */
interface Way {
  /** "check": back to the list of answers. */
  from: string
  /** The question that was put again last, while those that were left out return; or empty. */
  returns: string
  /** The question stands in the words of the form that this one is derived from (ACC-04). */
  plain: boolean
}

const straightOn: Way = { from: '', returns: '', plain: false }

export function formRoutes(context: Context): Router {
  const router = Router()

  async function open(req: Request): Promise<Device> {
    const { token, assessment, demonstration } = deviceOf(req)
    if (!isToken(token)) throw new MaracError('UNAUTHENTICATED', 'nothing is handed over', 'NO_SESSION')
    const marac = context.connection.as(token, req.socket.remoteAddress ?? '')
    const [handover, pack] = await Promise.all([
      marac.call('AssessmentService', 'GetHandover', {}),
      marac.call('AssessmentService', 'GetInstrument', {}),
    ])
    const plain = handover.derived_from
      ? await marac.call('AssessmentService', 'GetInstrument', { instrument: handover.derived_from })
      : undefined
    const screen = screenOf(handover.display, screenIn(req))
    return { marac, handover, pack, plain, screen, assessment, demonstration }
  }

  const again = async (device: Device): Promise<Device> => ({
    ...device,
    handover: await device.marac.call('AssessmentService', 'GetHandover', {}),
  })

  router.get(urls.form, async (req, res) => {
    goOn(res, await open(req), {})
  })

  router.post(urls.form, async (req, res) => {
    const body = bodyOf(req)
    const device = await open(req)
    const { pack, handover } = device
    const place = placeAt(pack, one(body, 'at'))
    const here = { way: wayOf(body), at: one(body, 'at') }
    switch (one(body, 'do')) {
      case 'worker':
        return res.redirect(303, urls.tablet(device.assessment))
      case 'break':
        return show(res, device, 'break', here)
      case 'stop':
        return show(res, device, 'stop', here)
      case 'stopped':
        await end(device, 'HANDOVER_END_STOPPED')
        return showEnding(res, device, { isWhole: false })
      case 'screen':
        return show(res, device, 'screen', { themes, sizes, pictureUses })
      case 'look':
        keepScreen(res, keptFrom(body))
        return res.redirect(303, urls.form)
      case 'show':
        return place ? ask(res, device, place, wayOf(body)) : goOn(res, device, {})
      case 'told':
        return tell(res, device, Number(one(body, 'page')))
      case 'announced':
        return goOn(res, device, { announced: true })
      case 'check':
        return showCheck(res, device)
      case 'checked':
        return goOn(res, device, { checked: true })
      case 'finish':
        await end(device, 'HANDOVER_END_FINISHED')
        return showEnding(res, device, { isWhole: true })
      case 'words':
        return place
          ? ask(res, device, place, { ...wayOf(body), plain: one(body, 'plain') !== 'yes' })
          : goOn(res, device, {})
      case 'back':
        return goBack(res, device, place, body)
      case 'skip':
        if (!place) break
        if (!answerAt(handover, place) || isLeftOut(answerAt(handover, place))) {
          await append(device, body, {
            item: place.item.code,
            probe: place.probe?.code ?? '',
            code: 'ANSWER_CODE_NOT_ASKED',
          })
        }
        return leave(res, device, place, wayOf(body))
      case 'when':
      case 'more':
        if (place) return takeMore(res, device, place, body)
        break
      default:
        if (place) return takeAnswer(res, device, place, body)
    }
    res.redirect(303, urls.form)
  })

  // --- What comes next -------------------------------------------------------------------------------------------

  /** The page of where the person is. */
  function goOn(res: Response, device: Device, said: { announced?: boolean; checked?: boolean }): void {
    const { pack, handover } = device
    const place = placeNow(pack, handover)
    const isLookedOver = said.checked === true || isChecked(pack, handover)
    if (!place) {
      if (!isLookedOver) return showCheck(res, device)
      const [first = []] = pagesOf(pack.ending)
      return show(res, device, 'told', { sentences: first, then: 'finish' })
    }
    if (isTeachBack(place.section)) return tell(res, device, 0)
    if (isLast(place.section) && !isLookedOver) return showCheck(res, device)
    if (handover.announce && !said.announced) {
      const sentences = pack.sections.filter(isCheckIn).flatMap(({ intro }) => intro)
      if (sentences.length > 0) return show(res, device, 'told', { sentences, then: 'announced' })
    }
    const returns = handover.position?.returns ? keyOf(place) : ''
    ask(res, device, place, { ...straightOn, returns, plain: device.screen.plainWords })
  }

  /** The explainer, page by page; then whether it was understood (ACC-12). */
  function tell(res: Response, device: Device, page: number): void {
    const { pack, handover } = device
    const pages = pagesOf(pack.explainer)
    const sentences = pages[page]
    if (sentences) {
      return show(res, device, 'told', {
        sentences,
        then: 'told',
        page: page + 1,
        backPage: page > 0 ? page - 1 : undefined,
        // What "Leave now" does is said before anything is asked, and what it does not do.
        exitSaid:
          page === 0
            ? 'To hide this page, press Leave now.'
            : page === 1
              ? 'The tablet still keeps a list of pages.'
              : '',
      })
    }
    const place = placeNow(pack, handover)
    if (!place) return goOn(res, device, {})
    ask(res, device, place, { ...straightOn, plain: device.screen.plainWords })
  }

  async function leave(res: Response, device: Device, place: Place, way: Way): Promise<void> {
    if (way.from === '' && way.returns === '') return res.redirect(303, urls.form)
    const now = await again(device)
    const next = placeNow(now.pack, now.handover)
    if (next && isCheckIn(next.section)) return ask(res, now, next, way)
    if (way.from === 'check') return showCheck(res, now)
    const last = isCheckIn(place.section) ? placeAt(now.pack, way.returns) : place
    const left = last && nextLeftOut(now.pack, now.handover, last)
    if (left) return ask(res, now, left, { ...way, returns: keyOf(left) })
    showCheck(res, now)
  }

  function goBack(res: Response, device: Device, place: Place | undefined, body: Body): void {
    const way = wayOf(body)
    const { pack, handover } = device
    if (one(body, 'page') !== '') return tell(res, device, Number(one(body, 'page')))
    if (place && one(body, 'follows') === 'yes') return ask(res, device, place, way)
    if (way.from === 'check') return showCheck(res, device)
    const before = lastBefore(pack, handover, place)
    if (before) return ask(res, device, before, { ...straightOn, plain: way.plain })
    tell(res, device, Math.max(0, pagesOf(pack.explainer).length - 1))
  }

  // --- Answers -----------------------------------------------------------------------------------------------------

  async function takeAnswer(res: Response, device: Device, place: Place, body: Body): Promise<void> {
    const way = wayOf(body)
    const isReworded = one(body, 'reworded') === 'yes'
    const shown = shownIn(device, place, way, isReworded)
    const chosen = one(body, 'answer')
    if (!shown.choices.some(({ value }) => value === chosen)) {
      return ask(res, device, place, way, { isReworded, error: 'Choose one answer' })
    }
    if (chosen === notUnderstood && !isReworded) return ask(res, device, place, way, { isReworded: true })
    const instrument = shown.probe || !way.plain || place.section ? '' : device.handover.derived_from
    const answer = answerFrom(shown, chosen, instrument, false)
    if (!answer) return goOn(res, device, {})
    const seq = await append(device, body, answer)
    if (chosen === 'ANSWER_CODE_YES' && shown.probe) {
      const follow = { way, seq, isReworded, anchor: '', words: '' }
      if (shown.probe.asks_when) return showWhen(res, device, shown, follow)
      if (shown.probe.more_prompt) return showMore(res, device, shown, follow)
    }
    return leave(res, device, place, way)
  }

  /** What follows a yes is kept with it, each as it is given; nobody has to say any of it (ACC-22, ACC-23). */
  async function takeMore(res: Response, device: Device, place: Place, body: Body): Promise<void> {
    const way = wayOf(body)
    const isReworded = one(body, 'reworded') === 'yes'
    const shown = shownIn(device, place, way, isReworded)
    const words = one(body, 'words').trim()
    const anchor = anchors.find(({ value }) => value === one(body, 'anchor'))?.value
    const note = one(body, 'note').replaceAll('\r\n', '\n').trim()
    const isAboutTime = one(body, 'do') === 'when'
    let seq = one(body, 'seq')
    if (isAboutTime && anchor === 'TIME_ANCHOR_SINCE_KNOWN_DAY' && words === '') {
      const error = 'Write the day, or choose another answer'
      return showWhen(res, device, shown, { way, seq, isReworded, anchor, words, error })
    }
    if (isAboutTime ? anchor !== undefined || words !== '' : note !== '') {
      seq = await append(device, body, {
        item: place.item.code,
        probe: place.probe?.code ?? '',
        code: 'ANSWER_CODE_YES',
        reworded: isReworded,
        note,
        verbatim: note !== '' && one(body, 'whose') !== 'summary',
        time_words: words,
        ...(anchor ? { time_anchor: anchor } : {}),
      })
    }
    if (isAboutTime && shown.probe?.more_prompt) {
      return showMore(res, device, shown, { way, seq, isReworded, anchor: anchor ?? '', words })
    }
    return leave(res, device, place, way)
  }

  /**
   * Keeps an answer; returns the number of the last. Sent twice it is kept once; on a page that was left open while
   * something else was answered it is the newest all the same, since the person has just given it.
   */
  async function append({ marac, handover }: Device, body: Body, answer: Answer): Promise<string> {
    const send = async (more: { expected_seq: string; request_id?: string }) =>
      (
        await marac.call('AssessmentService', 'AppendAnswers', {
          name: handover.assessment,
          answers: [answer],
          ...more,
        })
      ).last_seq
    const seq = one(body, 'seq')
    const request = one(body, 'request')
    if (/^\d+$/.test(seq) && request !== '') {
      try {
        return await send({ expected_seq: seq, request_id: request })
      } catch (error) {
        const isStale =
          error instanceof MaracError && (error.code === 'ABORTED' || error.code === 'INVALID_ARGUMENT')
        if (!isStale) throw error
      }
    }
    const { last_seq } = await marac.call('AssessmentService', 'GetHandover', {})
    return send({ expected_seq: last_seq })
  }

  async function end({ marac }: Device, how: HandoverEnd & string): Promise<void> {
    await marac.call('SessionService', 'EndHandover', { end: how })
  }

  // --- Pages -------------------------------------------------------------------------------------------------------

  const shownIn = (device: Device, place: Place, way: Way, isReworded: boolean): Shown =>
    shownAt((way.plain && inPlainWords(place, device.plain)) || place, device.pack, device.handover, {
      reworded: isReworded,
    })

  function ask(
    res: Response,
    device: Device,
    place: Place,
    way: Way,
    { isReworded = false, error = '' } = {},
  ): void {
    const shown = shownIn(device, place, way, isReworded)
    const other = inPlainWords(place, device.plain)
    show(res, device, 'question', {
      shown,
      at: keyOf(place),
      way,
      chosen: chosenIn(answerAt(device.handover, place)),
      seq: device.handover.last_seq,
      hasOtherWords: other !== undefined && place.probe === place.item.probes[0],
      error,
    })
  }

  interface Follow {
    way: Way
    seq: string
    isReworded: boolean
    anchor: string
    words: string
    error?: string
  }

  const showWhen = (res: Response, device: Device, shown: Shown, follow: Follow): void =>
    show(res, device, 'when', { shown, at: shown.key, anchors, ...follow })

  const showMore = (res: Response, device: Device, shown: Shown, follow: Follow): void =>
    show(res, device, 'more', {
      shown,
      at: shown.key,
      heading: filled(shown.probe?.more_prompt ?? '', nameIn(device.handover)),
      ...follow,
    })

  const showCheck = (res: Response, device: Device): void =>
    show(res, device, 'check', {
      rows: rowsOf(device.pack, device.handover),
      way: straightOn,
      at: '',
    })

  /** What is left on the screen when the device goes dark: thanks, what happens next, whom to call (ACC-29). */
  function showEnding(res: Response, device: Device, { isWhole }: { isWhole: boolean }): void {
    const { ending } = device.pack
    const last = ending.slice(-sentencesAPage)
    const sentences = isWhole ? last : [...ending.slice(0, 1).filter((one) => !last.includes(one)), ...last]
    keepDevice(res, { ...device, token: '' })
    show(res, device, 'ending', {
      sentences,
      services: device.handover.services.map((service) => ({
        ...service,
        numbers: service.numbers.map(numberView),
      })),
    })
  }

  function show(res: Response, device: Device, page: string, more: Record<string, unknown>): void {
    res.status(more['error'] ? 400 : 200).render(`form/${page}`, {
      screen: device.screen,
      demonstration: device.demonstration,
      language: device.pack.language,
      request: randomUUID(),
      ...more,
    })
  }

  // --- What goes wrong ---------------------------------------------------------------------------------------------

  const whenItFails: ErrorRequestHandler = (error: unknown, req, res, next) => {
    if (!req.path.startsWith(urls.form) || !(error instanceof MaracError)) return next(error)
    const { assessment, demonstration } = deviceOf(req)
    // Taken back, left, or over: the way on is the practitioner's, behind their password.
    if (error.code === 'UNAUTHENTICATED' || error.code === 'PERMISSION_DENIED') {
      return res.redirect(303, assessment === '' ? urls.home : urls.tablet(assessment))
    }
    // The same again, when the person presses for it: nothing that they said is lost.
    res.status(503).render('form/again', {
      screen: screenOf(null, screenIn(req)),
      demonstration,
      language: 'en-GB',
      typed: req.method === 'POST' ? Object.entries(typedIn(req)) : [],
    })
  }
  router.use(whenItFails)

  return router
}

const wayOf = (body: Body): Way => ({
  from: one(body, 'from') === 'check' ? 'check' : '',
  returns: one(body, 'returns'),
  plain: one(body, 'plain') === 'yes',
})
