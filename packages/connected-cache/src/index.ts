/**
 * The Connected Cache node: an HTTP cache on site that fetches each byte of a source once, however
 * many devices ask, and streams it to all of them as it arrives.
 * @module
 */
export { type CacheNode, createCacheNode } from './cache-node.ts';
export {
  certificatePaths,
  importCertificate,
  requestCertificate,
} from './certificate/certificate-folder.ts';
export { parseKeyKind } from './certificate/key-kind.ts';
export { collectAlone } from './collect-alone.ts';
export { type CacheNodeControl, connectCacheNode } from './control/control-client.ts';
export type { OperationsOptions } from './operations/operations-options.ts';
export type { CacheNodeOptions, CacheTuning, ListenAddress } from './options.ts';
export type { PreheatReport, PreheatResult } from './preheat/preheat-job.ts';
export type { CacheStats } from './stats.ts';
export type { ContentClass } from './store/content-classes.ts';
export type { DriveOptions } from './store/drive-fleet.ts';
export type { DriveIssue, DriveIssueType } from './store/drive-issue.ts';
export type {
  ClassSummary,
  DriveSummary,
  ObjectSummary,
  Selection,
  StoreAdmin,
} from './store/store-admin.ts';
export type { NodeStatus } from './watch/node-status.ts';
