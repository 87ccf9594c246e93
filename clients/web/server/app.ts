// The pages, in the order in which a request meets them. This order is the security story.
import express, { type Express } from 'express'
import { join } from 'node:path'
import type { Context } from './context.js'
import { errorHandler, notFound } from './errorHandler.js'
import { setUpAuthentication } from './middleware/setUpAuthentication.js'
import { setUpForms } from './middleware/setUpForms.js'
import { setUpHealth } from './middleware/setUpHealth.js'
import { setUpSession } from './middleware/setUpSession.js'
import { setUpUploads } from './middleware/setUpUploads.js'
import { setUpWebSecurity } from './middleware/setUpWebSecurity.js'
import { formRoutes } from './routes/form.js'
import { lockRoutes } from './routes/lock.js'
import { openRoutes } from './routes/open.js'
import { routes } from './routes/index.js'
import { setUpNunjucks } from './utils/setUpNunjucks.js'

// What maracd takes at most is 256 KiB, and a form that waits for a proof or a sign-in comes back sealed, which is longer.
const bodyBytesMax = 512 * 1024
const fieldsMax = 1000

export function createApp(context: Context): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag') // A page is never asked for "if it changed".
  app.set('query parser', 'simple')
  setUpNunjucks(app)

  app.use(setUpWebSecurity()) // 1. headers, on everything that follows
  app.use(setUpHealth(context)) // 2. alive and ready: the only answers without a person
  app.use(
    '/assets',
    express.static(join(import.meta.dirname, '../assets'), {
      index: false,
      setHeaders: (res) => res.setHeader('Cache-Control', 'private, max-age=3600'),
    }),
  )
  app.use(express.urlencoded({ extended: false, limit: bodyBytesMax, parameterLimit: fieldsMax })) // 3. what was typed
  app.use(setUpUploads(bodyBytesMax, fieldsMax)) // and the files of the few forms that have some
  app.use(setUpSession(context)) // 4. the session's token, and a client that speaks for it
  app.use(setUpForms(context)) // 5. a form must be ours, and sent from our page
  app.use(openRoutes(context)) // 6. pages without a person: sign in, help
  app.use(lockRoutes(context)) // and what is open to a locked session: unlock, exit, keep what is typed
  app.use(formRoutes(context)) // and the form in somebody's hands, which speaks by a token of its own
  app.use(setUpAuthentication(context)) // 7. who is it? nothing behind this line is for strangers
  app.use(routes(context)) // 8. the pages; what a person may see there is maracd's to say
  app.use(notFound)
  app.use(errorHandler(context))
  return app
}
