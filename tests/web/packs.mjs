// Forms as their owner signs them, with a key that the server of the browser tests knows.
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'

const owner = "A county's partnership"
const seed = Buffer.alloc(32, 'w')
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), // PKCS #8 of RFC 8410
  format: 'der',
  type: 'pkcs8',
})

/** A line of maracd's settings. */
export const ownerKeySetting = () => {
  const bytes = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  return `pack_owner_keys: "${bytes.toString('base64')} ${owner}"\n`
}

/** What InstallInstrument takes: the built-in form as the county's, version `version`; `change` is done to its text. */
export async function signedPack(
  version,
  { title = "The county's questions", expires = '', change = (text) => text } = {},
) {
  const plain = await readFile(new URL('../../schema/instruments/plain24.textproto', import.meta.url), 'utf8')
  const text = plain
    .replace('id: "plain24"', 'id: "county24"')
    .replace('version: "1.0"', `version: "${version}"`)
    .replace(/^title: .*$/m, `title: "${title}"`)
    .replace(/^owner: .*$/m, `owner: "${owner}"\nderived_from: "plain24@1.0"\n${expires}`)
  const file = Buffer.from(change(text))
  return {
    pack_file: file,
    signature: sign(null, file, key),
    hash: createHash('sha256').update(file).digest('hex'),
  }
}
