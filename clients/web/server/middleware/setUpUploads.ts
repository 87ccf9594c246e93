// A form with files, which never touch a disk. Each becomes a field like what was typed, in base64url: so it is kept
// through a proof of who somebody is, a lock and a lost connection, as everything else of the form is. Node reads such a
// form by itself; what it is given was held in memory whole, and is bounded.
import express, { Router } from 'express'
import type { Body } from '../context.js'

class BadForm extends Error {
  readonly status = 400
}

export function setUpUploads(bytesMax: number, fieldsMax: number): Router {
  const router = Router()
  router.use(express.raw({ type: 'multipart/form-data', limit: bytesMax }))
  router.use(async (req, _res, next) => {
    if (Buffer.isBuffer(req.body)) {
      req.body = await fieldsOf(req.body, req.get('content-type') ?? '', fieldsMax)
    }
    next()
  })
  return router
}

async function fieldsOf(bytes: Buffer, type: string, fieldsMax: number): Promise<Body> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
    .formData()
    .catch(() => {
      throw new BadForm('not a form')
    })
  const fields: Body = Object.create(null) as Body
  let count = 0
  for (const [name, value] of form) {
    if ((count += 1) > fieldsMax) throw new BadForm('too many fields')
    if (typeof value !== 'string') {
      // Chosen anew, it takes the place of one that was kept; not chosen, it is no field.
      if (value.size > 0) fields[name] = Buffer.from(await value.arrayBuffer()).toString('base64url')
      continue
    }
    const before = fields[name]
    fields[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
  }
  return fields
}
