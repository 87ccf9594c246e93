// An assessment beside an earlier edition, or beside another of the same person. For the practitioner alone.
import { Router } from 'express'
import { localsOf, nameOf, queried, type Context } from '../context.js'
import { MaracError } from '../data/index.js'
import { choicesFor, comparedViews } from '../services/comparison.js'
import { sentence } from '../utils/format.js'

export function comparisonRoutes(context: Context): Router {
  const router = Router()
  const { config } = context

  router.get('/assessments/:id/compare', async (req, res) => {
    const { marac } = localsOf(res)
    const name = nameOf(req, context, 'assessments')
    const other = queried(req, 'with')
    const edition = Number(queried(req, 'edition'))
    const assessment = await marac.call('AssessmentService', 'GetAssessment', { name })
    if (other === '' && !edition) {
      const { assessments } = await marac.call('AssessmentService', 'ListAssessments', {
        parent: config.area,
        page_size: 100,
      })
      return res.render('pages/compare', { assessment, choices: choicesFor(assessment, assessments) })
    }
    try {
      const comparison = await marac.call('AssessmentService', 'CompareAssessments', {
        name,
        other: other && `${config.area}/assessments/${other}`,
        other_edition: edition,
      })
      const packOf = (instrument = '') =>
        marac.call('AssessmentService', 'GetInstrument', { instrument, area: config.area })
      const [earlierPack, laterPack] = await Promise.all([
        packOf(comparison.earlier?.instrument),
        packOf(comparison.later?.instrument),
      ])
      res.render('pages/compare', {
        assessment,
        comparison,
        packs: [earlierPack, laterPack],
        ...comparedViews(comparison, earlierPack, laterPack),
      })
    } catch (error) {
      if (!(error instanceof MaracError) || error.code !== 'INVALID_ARGUMENT') throw error
      const errors = error.violations.map(({ description }) => ({
        text: sentence(description),
        href: '#choices',
      }))
      res.status(400).render('pages/compare', { assessment, choices: [], errors })
    }
  })

  return router
}
