import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import express, { type ErrorRequestHandler } from 'express'
import { bodyOf } from '../context.js'
import { setUpUploads } from './setUpUploads.js'

let server: Server
let address: string

before(async () => {
  const app = express()
  app.use(setUpUploads(1024, 5))
  app.post('/', (req, res) => void res.json(bodyOf(req)))
  const whenItFails: ErrorRequestHandler = (error: { status?: number }, _req, res, next) => {
    if (res.headersSent) next(error)
    else res.status(error.status ?? 500).end()
  }
  app.use(whenItFails)
  server = createServer(app).listen(0)
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
after(() => server.close())

const send = async (...fields: [string, string | Uint8Array<ArrayBuffer>][]) => {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, typeof value === 'string' ? value : new Blob([value]))
  return fetch(address, { method: 'POST', body: form })
}

const bytes = new Uint8Array([0, 13, 10, 255])
const text = Buffer.from(bytes).toString('base64url')

test('a file becomes a field, byte by byte, beside what was typed', async () => {
  const answer = await send(['_token', 'x'], ['tick', 'a'], ['tick', 'b'], ['file', bytes])
  assert.deepEqual(await answer.json(), { _token: 'x', tick: ['a', 'b'], file: text })
})

test('a file takes the place of the one that was kept, and none leaves it', async () => {
  assert.deepEqual(await (await send(['file', 'kept'], ['file', bytes])).json(), { file: text })
  assert.deepEqual(await (await send(['file', 'kept'], ['file', new Uint8Array()])).json(), { file: 'kept' })
})

test('a name that every object has is only a name', async () => {
  const answer = await send(['__proto__', 'x'], ['constructor', 'y'])
  assert.equal(await answer.text(), '{"__proto__":"x","constructor":"y"}')
})

test('too much, too many and no form at all are refused', async () => {
  assert.equal((await send(['file', new Uint8Array(2048)])).status, 413)
  const many = Array.from({ length: 6 }, (_, at): [string, string] => [`n${at}`, 'x'])
  assert.equal((await send(...many)).status, 400)
  const broken = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nno end',
  })
  assert.equal(broken.status, 400)
})
