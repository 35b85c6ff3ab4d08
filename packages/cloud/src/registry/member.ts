import type { Swarm } from './swarm.ts';
import type { SwarmMember } from './swarm-registry.ts';

/** A member as the memory registry keeps it: what it said, where it stands in the lists. */
export interface Member extends SwarmMember {
  swarm: Swarm;
  /** `siteOf(externalIp)` */
  site: string;
  /** Places in the lists of its swarm, -1 = not listed. */
  lanAt: number;
  groupAt: number;
  internetAt: number;
  /** The same in the lists of seeds. */
  lanAtSeeds: number;
  groupAtSeeds: number;
  internetAtSeeds: number;
  /** Clock time of its last join, ms. */
  joinedAt: number;
  keepAliveMs: number;
  /** Neighbours in its expiry queue. */
  older: Member | undefined;
  newer: Member | undefined;
}

/** A new member in no list yet. */
export function newMember(swarm: Swarm, facts: SwarmMember, site: string): Member {
  return {
    ...facts,
    swarm,
    site,
    lanAt: -1,
    groupAt: -1,
    internetAt: -1,
    lanAtSeeds: -1,
    groupAtSeeds: -1,
    internetAtSeeds: -1,
    joinedAt: 0,
    keepAliveMs: 0,
    older: undefined,
    newer: undefined,
  };
}
