import type { JoinAnswer } from './join-answer.ts';

/** A device in a swarm, as the array service has checked it. */
export interface SwarmMember {
  /** 40 lower-case hex digits. */
  peerId: string;
  /** The address the service saw, canonical. The only public address others may be told. */
  externalIp: string;
  /** Where LAN and group peers dial; undefined = `externalIp`. Never a public address of others. */
  localIp: string | undefined;
  port: number;
  /** Bytes still missing; 0 = a seed. */
  left: number;
  /** The download mode (policies.md §3). Only 1, 2 and 3 have peers. */
  scope: number;
  /** Its group, when it has one. Never logged. */
  groupKey: string | undefined;
  /** It may not upload: others are not told of it. */
  restrictedUpload?: boolean | undefined;
}

/** The most peers of one swarm, unless told otherwise. */
export const defaultPeersPerSwarm = 100_000;

/** Bounds, so that a flood of joins costs bounded memory. What was not heard of longest goes first. */
export interface RegistryLimits {
  swarms: number;
  peersPerSwarm: number;
  peers: number;
}

/**
 * Who has what. In memory by default; every implementation passes `swarmRegistryContract`.
 *
 * Classes (workflow.md §5): LAN = same site (external address), both in a mode with peers. Group =
 * same group, both in mode 2. Internet = both in mode 3. A peer that is LAN and something else is LAN.
 */
export interface SwarmRegistry {
  /**
   * Enters or refreshes `member` and tells it up to `wanted` others: LAN before Group before
   * Internet, inside a class a random sample in which each has the same chance, at its first join behind `seedsFor` seeds, never itself, never one that has not come back
   * within its KeepAliveMs or may not upload. A member in a mode without peers is told nobody and not entered.
   * @param wanted 0 to `maxPeersWanted`
   * @returns no promise where nothing is waited for
   */
  join(swarmId: string, member: SwarmMember, wanted: number): JoinAnswer | Promise<JoinAnswer>;
  /**
   * Forgets a peer. Only from the address it joined from: others know its id too.
   * @returns whether it was there
   */
  leave(swarmId: string, peerId: string, externalIp: string): Promise<boolean>;
  stats(): Promise<{ swarms: number; peers: number }>;
}
