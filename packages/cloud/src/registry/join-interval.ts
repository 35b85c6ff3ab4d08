import type { JoinReply } from '@sluice/protocol';

/** A swarm is young this long after its first member came, ms. */
const youngMs = 60_000;
/** A swarm with fewer members is small. */
const smallSwarm = 10;

/** ms */
const youngInterval = 5_000;
const smallInterval = 15_000;
const usualInterval = 60_000;

/**
 * When a member should join again, ms. Soon while the swarm is young or small and the member still
 * lacks bytes, so that devices that start together find each other; else seldom, for the load. A seed
 * waits to be dialled and gains nothing by asking often.
 * Few distinct values: the expiry queue has one list for each.
 */
export function joinInterval(swarm: { ageMs: number; size: number }, left: number): number {
  if (left === 0) return usualInterval;
  if (swarm.ageMs < youngMs) return youngInterval;
  return swarm.size < smallSwarm ? smallInterval : usualInterval;
}

/** How long a member is kept that was told to come back after `intervalMs`: two joins may get lost. */
export function keepAlive(intervalMs: number): number {
  return 2.5 * intervalMs;
}

/** What a member is told that has no part in the swarm: nobody, and to ask seldom. */
export function emptyReply(): JoinReply {
  return joinReply([], usualInterval);
}

/** The reply to a member that shall come back after `intervalMs`. */
export function joinReply(Peers: JoinReply['Peers'], intervalMs: number): JoinReply {
  return { Peers, NextJoinTimeIntervalInMs: intervalMs, KeepAliveMs: keepAlive(intervalMs) };
}
