/**
 * The second face of the package: how programs on this device ask its agent. Apart from the first so
 * that a command that only asks does not load the agent.
 * @module
 */
export { connectLocalApi, connectSharedApi, type LocalApiClient } from './client.ts';
export type { JobsClient } from './jobs-client.ts';
