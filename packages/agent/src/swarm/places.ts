import type { Clock, PeerId } from '@sluice/protocol';
import type { Member } from './member.ts';
import {
  compareStandings,
  expectedStanding,
  isBest,
  isBetter,
  type Newcomer,
  type OwnSide,
  type Standing,
  standingOf,
} from './standing.ts';

const maxMembers = 50;
/** The rest is for those we choose ourselves. */
const maxIncoming = 40;
/** A connection is not judged before this, ms: what the peer has and takes must show first. */
const trialMs = 30_000;
/** Between two that had to go, ms. */
const pauseMs = 5_000;
/** Who had to go takes no place of another for so long, ms: it would change places with it again and again. */
const awayMs = 600_000;

export interface PlacesOptions {
  clock: Clock;
  members: ReadonlyMap<PeerId, Member>;
  /** Undefined while it is not known which pieces there are: nobody can be judged then. */
  own: () => OwnSide | undefined;
}

/**
 * The places for connections. When they are taken, one that is clearly better gets the place of the
 * worst, unless content is on its way between us: that is never cut short.
 */
export class Places {
  readonly #options: PlacesOptions;
  #replacedAt = Number.NEGATIVE_INFINITY;
  /** Who had to go, and when. */
  readonly #away = new Map<PeerId, number>();
  /** The worst of all, and of those who came to us, as of `at`. */
  #worst: { at: number; size: number; any?: Judged; incoming?: Judged } | undefined;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** Connections that may be made now: one at a time where somebody would have to go for it. */
  get room(): number {
    const free = maxMembers - this.#options.members.size;
    if (free > 0) return free;
    const worst = this.#findWorst(false);
    return worst && !isBest(worst.standing) ? 1 : 0;
  }

  isFree(incoming: boolean): boolean {
    const { members } = this.#options;
    if (members.size >= maxMembers) return false;
    if (!incoming) return true;
    let came = 0;
    for (const m of members.values()) if (m.connection.incoming) came++;
    return came < maxIncoming;
  }

  /** Who has to go for the newcomer; undefined when it is worth no more than those who are there. */
  whoGoesFor(peer: PeerId, newcomer: Newcomer, incoming: boolean): Member | undefined {
    const { clock, own } = this.#options;
    const side = own();
    const wentAt = this.#away.get(peer) ?? Number.NEGATIVE_INFINITY;
    if (!side || clock.now() - wentAt < awayMs) return undefined;
    // Who comes by itself does not take the places that we chose to give.
    const worst = this.#findWorst(incoming && this.#options.members.size < maxMembers);
    if (!worst || !isBetter(expectedStanding(newcomer, side), worst.standing)) return undefined;
    return worst.member;
  }

  /** The member had to go. */
  replaced({ connection: { peerId } }: Member): void {
    const now = this.#options.clock.now();
    this.#replacedAt = now;
    this.#worst = undefined;
    for (const [peer, at] of this.#away) if (now - at >= awayMs) this.#away.delete(peer);
    this.#away.set(peerId, now);
  }

  /** Asked for every candidate there is, so it is found once for all of them. */
  #findWorst(incomingOnly: boolean): Judged | undefined {
    const { clock, members, own } = this.#options;
    const at = clock.now();
    const side = own();
    if (!side || at - this.#replacedAt < pauseMs) return undefined;
    if (this.#worst?.at !== at || this.#worst.size !== members.size) {
      this.#worst = { at, size: members.size };
      for (const member of members.values()) {
        if (at - member.connection.connectedAt < trialMs || isBusy(member)) continue;
        const judged = judge(member, side, at);
        if (isWorse(judged, this.#worst.any)) this.#worst.any = judged;
        if (!member.connection.incoming) continue;
        if (isWorse(judged, this.#worst.incoming)) this.#worst.incoming = judged;
      }
    }
    const found = incomingOnly ? this.#worst.incoming : this.#worst.any;
    return found && !isBusy(found.member) ? found : undefined;
  }
}

interface Judged {
  member: Member;
  standing: Standing;
  /** Content that came and went, bytes/s. */
  rate: number;
}

function judge(member: Member, side: OwnSide, now: number): Judged {
  const { sent, received, connectedAt } = member.connection;
  const rate = (1000 * (sent + received)) / (now - connectedAt);
  return { member, standing: standingOf(member, side), rate };
}

function isWorse(a: Judged, b: Judged | undefined): boolean {
  if (!b) return true;
  return (compareStandings(a.standing, b.standing) || a.rate - b.rate) < 0;
}

/** Whether content is on its way to or from the peer. */
function isBusy({ connection, uploads }: Member): boolean {
  return connection.activeConnections > 0 || (uploads !== undefined && !uploads.idle);
}
