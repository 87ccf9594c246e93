import type { Express } from 'express'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import nunjucks from 'nunjucks'
import { urls, idOf } from '../urls.js'
import { dayInWords, dayOfMoment, momentInWords, sentence, weekdayOfMoment, words } from './format.js'

// Who may begin an assessment or a referral: the kWriters of maracd's access.cc.
const writers: string[] = [
  'ROLE_REFERRER',
  'ROLE_IDVA',
  'ROLE_REPRESENTATIVE',
  'ROLE_SUPERVISOR',
  'ROLE_COORDINATOR',
]

export function setUpNunjucks(app: Express): void {
  const frontend = createRequire(import.meta.url).resolve('govuk-frontend/package.json')
  const environment = nunjucks.configure(
    [join(import.meta.dirname, '../../views'), join(frontend, '../dist')],
    { autoescape: true, express: app },
  )
  app.set('view engine', 'njk')
  environment.addFilter('day', dayInWords)
  environment.addFilter('moment', momentInWords)
  environment.addFilter(
    'clock',
    (time: Parameters<typeof momentInWords>[0]) => momentInWords(time).split(' at ')[1] ?? '',
  )
  environment.addFilter('dayOfMoment', dayOfMoment)
  environment.addFilter('weekday', weekdayOfMoment)
  environment.addFilter('sentence', (text: unknown) => sentence(String(text)))
  environment.addFilter('words', words)
  environment.addFilter('idOf', idOf)
  environment.addFilter('hasOneOf', (held: string[] | undefined, ...wanted: string[]) =>
    wanted.some((role) => held?.includes(role)),
  )
  environment.addFilter('mayWrite', (held: string[] | undefined) =>
    writers.some((role) => held?.includes(role)),
  )
  environment.addFilter('isArray', Array.isArray)
  environment.addGlobal('urls', urls)
  environment.addGlobal('serviceName', 'Meeting office')
}
