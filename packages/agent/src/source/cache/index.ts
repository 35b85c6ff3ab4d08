/** The cache host as a source. */
export { type CacheSourceOptions, createCacheSource } from './create-cache-source.ts';
