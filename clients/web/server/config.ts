// The configuration: one JSON file, named on the command line. It holds no secret, only where the secrets lie; every
// relative path in it is taken from the file's own folder.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

export interface Config {
  /** Where people reach the pages. */
  listenAddress: string
  listenPort: number
  /** PEM, for the people's browsers. */
  certificate: Buffer
  privateKey: Buffer
  /** The addresses people type, "https://marac.example:8444": a form that was sent from anywhere else is refused. */
  origins: string[]
  /** At least 32 random bytes. From it come the keys of the form token and of what is kept through a sign-in. */
  secret: Buffer
  /** The area served, "areas/mk". */
  area: string
  /** Where "Exit this page" leads. */
  exitAddress: string
  maracd: {
    address: string
    /** The name in maracd's certificate. */
    serverName: string
    authority: Buffer
    certificate: Buffer
    privateKey: Buffer
  }
}

const minSecretBytes = 32

export class ConfigError extends Error {}

export function readConfig(path: string): Config {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`${path}: not readable as JSON: ${(error as Error).message}`)
  }
  const settings = new Settings(json, path)
  const config: Config = {
    listenAddress: settings.text('listen_address'),
    listenPort: settings.port('listen_port'),
    certificate: settings.file('certificate_file'),
    privateKey: settings.file('private_key_file'),
    origins: settings.texts('origins'),
    secret: settings.file('secret_file'),
    area: settings.text('area'),
    exitAddress: settings.text('exit_address', 'https://www.bbc.co.uk/weather'),
    maracd: {
      address: settings.text('maracd_address'),
      serverName: settings.text('maracd_server_name'),
      authority: settings.file('maracd_authority_file'),
      certificate: settings.file('maracd_certificate_file'),
      privateKey: settings.file('maracd_private_key_file'),
    },
  }
  settings.refuseOthers()
  if (config.secret.length < minSecretBytes) {
    throw new ConfigError(`${path}: secret_file: put at least ${minSecretBytes} random bytes into it`)
  }
  return config
}

class Settings {
  private readonly values: Record<string, unknown>
  private readonly known = new Set<string>()

  constructor(
    json: unknown,
    private readonly path: string,
  ) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new ConfigError(`${path}: one JSON object is wanted`)
    }
    this.values = json as Record<string, unknown>
  }

  text(name: string, otherwise?: string): string {
    const value = this.take(name) ?? otherwise
    if (typeof value !== 'string' || value === '') throw this.wrong(name, 'give a text')
    return value
  }

  texts(name: string): string[] {
    const value = this.take(name)
    if (!Array.isArray(value) || value.length === 0 || !value.every((entry) => typeof entry === 'string')) {
      throw this.wrong(name, 'give a list of texts')
    }
    return value
  }

  port(name: string): number {
    const value = this.take(name)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535) {
      throw this.wrong(name, 'give a port, 0 to 65535')
    }
    return value
  }

  file(name: string): Buffer {
    const path = resolve(dirname(this.path), this.text(name))
    try {
      return readFileSync(path)
    } catch (error) {
      throw this.wrong(name, (error as Error).message)
    }
  }

  // A misspelt setting would otherwise be one that is quietly not set.
  refuseOthers(): void {
    for (const name of Object.keys(this.values)) {
      if (!this.known.has(name)) throw this.wrong(name, 'no such setting')
    }
  }

  private take(name: string): unknown {
    this.known.add(name)
    return this.values[name]
  }

  private wrong(name: string, advice: string): ConfigError {
    return new ConfigError(`${this.path}: ${name}: ${advice}`)
  }
}
