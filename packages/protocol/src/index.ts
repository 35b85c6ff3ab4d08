/**
 * What both ends must agree on: the pieces hash file, content ids, piece maps, swarm messages,
 * types of the services and of the local API, errors, heads of HTTP answers; and the time and chance that repeat, for
 * simulations and tests (`simulation/`). Pure: no I/O, no clock, no randomness.
 * @module
 */
export * from './clock/index.ts';
export * from './errors/index.ts';
export * from './hash-log/index.ts';
export * from './http/index.ts';
export * from './identity/index.ts';
export * from './ids/index.ts';
export * from './local-api/index.ts';
export * from './local-discovery/index.ts';
export * from './metrics/index.ts';
export * from './phf/index.ts';
export * from './pieces/index.ts';
export type * from './policy/index.ts';
export { maxBatchBytes, maxBatchEvents } from './services/events/limits.ts';
export { fillEndpoint } from './services/fill-endpoint.ts';
export type * from './services/index.ts';
export { type AddressKind, addressKind, canonicalIp } from './services/ip-address.ts';
export * from './signing/index.ts';
export * from './simulation/index.ts';
export * from './swarm/index.ts';
export * from './tracing/index.ts';
