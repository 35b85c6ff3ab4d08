/**
 * Where bytes come from: the contract and its HTTP and cache implementations.
 * @module
 */
export { createCacheSource } from './cache/index.ts';
export { createHttpSource, type PortableSource } from './http/index.ts';
export type { RunSink, Source, SourceFacts, SourceKind } from './source.ts';
