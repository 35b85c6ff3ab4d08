/** The cache host as a source. */
export { createCacheSource } from './create-cache-source.ts';
