/** The HTTP source. */
export { createHttpSource } from './create-http-source.ts';
export type { HttpSourceOptions } from './http-settings.ts';
export type { PortableSource } from './portable-source.ts';
