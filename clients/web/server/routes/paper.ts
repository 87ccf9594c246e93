// The form on paper, for the practitioner: its questions as a PDF, and keying in what was ticked.
import { createHash } from 'node:crypto'
import { Router, type Request, type Response } from 'express'
import { bodyOf, localsOf, nameOf, one, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { answersFrom, partsOf, questionsOf } from '../forms/paper.js'
import { openSitting } from '../forms/tablet.js'
import { urls } from '../urls.js'
import { sentence } from '../utils/format.js'

export function paperRoutes(context: Context): Router {
  const router = Router()

  router.post('/assessments/:id/tablet/booklet', async (req, res) => {
    const { marac } = localsOf(res)
    const { name } = await marac.call('DocumentService', 'PrintBooklet', {
      assessment: nameOf(req, context, 'assessments'),
    })
    const parts: Buffer[] = []
    let size = 0
    for (;;) {
      const part = await marac.call('DocumentService', 'ReadDocument', { name, offset: size })
      parts.push(part.data)
      size += part.data.length
      if (part.data.length > 0 && size < Number(part.size_bytes)) continue
      const bytes = Buffer.concat(parts)
      if (createHash('sha256').update(bytes).digest('hex') !== part.sha256)
        throw new MaracError('INTERNAL', 'the document did not arrive as it was made')
      // Every form has the same name, in the browser's list of downloads as well.
      res.attachment('form.pdf').type('application/pdf').send(bytes)
      return
    }
  })

  const load = async (req: Request, res: Response) => {
    const { marac } = localsOf(res)
    const assessment = await marac.call('AssessmentService', 'GetAssessment', {
      name: nameOf(req, context, 'assessments'),
    })
    const pack = await marac.call('AssessmentService', 'GetInstrument', {
      instrument: assessment.instrument,
    })
    const sitting = openSitting(assessment)
    return { assessment, pack, sitting: sitting?.mode === 'SITTING_MODE_PAPER' ? sitting : undefined }
  }

  type Loaded = Awaited<ReturnType<typeof load>>
  const partIn = (req: Request, { pack }: Loaded): number =>
    Math.min(Math.max(1, Number.parseInt(String(req.params['part']), 10) || 1), partsOf(pack))

  const show = (
    res: Response,
    { assessment, pack }: Loaded,
    part: number,
    { chosen, error = '', seq = assessment.last_seq }: { chosen?: Chosen; error?: string; seq?: string } = {},
  ) => {
    res.status(error === '' ? 200 : 400).render('pages/tablet-paper', {
      assessment,
      part,
      parts: partsOf(pack),
      seq,
      reference: assessment.name.slice(-8),
      questions: questionsOf(pack, assessment, part).map((question) => {
        const { field, value, choices } = question
        const shown = chosen ? chosen(`shown-${field}`) : value
        const ticked = chosen ? chosen(field) : value
        // What was left alone is shown as it is now; what was ticked stays, beside what is there now.
        if (ticked === shown) return { ...question, shown: value }
        const now = choices.find((choice) => choice.value === value)?.text
        return { ...question, value: ticked, shown: value, ...(value === shown ? {} : { now }) }
      }),
      errors: error === '' ? [] : [{ text: error, href: '#answer-0' }],
    })
  }

  router.get('/assessments/:id/tablet/paper/:part', async (req, res) => {
    const loaded = await load(req, res)
    if (!loaded.sitting) return res.redirect(303, urls.tablet(loaded.assessment.name))
    show(res, loaded, partIn(req, loaded))
  })

  router.post('/assessments/:id/tablet/paper/:part', async (req, res) => {
    const loaded = await load(req, res)
    const { assessment, pack, sitting } = loaded
    if (!sitting) return res.redirect(303, urls.tablet(assessment.name))
    const part = partIn(req, loaded)
    const chosen: Chosen = (field) => one(bodyOf(req), field)
    const answers = answersFrom(questionsOf(pack, assessment, part), chosen, sitting.id)
    if (answers.length > 0) {
      try {
        await localsOf(res).marac.call('AssessmentService', 'AppendAnswers', {
          name: assessment.name,
          expected_seq: one(bodyOf(req), 'seq'),
          answers,
        })
      } catch (error) {
        const said = problemIn(error)
        return show(res, loaded, part, { chosen, error: said, seq: assessment.last_seq })
      }
    }
    res.redirect(
      303,
      part < partsOf(pack) ? urls.paperPart(assessment.name, part + 1) : urls.tablet(assessment.name),
    )
  })

  return router
}

type Chosen = (field: string) => string

/** What the person can do about it here; anything else goes on to the page of errors. */
function problemIn(error: unknown): string {
  if (!(error instanceof MaracError)) throw error
  if (error.code === 'ABORTED')
    return 'Somebody answered meanwhile. What you keyed in is still here, beside what is there now: look at it and save again'
  if (error.code === 'INVALID_ARGUMENT') return sentence(error.violations[0]?.description ?? error.message)
  throw error
}
