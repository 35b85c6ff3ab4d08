import type { Swarm } from './swarm.ts';
import type { SwarmMember } from './swarm-registry.ts';

/**
 * A member as the memory registry keeps it: what it said, where it stands in the lists. There may be millions: a
 * class has its fields side by side in one object.
 */
export class Member implements SwarmMember {
  readonly peerId: string;
  externalIp: string;
  localIp: string | undefined;
  port: number;
  left: number;
  scope: number;
  groupKey: string | undefined;
  restrictedUpload: boolean;
  readonly swarm: Swarm;
  /** `siteOf(externalIp)` */
  site: string;
  /** Places in the lists of its swarm, -1 = not listed: of its site, and of its group or the Internet. */
  lanAt = -1;
  wideAt = -1;
  /** The same in the lists of seeds. */
  lanAtSeeds = -1;
  wideAtSeeds = -1;
  /** Clock time of its last join, ms. */
  joinedAt = 0;
  keepAliveMs = 0;
  /** Neighbours in its expiry queue. */
  older: Member | undefined = undefined;
  newer: Member | undefined = undefined;

  /** In no list yet. */
  constructor(swarm: Swarm, facts: SwarmMember, site: string) {
    this.peerId = facts.peerId;
    this.externalIp = facts.externalIp;
    this.localIp = facts.localIp;
    this.port = facts.port;
    this.left = facts.left;
    this.scope = facts.scope;
    this.groupKey = facts.groupKey;
    this.restrictedUpload = facts.restrictedUpload === true;
    this.swarm = swarm;
    this.site = site;
  }

  /** Says something new. What is the same stays the object it is, and that of the request goes with the request. */
  update(facts: SwarmMember): void {
    if (this.externalIp !== facts.externalIp) this.externalIp = facts.externalIp;
    if (this.localIp !== facts.localIp) this.localIp = facts.localIp;
    if (this.groupKey !== facts.groupKey) this.groupKey = facts.groupKey;
    this.port = facts.port;
    this.left = facts.left;
    this.scope = facts.scope;
    this.restrictedUpload = facts.restrictedUpload === true;
  }

  /** Whether this is what it said. */
  says(facts: SwarmMember): boolean {
    return (
      this.left === facts.left &&
      this.port === facts.port &&
      this.scope === facts.scope &&
      this.externalIp === facts.externalIp &&
      this.localIp === facts.localIp &&
      this.groupKey === facts.groupKey &&
      this.restrictedUpload === (facts.restrictedUpload === true)
    );
  }
}
