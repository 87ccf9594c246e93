import assert from 'node:assert/strict'
import { test } from 'node:test'
import { qrCodeOf } from './qrCode.js'

const white = 4

test('a QR code is square, white around it, with a finder in three of its corners', () => {
  const { size, path } = qrCodeOf(`otpauth://totp/Meeting%20office:a.shah?secret=${'A'.repeat(32)}`)
  const count = size - 2 * white
  assert.equal((count - 17) % 4, 0)
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`))
  assert.equal(path.replaceAll(/M\d+ \d+h1v1h-1z/g, ''), '')
  for (const [left, top] of [
    [white, white],
    [white + count - 7, white],
    [white, white + count - 7],
  ] as const) {
    for (let y = -1; y <= 7; ++y) {
      for (let x = -1; x <= 7; ++x) {
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3)) // 4 is the white around, 2 the white inside
        assert.equal(dark.has(`${left + x} ${top + y}`), ring !== 4 && ring !== 2, `${left + x} ${top + y}`)
      }
    }
  }
  assert.ok([...dark].every((at) => at.split(' ').every((n) => +n >= white && +n < white + count)))
})
