/**
 * The Connected Cache node: an HTTP cache on site that fetches each byte of a source once, however
 * many devices ask, and streams it to all of them as it arrives.
 * @module
 */
export { type CacheNode, createCacheNode } from './cache-node.ts';
export type { CacheNodeOptions, CacheTuning } from './options.ts';
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
