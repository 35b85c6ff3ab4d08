import type { PeerEntry } from '@sluice/protocol';
import type { Swarm } from './swarm.ts';
import type { SwarmMember } from './swarm-registry.ts';

/**
 * A member as the memory registry keeps it: what it said, where it stands in the lists. There may be millions: a
 * class has its fields side by side in one object.
 */
export class Member implements SwarmMember {
  // What others are told of stands together: memory far apart is what a join waits for.
  readonly peerId: string;
  /** What its site and group are told of it behind its id. */
  #told: string;
  /** `siteOf(externalIp)` */
  site: string;
  externalIp: string;
  port: number;
  left: number;
  scope: number;
  groupKey: string | undefined;
  restrictedUpload: boolean;
  readonly swarm: Swarm;
  /** Places in the lists of its swarm, -1 = not listed: of its site, and of its group or the Internet. */
  lanAt = -1;
  wideAt = -1;
  /** Clock time of its last join, ms. */
  joinedAt = 0;
  keepAliveMs = 0;
  /** Neighbours in its expiry queue. */
  older: Member | undefined = undefined;
  newer: Member | undefined = undefined;

  /** In no list yet. */
  constructor(swarm: Swarm, facts: SwarmMember, site: string) {
    this.peerId = facts.peerId;
    this.#told = toldOf(facts.localIp ?? facts.externalIp, facts);
    this.site = site;
    this.externalIp = facts.externalIp;
    this.port = facts.port;
    this.left = facts.left;
    this.scope = facts.scope;
    this.groupKey = facts.groupKey;
    this.restrictedUpload = facts.restrictedUpload === true;
    this.swarm = swarm;
  }

  get localIp(): string | undefined {
    const ip = this.#told.slice(ipAt, this.#told.indexOf('"', ipAt));
    return ip === this.externalIp ? undefined : ip;
  }

  /** Says something new. What is the same stays the object it is, and that of the request goes with the request. */
  update(facts: SwarmMember): void {
    if (this.externalIp !== facts.externalIp) this.externalIp = facts.externalIp;
    if (this.groupKey !== facts.groupKey) this.groupKey = facts.groupKey;
    const ip = facts.localIp ?? facts.externalIp;
    if (this.left !== facts.left || this.port !== facts.port || !tellsOf(this.#told, ip)) {
      this.#told = toldOf(ip, facts);
    }
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

  /** Adds what another is told of it, a `PeerEntry` as JSON, to those it is told already. */
  addTo(entries: string, type: PeerEntry['Type']): string {
    const told = type === 'Internet' ? toldOf(this.externalIp, this) : this.#told;
    return (entries === '' ? heads[type] : entries + nextHeads[type]) + this.peerId + told;
  }
}

/** Of a `PeerEntry`, up to its id. */
const heads = {
  LAN: '{"Type":"LAN","PeerId":"',
  Group: '{"Type":"Group","PeerId":"',
  Internet: '{"Type":"Internet","PeerId":"',
} as const;
/** With the comma, so that there is less to add. */
const nextHeads = {
  LAN: `,${heads.LAN}`,
  Group: `,${heads.Group}`,
  Internet: `,${heads.Internet}`,
} as const;
const ipAt = '","Ip":"'.length;

/** A `PeerEntry` behind its id. Joined, not added: one string, where a sum would keep its parts. */
function toldOf(ip: string, { port, left }: { port: number; left: number }): string {
  return ['","Ip":"', ip, '","Port":', port, ',"Left":', left, '}'].join('');
}

/** A function: a private method would be one more word in each of millions of objects. */
function tellsOf(told: string, ip: string): boolean {
  return told.startsWith(ip, ipAt) && told[ipAt + ip.length] === '"';
}

/** A `PeerEntry` as JSON. `peerId` and `ip` need no escaping. */
export function entryText(
  type: PeerEntry['Type'],
  { peerId, ip, ...numbers }: { peerId: string; ip: string; port: number; left: number },
): string {
  return heads[type] + peerId + toldOf(ip, numbers);
}
