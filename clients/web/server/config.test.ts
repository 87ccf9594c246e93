import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readConfig } from './config.js'

let folder: string
const good = {
  listen_address: '127.0.0.1',
  listen_port: 1,
  certificate_file: 'file',
  private_key_file: 'file',
  origins: ['https://a'],
  secret_file: 'secret',
  area: 'areas/mk',
  maracd_address: 'a:1',
  maracd_server_name: 'a',
  maracd_authority_file: 'file',
  maracd_certificate_file: 'file',
  maracd_private_key_file: 'file',
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'marac-config-'))
  writeFileSync(join(folder, 'file'), 'x')
  writeFileSync(join(folder, 'secret'), Buffer.alloc(32))
  writeFileSync(join(folder, 'short'), Buffer.alloc(31))
})
after(() => rmSync(folder, { recursive: true }))

function read(settings: object) {
  const path = join(folder, 'web.json')
  writeFileSync(path, JSON.stringify(settings))
  return readConfig(path)
}

describe('the configuration', () => {
  test('takes its files from its own folder', () => assert.equal(read(good).certificate.toString(), 'x'))

  for (const name of Object.keys(good)) {
    test(`names ${name} when it is missing`, () => {
      assert.throws(() => read({ ...good, [name]: undefined }), new RegExp(`web.json: ${name}: `))
    })
  }

  test('names a setting that does not exist, a file that is not there, and a secret too short to be one', () => {
    assert.throws(() => read({ ...good, maracd_adress: 'a:1' }), /maracd_adress: no such setting/)
    assert.throws(() => read({ ...good, certificate_file: 'none' }), /certificate_file: /)
    assert.throws(() => read({ ...good, secret_file: 'short' }), /secret_file: put at least 32 random bytes/)
    assert.throws(() => read([]), /one JSON object/)
  })
})
