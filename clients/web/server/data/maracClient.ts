// Calls to maracd, as one person. Every call carries that person's token, the address of their browser and a deadline;
// an object of this class lives as long as one request of one browser and is never shared.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Metadata, type ServiceError } from '@grpc/grpc-js'
import type { MethodDefinition, PackageDefinition, ServiceDefinition } from '@grpc/proto-loader'
import type { Channel, Services } from './channel.js'
import { errorReader, MaracError } from './maracError.js'

const deadlineMs = 10_000
const triesMax = 3
const retryAfterMs = 300
// Half of the calls that maracd serves at once as it comes; of a program that has more it refuses some.
const underWayMax = 64

// A token is what maracd made: 256 random bits in base64url. Whatever else a cookie holds never reaches a header.
const tokenShape = /^[A-Za-z0-9_-]{43}$/

export type RequestOf<D> = D extends { requestSerialize: (value: infer Request) => Buffer } ? Request : never
export type AnswerOf<D> = D extends { responseDeserialize: (bytes: Buffer) => infer Answer } ? Answer : never

export function isToken(text: string): boolean {
  return tokenShape.test(text)
}

export class MaracClient {
  constructor(
    private readonly connection: Connection,
    private readonly token: string,
    private readonly clientAddress: string,
  ) {}

  /**
   * Calls a method. What carries a `request_id` gets a new one here and is sent again with the same when the
   * connection broke, so that it happens once; so are reads. SignIn, ChangePassword and RevealDetail are sent once.
   * @throws MaracError
   */
  async call<S extends keyof Services, M extends Extract<keyof Services[S], string>>(
    service: S,
    method: M,
    request: RequestOf<Services[S][M]>,
  ): Promise<AnswerOf<Services[S][M]>> {
    const definition = this.connection.methodOf(service, method)
    const body: Record<string, unknown> = { ...request }
    if (this.connection.wantsRequestId(definition)) body['request_id'] ??= randomUUID()
    const repeatable = 'request_id' in body || /^(Get|List|Preview|Find|Read)/.test(method)
    for (let tries = 1; ; ++tries) {
      try {
        return (await this.connection.inTurn(() => this.once(definition, body))) as AnswerOf<Services[S][M]>
      } catch (error) {
        if (!(error instanceof MaracError) || !error.isTransient || !repeatable || tries >= triesMax)
          throw error
        await sleep(retryAfterMs * tries)
      }
    }
  }

  private once(definition: MethodDefinition<object, object>, request: object): Promise<object> {
    const metadata = new Metadata()
    metadata.set('marac-client-address', this.clientAddress)
    if (isToken(this.token)) metadata.set('authorization', `Bearer ${this.token}`)
    return new Promise((resolve, reject) => {
      this.connection.channel.makeUnaryRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        request,
        metadata,
        { deadline: Date.now() + deadlineMs },
        (error: ServiceError | null, answer?: object) => {
          if (error) reject(this.connection.readError(error))
          else if (answer) resolve(answer)
          else reject(new MaracError('INTERNAL', 'no answer'))
        },
      )
    })
  }
}

/** What all clients share: the channel, and the contract. */
export class Connection {
  readonly readError: (error: ServiceError) => MaracError
  private underWay = 0
  private readonly waiting: (() => void)[] = []

  constructor(
    readonly channel: Channel,
    private readonly contract: PackageDefinition,
  ) {
    this.readError = errorReader(contract)
  }

  /** Makes a call when there is room for it: a page asks many things, and several people open pages at once. */
  async inTurn<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.underWay < underWayMax) this.underWay += 1
    else await new Promise<void>((resolve) => this.waiting.push(resolve))
    try {
      return await call()
    } finally {
      const next = this.waiting.shift()
      if (next) next()
      else this.underWay -= 1
    }
  }

  methodOf(service: string, method: string): MethodDefinition<object, object> {
    const definition = (this.contract[`marac.v1.${service}`] as ServiceDefinition | undefined)?.[method]
    if (!definition) throw new Error(`${service}.${method}: not in the contract`)
    return definition
  }

  wantsRequestId(definition: MethodDefinition<object, object>): boolean {
    const type = definition.requestType.type as { field?: { name: string }[] }
    return type.field?.some((field) => field.name === 'request_id') ?? false
  }

  as(token: string, clientAddress: string): MaracClient {
    return new MaracClient(this, token, clientAddress)
  }

  close(): void {
    this.channel.close()
  }
}
