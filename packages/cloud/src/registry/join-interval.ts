/** What decides when a member joins again; the numbers are for every registry. */
export const joinRules = {
  /** A swarm is young this long after its first member came, ms. */
  youngMs: 60_000,
  /** A swarm with fewer members is small. */
  smallSwarm: 10,
  /** ms */
  youngInterval: 5_000,
  smallInterval: 15_000,
  usualInterval: 60_000,
  /** Of the interval a member is kept: two joins may get lost. */
  keepAliveFactor: 2.5,
} as const;

/**
 * When a member should join again, ms. Soon while the swarm is young or small and the member still
 * lacks bytes, so that devices that start together find each other; else seldom, for the load. A seed
 * waits to be dialled and gains nothing by asking often.
 * Few distinct values: the expiry queue has one list for each.
 */
export function joinInterval(swarm: { ageMs: number; size: number }, left: number): number {
  if (left === 0) return joinRules.usualInterval;
  if (swarm.ageMs < joinRules.youngMs) return joinRules.youngInterval;
  return swarm.size < joinRules.smallSwarm ? joinRules.smallInterval : joinRules.usualInterval;
}

/** How long a member is kept that was told to come back after `intervalMs`. */
export function keepAlive(intervalMs: number): number {
  return joinRules.keepAliveFactor * intervalMs;
}
