// node main.js CONFIG: serves the pages until SIGTERM, and finishes what was begun.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createApp } from './app.js'
import { ConfigError, readConfig } from './config.js'
import { connect } from './data/index.js'
import { Secrets } from './utils/secrets.js'

const exitUsage = 2
const exitUnavailable = 69
const exitConfig = 78
const headersTimeoutMs = 15_000
const requestTimeoutMs = 30_000
const lastRequestsMs = 10_000

function main(): void {
  const [path, ...others] = process.argv.slice(2)
  if (path === undefined || others.length > 0) {
    process.stderr.write('usage: node main.js CONFIG.json\n')
    process.exit(exitUsage)
  }
  try {
    serve(path)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`web: ${error.message}\n`)
    process.exit(exitConfig)
  }
}

function serve(path: string): void {
  const config = readConfig(path)
  const connection = connect(config)
  const app = createApp({ config, connection, secrets: new Secrets(config.secret) })
  const server = createServer(
    { cert: config.certificate, key: config.privateKey, minVersion: 'TLSv1.3' },
    app,
  )
  server.headersTimeout = headersTimeoutMs
  server.requestTimeout = requestTimeoutMs
  server.on('error', (error) => {
    process.stderr.write(`web: ${error.message}\n`)
    process.exit(exitUnavailable)
  })
  server.listen(config.listenPort, config.listenAddress, () => {
    process.stdout.write(`web: serving on port ${(server.address() as AddressInfo).port}\n`)
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      server.close(() => connection.close())
      server.closeIdleConnections()
      setTimeout(() => process.exit(0), lastRequestsMs).unref()
    })
  }
}

main()
