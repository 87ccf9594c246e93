// Has clients/verify/marac-verify.mjs check one log after the other: a line of JSON with its options in, one with its
// verdict out. A process for each of hundreds of logs would mostly measure how long Node takes to start.
import { createInterface } from 'node:readline'
import { check, Unusable, USAGE } from '../../clients/verify/marac-verify.mjs'

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify(await check(JSON.parse(line))))
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    console.log(JSON.stringify({ ok: false, code: USAGE, problems: [error.message] }))
  }
}
