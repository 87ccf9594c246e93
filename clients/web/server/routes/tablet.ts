// Before and after the device is in the person's hands, for the practitioner: how the person communicates, whether it is
// safe and who is there, handing over, and what to write down when it is back.
import { Router, type Request, type Response } from 'express'
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { InstrumentPack__Output } from '../../generated/marac/v1/InstrumentPack.js'
import type { CommunicationProfile } from '../../generated/marac/v1/CommunicationProfile.js'
import type { RecordSittingRequest } from '../../generated/marac/v1/RecordSittingRequest.js'
import type { Sitting } from '../../generated/marac/v1/Sitting.js'
import { bodyOf, localsOf, nameOf, one, type Context, type Body } from '../context.js'
import { MaracError } from '../data/index.js'
import {
  apply,
  idOfField,
  rawFrom,
  rawOf,
  viewsOf,
  withLabels,
  type Field,
  type FieldError,
  type Raw,
} from '../forms/fields.js'
import { closest } from '../forms/referral.js'
import { screenOf } from '../forms/screen.js'
import {
  breakFields,
  endFields,
  helperFields,
  interpreterFields,
  metFields,
  needFields,
  needsIn,
  openSitting,
  presentFields,
  safetyFields,
  saidIn,
  type Said,
  screenFields,
  sittingFields,
  timesFrom,
  withins,
  wordFields,
} from '../forms/tablet.js'
import { currencies } from '../forms/answers.js'
import { isTeachBack, placesOf } from '../forms/device.js'
import { idOf, urls } from '../urls.js'
import { keepDevice, keepScreen } from '../utils/cookies.js'
import { sentence } from '../utils/format.js'

export function tabletRoutes(context: Context): Router {
  const router = Router()
  const load = (req: Request, res: Response) =>
    localsOf(res).marac.call('AssessmentService', 'GetAssessment', {
      name: nameOf(req, context, 'assessments'),
    })

  const packOf = (res: Response, { instrument }: Assessment__Output) =>
    localsOf(res).marac.call('AssessmentService', 'GetInstrument', { instrument })

  router.get('/assessments/:id/tablet', async (req, res) => {
    const assessment = await load(req, res)
    const pack = await packOf(res, assessment)
    const sitting = openSitting(assessment)
    const tried = pack.sections.filter(({ kind }) => kind === 'SECTION_KIND_PRACTICE')
    const told = pack.sections.filter(isTeachBack)
    res.render('pages/tablet', {
      assessment,
      pack,
      sitting,
      isDraft: assessment.state === 'ASSESSMENT_STATE_DRAFT',
      isOnDevice: sitting !== undefined && !readOut.includes(sitting.mode),
      hasWord: (assessment.communication?.person_words.length ?? 0) >= assessment.perpetrators.length,
      hints: [
        ...told.flatMap(({ items }) => items).filter(({ code }) => !isUnderstood(assessment, code)),
        ...tried.flatMap(({ items }) => items).filter(({ code }) => isWrong(assessment, code)),
      ],
      answered: placesOf(pack).filter(
        ({ section, item, probe }) =>
          section === undefined &&
          [...assessment.probe_answers, ...assessment.answers].some(
            (given) => given.item === item.code && given.probe === (probe?.code ?? ''),
          ),
      ).length,
    })
  })

  // --- How the person communicates -----------------------------------------------------------------------------------

  const profileFields = (assessment: Assessment__Output): Record<string, Field[]> => ({
    words: wordFields(assessment),
    screen: screenFields,
    needs: needFields,
    helpers: helperFields,
  })

  const showProfile = (
    res: Response,
    assessment: Assessment__Output,
    raw: Raw,
    errors: FieldError[] = [],
  ) => {
    const groups = profileFields(assessment)
    const named = withLabels(Object.values(groups).flat(), errors)
    res.status(errors.length > 0 ? 400 : 200).render('pages/tablet-profile', {
      assessment,
      views: Object.fromEntries(
        Object.entries(groups).map(([name, fields]) => [name, viewsOf(fields, raw, named)]),
      ),
      errors: linksTo(named),
    })
  }

  router.get('/assessments/:id/tablet/profile', async (req, res) => {
    const assessment = await load(req, res)
    const fields = Object.values(profileFields(assessment)).flat()
    showProfile(res, assessment, rawOf(fields, recordOf(assessment)))
  })

  router.post('/assessments/:id/tablet/profile', async (req, res) => {
    const assessment = await load(req, res)
    const fields = Object.values(profileFields(assessment)).flat()
    const record = recordOf(assessment)
    const raw = rawFrom(fields, bodyOf(req))
    const errors = apply(fields, raw, rawOf(fields, record), record)
    if (errors.length === 0) {
      try {
        await localsOf(res).marac.call('AssessmentService', 'RecordCommunicationProfile', {
          name: assessment.name,
          etag: one(bodyOf(req), 'etag'),
          profile: profileFrom(record, assessment),
        })
        return res.redirect(303, urls.tablet(assessment.name))
      } catch (error) {
        const names = assessment.communication?.person_words ?? []
        errors.push(
          ...violationsOf(error).map(({ field, text }) => {
            const [, at] = /^profile\.person_words\[(\d+)\]/.exec(field) ?? []
            if (at === undefined) return { field: closest(fields, field), text }
            return { field: `words[${(names[Number(at)]?.perpetrator ?? Number(at) + 1) - 1}]`, text }
          }),
        )
      }
    }
    showProfile(res, assessment, raw, errors)
  })

  // --- Whether it is safe, and who is there ---------------------------------------------------------------------------

  const sittingGroups: Record<string, Field[]> = {
    safety: safetyFields,
    sitting: sittingFields,
    present: presentFields,
    interpreter: interpreterFields,
  }
  const allSitting = Object.values(sittingGroups).flat()

  const showSitting = (
    res: Response,
    assessment: Assessment__Output,
    raw: Raw,
    { errors = [], said }: { errors?: FieldError[]; said?: string[] } = {},
  ) => {
    const named = withLabels(allSitting, errors)
    res.status(errors.length > 0 || said ? 400 : 200).render('pages/tablet-sitting', {
      assessment,
      said,
      views: Object.fromEntries(
        Object.entries(sittingGroups).map(([name, fields]) => [name, viewsOf(fields, raw, named)]),
      ),
      errors: linksTo(named),
    })
  }

  router.get('/assessments/:id/tablet/sitting', async (req, res) => {
    const assessment = await load(req, res)
    if (openSitting(assessment)) return res.redirect(303, urls.tablet(assessment.name))
    showSitting(res, assessment, rawOf(allSitting, {}))
  })

  router.post('/assessments/:id/tablet/sitting', async (req, res) => {
    const assessment = await load(req, res)
    const record: { sitting: Sitting } = { sitting: {} }
    const raw = rawFrom(allSitting, bodyOf(req))
    const errors = apply(allSitting, raw, {}, record)
    if (errors.length === 0) {
      try {
        await localsOf(res).marac.call('AssessmentService', 'BeginSitting', {
          name: assessment.name,
          sitting: sittingFrom(record.sitting),
        })
        return res.redirect(303, urls.tablet(assessment.name))
      } catch (error) {
        if (error instanceof MaracError && error.reason === 'NOT_SAFE') {
          const said = error.violations.map(({ description }) => sentence(description))
          return showSitting(res, assessment, raw, { said })
        }
        errors.push(
          ...violationsOf(error).map(({ field, text }) => ({ field: closest(allSitting, field), text })),
        )
      }
    }
    showSitting(res, assessment, raw, { errors })
  })

  // --- Handing over ------------------------------------------------------------------------------------------------

  router.post('/assessments/:id/tablet/hand-over', async (req, res) => {
    const name = nameOf(req, context, 'assessments')
    const { token } = await localsOf(res).marac.call('SessionService', 'StartHandover', { assessment: name })
    keepDevice(res, {
      token,
      assessment: idOf(name),
      demonstration: localsOf(res).caller?.demonstration ?? false,
    })
    keepScreen(res, '') // What somebody else chose on this device is not this person's.
    res.redirect(303, urls.form)
  })

  router.get('/assessments/:id/tablet/said', async (req, res) => {
    const assessment = await load(req, res)
    const pack = await packOf(res, assessment)
    showSaid(res, pack, assessment)
  })

  router.post('/assessments/:id/tablet/said', async (req, res) => {
    const body = bodyOf(req)
    const assessment = await load(req, res)
    const pack = await packOf(res, assessment)
    const answers = timesFrom(pack, assessment, body)
    const again = (text: string) => {
      showSaid(res, pack, assessment, { errors: [{ text, href: '#main-content' }], body })
    }
    const meanwhile = 'More was said since you opened this. Look at it as it is now, and then save'
    // The practitioner decides about the words that they saw.
    if (one(body, 'seq') !== assessment.last_seq) return again(meanwhile)
    if (answers.length > 0) {
      try {
        await localsOf(res).marac.call('AssessmentService', 'AppendAnswers', {
          name: assessment.name,
          answers,
          expected_seq: assessment.last_seq,
        })
      } catch (error) {
        if (error instanceof MaracError && error.code === 'ABORTED') return again(meanwhile)
        return again(violationsOf(error)[0]?.text ?? meanwhile)
      }
    }
    res.redirect(303, urls.tablet(assessment.name))
  })

  const showSaid = (
    res: Response,
    pack: InstrumentPack__Output,
    assessment: Assessment__Output,
    { errors = [], body = {} }: { errors?: { text: string; href: string }[]; body?: Body } = {},
  ) => {
    const rows = saidIn(pack, assessment).map((row) =>
      row.when && body[`${row.when.name}.currency`] !== undefined
        ? {
            ...row,
            when: {
              ...row.when,
              currency: one(body, `${row.when.name}.currency`),
              within: one(body, `${row.when.name}.within`),
            },
          }
        : row,
    )
    // What can be said of an answer stands below it, and ends the list that it is in.
    const groups: { rows: Said[]; when?: Said['when'] }[] = [{ rows: [] }]
    for (const row of rows) {
      const last = groups.at(-1)
      last?.rows.push(row)
      if (last && row.when) {
        last.when = row.when
        groups.push({ rows: [] })
      }
    }
    res.status(errors.length > 0 ? 400 : 200).render('pages/tablet-said', {
      assessment,
      rows,
      groups: groups.filter((group) => group.rows.length > 0),
      currencies,
      withins,
      canSay: ['ASSESSMENT_STATE_DRAFT', 'ASSESSMENT_STATE_COMPLETED'].includes(assessment.state),
      errors,
    })
  }

  // --- Afterwards --------------------------------------------------------------------------------------------------

  const recordFields = (assessment: Assessment__Output) => {
    const sitting = openSitting(assessment) ?? assessment.sittings.at(-1)
    const needs = needsIn(sitting?.profile ?? assessment.communication)
    return { sitting, needs, met: metFields(needs) }
  }

  const showRecord = (res: Response, assessment: Assessment__Output, raw: Raw, errors: FieldError[] = []) => {
    const { sitting, met } = recordFields(assessment)
    const all = [...met, ...breakFields, ...endFields]
    const named = withLabels(all, errors)
    res.status(errors.length > 0 ? 400 : 200).render('pages/tablet-record', {
      assessment,
      sitting,
      isOpen: openSitting(assessment) !== undefined,
      views: {
        met: viewsOf(met, raw, named),
        breaks: viewsOf(breakFields, raw, named),
        end: viewsOf(endFields, raw, named),
      },
      errors: linksTo(named),
    })
  }

  router.get('/assessments/:id/tablet/record', async (req, res) => {
    const assessment = await load(req, res)
    const { sitting, needs, met } = recordFields(assessment)
    if (!sitting) return res.redirect(303, urls.tablet(assessment.name))
    const needs_met = needs.map(({ need }) => sitting.needs_met.find((one) => one.need === need) ?? {})
    showRecord(res, assessment, rawOf([...met, ...breakFields, ...endFields], { needs_met }))
  })

  router.post('/assessments/:id/tablet/record', async (req, res) => {
    const assessment = await load(req, res)
    const { sitting, needs, met } = recordFields(assessment)
    const all = [...met, ...breakFields, ...endFields]
    const record: RecordSittingRequest = { needs_met: needs.map(() => ({})), breaks: [{}] }
    const raw = rawFrom(all, bodyOf(req))
    const errors = apply(all, raw, {}, record)
    const isEnd = one(bodyOf(req), 'then') === 'end'
    if (errors.length === 0) {
      try {
        await localsOf(res).marac.call('AssessmentService', 'RecordSitting', {
          name: assessment.name,
          sitting: sitting?.id ?? '',
          needs_met: needs
            .map(({ need }, at) => ({ ...record.needs_met?.[at], need }))
            .filter(({ met }) => met !== 'YES_NO_UNSPECIFIED'),
          breaks: (record.breaks ?? []).filter(({ begin_time, reason }) => begin_time || reason),
          end: isEnd,
          stop_reason: record.stop_reason ?? '',
        })
        return res.redirect(303, urls.tablet(assessment.name))
      } catch (error) {
        errors.push(...violationsOf(error).map(({ field, text }) => ({ field: closest(all, field), text })))
      }
    }
    showRecord(res, assessment, raw, errors)
  })

  return router
}

const readOut = ['SITTING_MODE_PRACTITIONER_READS', 'SITTING_MODE_PAPER']

const linksTo = (errors: FieldError[]) =>
  errors.map(({ field, text }) => ({ text, href: `#${idOfField(field)}` }))

/** What maracd says of fields; anything else goes on to the page of errors. */
function violationsOf(error: unknown): FieldError[] {
  if (!(error instanceof MaracError) || error.code !== 'INVALID_ARGUMENT' || error.violations.length === 0)
    throw error
  return error.violations.map(({ field, description }) => ({ field, text: sentence(description) }))
}

/** A practice whose true answer its code says (ACC-13), answered otherwise. */
function isWrong({ section_answers: answers }: Assessment__Output, code: string): boolean {
  const given = answers.find(({ item }) => item === code)
  if (!given || given.code === 'ANSWER_CODE_NOT_ASKED') return false
  return given.code !== (code.endsWith('_NO') ? 'ANSWER_CODE_NO' : 'ANSWER_CODE_YES')
}

/** The explainer was told again in the person's words, or it was not asked yet (ACC-12). */
function isUnderstood({ section_answers: answers }: Assessment__Output, code: string): boolean {
  const given = answers.find(({ item }) => item === code)
  return given?.code !== 'ANSWER_CODE_OPTION' || given.option === 'YES'
}

interface ProfileRecord {
  profile: CommunicationProfile
  words: string[]
}

/** The profile as its form takes it: numbers as they are typed, and a word for each of those whom the person fears. */
function recordOf({ communication, perpetrators }: Assessment__Output): ProfileRecord {
  const display = communication?.display ?? {}
  const { size, theme, pictures, side } = screenOf(communication?.display ?? null, '')
  return {
    profile: {
      ...communication,
      print_points: (communication?.print_points || '') as unknown as number,
      display: {
        ...display,
        theme:
          `DISPLAY_THEME_${{ standard: 'STANDARD', cream: 'CREAM', dark: 'DARK', contrast: 'HIGH_CONTRAST' }[theme]}` as never,
        pictures: `PICTURE_USE_${pictures.toUpperCase()}` as never,
        picture_side: `PICTURE_SIDE_${side.toUpperCase()}` as never,
        text_percent: size as unknown as number,
      },
    },
    words: perpetrators.map(
      (_, at) => communication?.person_words.find(({ perpetrator }) => perpetrator === at + 1)?.word ?? '',
    ),
  }
}

function profileFrom({ profile, words }: ProfileRecord, before: Assessment__Output): CommunicationProfile {
  const { supporter, intermediary, ...rest } = profile
  return {
    ...rest,
    print_points: Number(profile.print_points) || 0,
    ...(supporter?.person ? { supporter } : {}),
    ...(intermediary?.person ? { intermediary } : {}),
    person_words: words.flatMap((word, at) =>
      word === ''
        ? []
        : [
            {
              ...before.communication?.person_words.find(({ perpetrator }) => perpetrator === at + 1),
              perpetrator: at + 1,
              word,
            },
          ],
    ),
  }
}

/** Without the rows and the interpreter that were left empty. */
function sittingFrom({ people_present: present, interpreter, ...rest }: Sitting): Sitting {
  const isThere = (interpreter?.person ?? '') !== '' || interpreter?.relation !== undefined
  return {
    ...rest,
    people_present: (present ?? []).filter(
      ({ person, present_as }) => person || (present_as && present_as !== 'PRESENT_AS_UNSPECIFIED'),
    ),
    ...(isThere && interpreter ? { interpreter } : {}),
  }
}
