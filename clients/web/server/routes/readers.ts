// Who has looked at a case: for its chair, as the audit has it.
import { Router } from 'express'
import type { CaseReader__Output } from '../../generated/marac/v1/CaseReader.js'
import type { FieldClass } from '../../generated/marac/v1/FieldClass.js'
import type { Role } from '../../generated/marac/v1/Role.js'
import { holds, localsOf, nameOf, type Context } from '../context.js'
import { kindInWords } from '../forms/people.js'
import { directoryOf, roleWords } from '../services/directory.js'
import { momentInWords, words } from '../utils/format.js'

const classInWords: Partial<Record<FieldClass, string>> = {
  FIELD_CLASS_ROUTINE: 'Numbers, states and dates',
  FIELD_CLASS_STAFF: 'Who works on it',
  FIELD_CLASS_IDENTITY: 'Who they are',
  FIELD_CLASS_SPECIAL: 'Health and equality',
  FIELD_CLASS_RISK: 'Risk, and what happened',
  FIELD_CLASS_PROTECTED: 'A detail that is kept apart',
  FIELD_CLASS_DISCUSSION: 'What was said in a meeting',
  FIELD_CLASS_ACTION: 'Actions',
  FIELD_CLASS_TRIAGE: 'Triage',
}

export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

/** The roles somebody had, "IDVA,CHAIR" -> "IDVA, Chair". */
const rolesInWords = (roles: string): string =>
  roles
    .split(',')
    .map((role) => roleWords[`ROLE_${role}` as Role] ?? words(role))
    .join(', ')

function rowsOf(reader: CaseReader__Output) {
  const between =
    momentInWords(reader.first_time) === momentInWords(reader.last_time)
      ? [momentInWords(reader.last_time)]
      : [`First: ${momentInWords(reader.first_time)}`, `Last: ${momentInWords(reader.last_time)}`]
  const reveals = reader.reveals.map(({ kind, time, reason }) => ({
    what: `${kindInWords(kind)}, ${momentInWords(time)}`,
    reason,
  }))
  return {
    between,
    deeds: reader.deeds.map(({ words: deed, count }) => `${words(deed)}, ${times(count)}`),
    shown: reader.field_classes.map((shown) => classInWords[shown]).filter((text) => text !== undefined),
    reveals,
    refused: reader.refused_count > 0 ? times(reader.refused_count) : '',
    failed: reader.failed_count > 0 ? times(reader.failed_count) : '',
  }
}

export function readerRoutes(context: Context): Router {
  const router = Router()

  router.get('/cases/:id/readers', async (req, res) => {
    const { marac } = localsOf(res)
    const name = nameOf(req, context, 'cases')
    // Asked for first: for whom the case is not open, there is none.
    const found = await marac.call('CaseService', 'GetCase', { name })
    if (!holds(res, 'ROLE_CHAIR')) return res.status(403).render('pages/not-allowed')
    const [answer, directory] = await Promise.all([
      marac.call('AuditService', 'ListCaseReaders', { name }),
      directoryOf(marac, context.config.area),
    ])
    res.render('pages/case-readers', {
      record: found,
      countedFrom: answer.counted_from,
      readers: answer.readers.map((reader) => ({
        // Whoever left the area is not in its directory any more, and an agency's system never is.
        name:
          directory.nameOf(reader.account) ||
          (reader.account.startsWith('programs/') ? 'A system of the agency' : 'Somebody who has left'),
        agency: directory.nameOf(reader.agency),
        role: rolesInWords(reader.role),
        ...rowsOf(reader),
      })),
    })
  })

  return router
}
