/** The HTTP source. */
export { createHttpSource } from './create-http-source.ts';
export type { HttpSourceOptions } from './http-settings.ts';
