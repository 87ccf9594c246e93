// The only folder that knows gRPC.
import type { Config } from '../config.js'
import { loadContract, openChannel } from './channel.js'
import { Connection } from './maracClient.js'

export { Connection, isToken, MaracClient } from './maracClient.js'
export { MaracError, stepUpNeeded, type FieldViolation } from './maracError.js'

export function connect(config: Config): Connection {
  return new Connection(openChannel(config.maracd), loadContract())
}
