// A real maracd over TLS, its people, and the real web client before it, in a folder of their own.
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../clients/web/dist/server/config.js'
import { connect } from '../../clients/web/dist/server/data/index.js'
import { promisify } from 'node:util'
import { ownerKeySetting } from './packs.mjs'

const repo = join(dirname(fileURLToPath(import.meta.url)), '../..')
const maracd = join(repo, 'build/server/maracd')
const lateMaracd = join(repo, 'build/tests/late_maracd')
const demo = join(repo, 'build/clients/demo/marac-demo')
const main = join(repo, 'clients/web/dist/server/main.js')
const run = promisify(execFile)
const waitMs = 120_000

export const password = 'invented people only'

// maracd gives up a read after two seconds, which a machine busy with compiling can take from it.
async function patiently(what) {
  for (let tries = 1; ; ++tries) {
    try {
      return await what()
    } catch (error) {
      if (tries === 5 || !/reading took longer/.test(error.message)) throw error
    }
  }
}

/** Starts a program and waits for a line of its output. */
async function start(program, args, { log, line, cwd }) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const file = createWriteStream(log, { flags: 'a' })
  child.stdout.pipe(file)
  child.stderr.pipe(file)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
  for (const until = Date.now() + waitMs; Date.now() < until; await sleep(50)) {
    const found = line.exec(said)
    if (found) return { child, found }
    if (child.exitCode !== null) break
  }
  child.kill()
  throw new Error(`${program} did not start:\n${said}`)
}

async function stop(child, signal = 'SIGTERM') {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

function withInput(program, args, input) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, (error, stdout, stderr) =>
      error ? reject(new Error(`${program} ${args[0]}: ${stderr}${stdout}`)) : resolve(stdout),
    )
    child.stdin.end(input)
  })
}

// The web client is told its own address beforehand, so the port cannot be left to the system.
async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

export class Stack {
  /**
   * MARAC_WEB_AREA names the folder of an area that was made already and is copied; without it, one is made. `late`: a
   * server whose security clock `pass` moves on.
   */
  static async start({ late = false } = {}) {
    const stack = new Stack()
    stack.late = late
    stack.directory = await mkdtemp(join(tmpdir(), 'marac-web-'))
    stack.area = join(stack.directory, 'area')
    try {
      const made = process.env.MARAC_WEB_AREA
      if (made) await cp(made, stack.area, { recursive: true })
      else await stack.makeArea()
      await appendFile(join(stack.area, 'maracd.textproto'), ownerKeySetting())
      await stack.startServer()
      if (!made) await stack.fill()
      await stack.startWeb()
    } catch (error) {
      await stack.end()
      throw error
    }
    return stack
  }

  /** Makes an area for MARAC_WEB_AREA, so that it is made once for many stacks. */
  static async makeArea(folder) {
    const stack = new Stack()
    stack.directory = await mkdtemp(join(tmpdir(), 'marac-web-'))
    stack.area = folder
    try {
      await stack.makeArea()
      await stack.startServer()
      await stack.fill()
      await stop(stack.server)
      // Each copy is to find a port of its own.
      const config = join(folder, 'maracd.textproto')
      await writeFile(
        config,
        (await readFile(config, 'utf8')).replace(`127.0.0.1:${stack.port}`, '127.0.0.1:0'),
      )
    } finally {
      await stack.end()
    }
  }

  /** An area with its keys, and a certificate for each agency. */
  async makeArea() {
    await patiently(async () => {
      await rm(this.area, { recursive: true, force: true })
      await withInput(
        maracd,
        `init --directory ${this.area} --listen 127.0.0.1:0 --area mk --area-code MK --area-name Invented
         --instrument plain24@1.0 --policy default@2026.1 --agency council --agency-name Council --admin admin
         --admin-name Wilfred --demonstration`.split(/\s+/),
        `${password}\n`,
      )
    })
    const { stdout } = await run(demo, ['agencies'])
    for (const agency of stdout.trim().split('\n')) {
      await run(maracd, [
        'issue-program',
        '--directory',
        this.area,
        '--origin',
        'marac.mk',
        '--agency',
        agency,
        '--program',
        `${agency}-cli`,
      ])
    }
  }

  /** Its people. */
  async fill() {
    await withInput(
      demo,
      [
        'fill',
        '--directory',
        this.area,
        '--server',
        `127.0.0.1:${this.port}`,
        '--area',
        'areas/mk',
        '--people-only',
      ],
      `${password}\n${password}\n`,
    )
  }

  async startServer() {
    await mkdir(join(this.directory, 'tmp'), { recursive: true })
    const configured = join(this.area, 'maracd.textproto')
    const [program, args] = this.late
      ? [lateMaracd, [configured, join(this.directory, 'late')]]
      : [maracd, ['serve', '--config', configured]]
    const { child, found } = await patiently(() =>
      start(program, args, {
        log: join(this.directory, 'maracd.log'),
        line: /serving on port (\d+)/,
        cwd: join(this.directory, 'tmp'),
      }),
    )
    this.server = child
    if (this.port === undefined) {
      this.port = Number(found[1])
      // The same port after a restart, or the web client would look for it in vain.
      const config = join(this.area, 'maracd.textproto')
      const text = await readFile(config, 'utf8')
      await writeFile(config, text.replace(/127\.0\.0\.1:0/, `127.0.0.1:${this.port}`))
    }
  }

  /** Lets so many minutes pass for sessions, codes and certificates. */
  async pass(minutes) {
    this.passed = (this.passed ?? 0) + minutes
    await writeFile(join(this.directory, 'late'), String(this.passed))
  }

  async startWeb() {
    const folder = join(this.directory, 'web')
    if (!this.origin) {
      await mkdir(folder)
      await run('openssl', [
        ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(
          ' ',
        ),
        ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
        ...['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.pem')],
      ])
      await writeFile(join(folder, 'secret'), randomBytes(48))
      this.webPort = await freePort()
      this.origin = `https://127.0.0.1:${this.webPort}`
      // A page of another origin, and no network is needed for it.
      this.elsewhere = `https://localhost:${this.webPort}/health/live`
    }
    const config = {
      listen_address: '127.0.0.1',
      listen_port: this.webPort,
      certificate_file: 'tls.pem',
      private_key_file: 'tls.key',
      origins: [this.origin],
      secret_file: 'secret',
      exit_address: this.elsewhere,
      area: 'areas/mk',
      maracd_address: `127.0.0.1:${this.port}`,
      maracd_server_name: 'localhost',
      maracd_authority_file: '../area/tls/root.pem',
      maracd_certificate_file: '../area/programs/web.pem',
      maracd_private_key_file: '../area/programs/web.key',
    }
    const path = join(folder, 'web.json')
    await writeFile(path, JSON.stringify(config))
    const { child } = await start(process.execPath, [main, path], {
      log: join(this.directory, 'web.log'),
      line: /serving on port (\d+)/,
    })
    this.web = child
  }

  stopServer = (signal) => stop(this.server, signal)
  stopWeb = (signal) => stop(this.web, signal)

  /** Does something in the session of a browser, behind its back. */
  async inSession(cookies, what) {
    const connection = connect(readConfig(join(this.directory, 'web/web.json')))
    try {
      const token = cookies.find(({ name }) => name === '__Host-session').value
      return await what(connection.as(token, '127.0.0.1'))
    } finally {
      connection.close()
    }
  }

  /** Does something as one of the people, past the pages: what a test begins with, or what somebody else did. */
  async as(login, what) {
    const connection = connect(readConfig(join(this.directory, 'web/web.json')))
    try {
      const { token } = await connection
        .as('', '127.0.0.1')
        .call('SessionService', 'SignIn', { login, password })
      return await what(connection.as(token, '127.0.0.1'))
    } finally {
      connection.close()
    }
  }

  /** Ends it, which then looks as it does after eight hours. */
  endSession = (cookies) => this.inSession(cookies, (marac) => marac.call('SessionService', 'SignOut', {}))

  /** Locks it, which then looks as it does after the idle time: that is of the real clock, which no test moves. */
  lockSession = (cookies) => this.inSession(cookies, (marac) => marac.call('SessionService', 'Lock', {}))

  async end() {
    await stop(this.web)
    await stop(this.server)
    if (this.directory) await rm(this.directory, { recursive: true, force: true })
  }
}
