// The connection to maracd: mutual TLS with the web program's own certificate. It is shared by everybody and holds
// nothing of anybody; who calls is said in the metadata of each call (see maracClient.ts).
import { join } from 'node:path'
import * as grpc from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import type { AccessServiceDefinition } from '../../generated/marac/v1/AccessService.js'
import type { ActionServiceDefinition } from '../../generated/marac/v1/ActionService.js'
import type { AssessmentServiceDefinition } from '../../generated/marac/v1/AssessmentService.js'
import type { AuditServiceDefinition } from '../../generated/marac/v1/AuditService.js'
import type { CaseServiceDefinition } from '../../generated/marac/v1/CaseService.js'
import type { DirectoryServiceDefinition } from '../../generated/marac/v1/DirectoryService.js'
import type { DocumentServiceDefinition } from '../../generated/marac/v1/DocumentService.js'
import type { InstrumentServiceDefinition } from '../../generated/marac/v1/InstrumentService.js'
import type { MeetingServiceDefinition } from '../../generated/marac/v1/MeetingService.js'
import type { PilotServiceDefinition } from '../../generated/marac/v1/PilotService.js'
import type { ReferralServiceDefinition } from '../../generated/marac/v1/ReferralService.js'
import type { ResearchServiceDefinition } from '../../generated/marac/v1/ResearchService.js'
import type { SessionServiceDefinition } from '../../generated/marac/v1/SessionService.js'
import type { Config } from '../config.js'

export interface Services {
  AccessService: AccessServiceDefinition
  ActionService: ActionServiceDefinition
  AssessmentService: AssessmentServiceDefinition
  AuditService: AuditServiceDefinition
  CaseService: CaseServiceDefinition
  DirectoryService: DirectoryServiceDefinition
  DocumentService: DocumentServiceDefinition
  InstrumentService: InstrumentServiceDefinition
  MeetingService: MeetingServiceDefinition
  PilotService: PilotServiceDefinition
  ReferralService: ReferralServiceDefinition
  ResearchService: ResearchServiceDefinition
  SessionService: SessionServiceDefinition
}

const files = [
  'access_service',
  'action_service',
  'assessment_service',
  'audit_service',
  'case_service',
  'directory_service',
  'document_service',
  'error_detail',
  'instrument_service',
  'meeting_service',
  'pilot_service',
  'referral_service',
  'research_service',
  'session_service',
]
const messageBytesMax = 4 * 1024 * 1024 // What maracd sends at most: an agenda with the texts of all its cases.

// The same options as in build.mjs: the loader must do what the types say.
export function loadContract(): PackageDefinition {
  return loadSync(
    files.map((file) => `marac/v1/${file}.proto`),
    {
      includeDirs: [join(import.meta.dirname, '../../proto')],
      keepCase: true,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    },
  )
}

export type Channel = grpc.Client

export function openChannel(config: Config['maracd']): Channel {
  return new grpc.Client(
    config.address,
    grpc.credentials.createSsl(config.authority, config.privateKey, config.certificate),
    {
      'grpc.ssl_target_name_override': config.serverName,
      'grpc.max_receive_message_length': messageBytesMax,
      // A server that was restarted is to be found again while the person still waits.
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.min_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 500, // Below what a repeated call waits for.
    },
  )
}
