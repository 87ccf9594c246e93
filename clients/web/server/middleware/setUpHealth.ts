// For whoever watches the process. Says nothing about anybody.
import { Router } from 'express'
import type { Context } from '../context.js'

const readyMs = 2000

export function setUpHealth({ connection }: Context): Router {
  const router = Router()
  router.get('/health/live', (_req, res) => {
    res.type('text').send('alive')
  })
  router.get('/health/ready', (_req, res) => {
    connection.channel.waitForReady(Date.now() + readyMs, (error) => {
      res
        .status(error ? 503 : 200)
        .type('text')
        .send(error ? 'maracd is not reached' : 'ready')
    })
  })
  return router
}
