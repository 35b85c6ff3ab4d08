/**
 * The device: downloads from HTTP, the cache on site and peers at once, keeps and shares what it has.
 *
 * @example
 * await using agent = await createAgent({ dataDir: '/var/lib/sluice', cloudUrl: 'http://cloud:8080' });
 * const download = await agent.download({ Url: 'http://source/file.iso', Output: '/tmp/file.iso' });
 * const { State, BytesFromPeers } = await download.finished;
 * @module
 */
export { type Agent, createAgent } from './agent.ts';
export type { AgentOptions } from './agent-options.ts';
export { systemClock } from './clock/system-clock.ts';
export { SystemDhcp } from './dhcp/system-dhcp.ts';
export { defaultRunDir } from './do-compat/port-file.ts';
export {
  type DoCompat,
  defaultConfigDir,
  openDoCompat,
} from './do-compat/serve-do-compat.ts';
export type { Download } from './download/download.ts';
export { SystemGroupFacts } from './group/system-group-facts.ts';
export * from './hashing/index.ts';
export { enrolDevice } from './identity/enrol.ts';
export { rotateDeviceKey } from './identity/rotate-key.ts';
export { type JobDesk, openJobs } from './jobs/open-jobs.ts';
export { type LocalApi, serveLocalApi } from './local-api/server.ts';
export type { LocalDiscovery, LocalListener, Sighting } from './local-discovery/local-discovery.ts';
export type { PeerRestriction } from './network/peer-restriction.ts';
export { settingsFileOf, systemPolicyPlaces } from './policy/policy-places.ts';
