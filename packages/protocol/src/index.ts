/**
 * What both ends must agree on: the pieces hash file, content ids, piece maps, swarm messages,
 * service and local API schemas, errors. Pure: no I/O, no clock, no randomness.
 * @module
 */
export * from './clock/index.ts';
export * from './errors/index.ts';
export * from './ids/index.ts';
export * from './local-api/index.ts';
export * from './phf/index.ts';
export * from './pieces/index.ts';
export * from './services/index.ts';
export * from './swarm/index.ts';
