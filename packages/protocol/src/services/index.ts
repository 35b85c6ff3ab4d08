export type { AlarmKind, AlarmView } from './alarm-view.ts';
export {
  type JoinReply,
  JoinReplySchema,
  type JoinRequest,
  JoinRequestSchema,
  type LeaveRequest,
  LeaveRequestSchema,
  type PeerEntry,
  parseJoinReply,
} from './array.ts';
export {
  type AuditEntry,
  type AuditReply,
  AuditReplySchema,
  auditHash,
  firstPreviousHash,
  maxAuditPage,
  parseAuditReply,
} from './audit.ts';
export {
  type HeartbeatReply,
  type HeartbeatRequest,
  HeartbeatRequestSchema,
  maxJobUrls,
  parseHeartbeatReply,
  parseRegisterNodeReply,
  type RegisterNodeReply,
  type RegisterNodeRequest,
  RegisterNodeRequestSchema,
} from './cache-node.ts';
export type {
  CacheNodeSettings,
  CacheNodeState,
  CacheNodeView,
  PreheatJobState,
  PreheatJobView,
} from './cache-node-view.ts';
export {
  type AllowedSources,
  type ContentPolicies,
  ContentPoliciesSchema,
  type ContentPolicyReply,
  ContentPolicyReplySchema,
  maxPolicyPhf,
  maxPolicyUrls,
  parseContentPolicyReply,
} from './content-policy.ts';
export type { ContentClassView, EffectiveContentRule } from './content-rule-view.ts';
export {
  type Block,
  type BlockListReply,
  BlockSchema,
  type ContentRule,
  maxBlocks,
  parseBlockListReply,
  parseRulesDocument,
  type RulesDocument,
} from './content-rules.ts';
export { type DiscoveryReply, DiscoveryReplySchema, parseDiscoveryReply } from './discovery.ts';
export type { EnrolledDeviceView, EnrolmentView } from './enrolment-view.ts';
export { type ErrorReply, ErrorReplySchema, parseErrorReply } from './error-reply.ts';
export {
  type DeviceEvent,
  DeviceEventSchema,
  type EventBatch,
  EventBatchSchema,
  type EventName,
  type EventOf,
  type EventsReply,
  EventsReplySchema,
  parseEventsReply,
} from './events/event-batch.ts';
export { maxBatchBytes, maxBatchEvents } from './events/limits.ts';
export {
  ContentIdText,
  maxContentIdLength,
  maxContentUrlLength,
  maxPeersWanted,
  TenantText,
} from './fields.ts';
export { type GeoReply, GeoReplySchema, parseGeoReply } from './geo.ts';
export {
  type AuthorityReply,
  type EnrolReply,
  type EnrolRequest,
  EnrolRequestSchema,
  parseAuthorityReply,
  parseEnrolReply,
  parseSessionReply,
  type RotateKeyRequest,
  RotateKeyRequestSchema,
  type SessionReply,
  type SessionRequest,
  SessionRequestSchema,
} from './identity.ts';
export type { IngestLimits, IngestState, IngestView } from './ingest-view.ts';
export {
  type HashListSignature,
  type KeySet,
  KeySetSchema,
  type KeySetsReply,
  parseKeySet,
  parseKeySetsReply,
} from './key-set.ts';
export {
  type KeyValueReply,
  KeyValueReplySchema,
  parseKeyValueReply,
} from './key-value.ts';
export {
  type PublishReply,
  PublishReplySchema,
  type PublishRequest,
  PublishRequestSchema,
  parsePublishReply,
} from './publish.ts';
export { parseRegionsDocument, type RegionsDocument } from './regions.ts';
export { prepareReplyParsers } from './reply-parser.ts';
export { parseReportReply, type ReportReply, ReportReplySchema } from './report.ts';
export {
  type EffectiveSettings,
  parseRolloutsDocument,
  type Rollout,
  type RolloutsDocument,
} from './rollouts.ts';
export type { SwarmDevice, SwarmEntry, SwarmView } from './swarm-view.ts';
