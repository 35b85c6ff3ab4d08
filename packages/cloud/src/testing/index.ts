/**
 * A face for tests: real stores on this machine, each for itself.
 *
 * ```ts
 * test('…', { skip: noValkey }, async (t) => {
 *   const { url, stop } = await startValkey();
 * ```
 * @module
 */
export { noPostgres, type PostgresServer, startPostgres } from './postgres-server.test-support.ts';
export {
  freePort,
  noValkey,
  startValkey,
  type ValkeyServer,
} from './valkey-server.test-support.ts';
