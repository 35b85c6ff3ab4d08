/**
 * The Connected Cache node: an HTTP cache on site that fetches each byte of a source once, however
 * many devices ask, and streams it to all of them as it arrives.
 * @module
 */
export { type CacheNode, createCacheNode } from './cache-node.ts';
export { type CacheNodeControl, connectCacheNode } from './control/control-client.ts';
export type { OperationsOptions } from './operations/operations-options.ts';
export type { CacheNodeOptions, CacheTuning, ListenAddress } from './options.ts';
export type { PreheatReport, PreheatResult } from './preheat/preheat-job.ts';
export type { CacheStats } from './stats.ts';
export type { NodeStatus } from './watch/node-status.ts';
