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
export type { CacheNodeOptions, CacheTuning } from './options.ts';
export type { CacheStats } from './stats.ts';
