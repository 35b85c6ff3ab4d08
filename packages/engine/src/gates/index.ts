/** Which downloads may use peers, whom we may upload to, and when HTTP may be used: DO's rules. */
export { minBackgroundQos } from './background-qos.ts';
export type { GateSettings } from './gate-settings.ts';
export { type Battery, type HostFacts, unknownHost } from './host-facts.ts';
export { type Delays, delaysOf, OriginDelays } from './origin-delays.ts';
export { downloadRefusals, uploadRefusals } from './peer-gates.ts';
export { type GateRule, type PeerClass, peerClasses, type Refusal } from './refusal.ts';
export { vpnAmong } from './vpn.ts';
