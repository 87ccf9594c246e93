// What maracd refused, as the pages need it: the canonical code, its one sentence, and what it says of each field.
import { status, type ServiceError } from '@grpc/grpc-js'
import type { MessageTypeDefinition, PackageDefinition } from '@grpc/proto-loader'
import type { ErrorDetail, ErrorDetail__Output } from '../../generated/marac/v1/ErrorDetail.js'

/** The reason of a refusal that goes on once the person has proved anew who they are. */
export const stepUpNeeded = 'STEP_UP_NEEDED'

export interface FieldViolation {
  field: string
  description: string
}

export class MaracError extends Error {
  constructor(
    readonly code: keyof typeof status,
    message: string,
    readonly reason = '',
    readonly violations: FieldViolation[] = [],
    readonly currentSeq = 0,
  ) {
    super(message)
  }

  /** Nobody knows whether the call arrived: the same one may be sent again. */
  get isTransient(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'DEADLINE_EXCEEDED'
  }
}

export function errorReader(contract: PackageDefinition): (error: ServiceError) => MaracError {
  const type = contract['marac.v1.ErrorDetail'] as MessageTypeDefinition<ErrorDetail, ErrorDetail__Output>
  return (error) => {
    const code = (status[error.code] ?? 'UNKNOWN') as keyof typeof status
    const [sent] = error.metadata?.get('grpc-status-details-bin') ?? []
    if (!(sent instanceof Buffer)) return new MaracError(code, error.details)
    let detail: ErrorDetail__Output
    try {
      detail = type.deserialize(sent)
    } catch {
      return new MaracError(code, error.details)
    }
    return new MaracError(
      code,
      error.details,
      detail.reason,
      detail.field_violations.map(({ field, description }) => ({ field, description })),
      Number(detail.current_seq),
    )
  }
}
