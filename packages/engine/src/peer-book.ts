import type { PieceRun } from '@sluice/protocol';
import { passesOf } from './claimed-runs.ts';
import type { Action, PeerEvent, SourceId } from './events.ts';
import { Interest } from './interest.ts';
import { distrustMs, patienceMs } from './patience.ts';
import { PeerClaims } from './peer-claims.ts';
import { PeerRows } from './peer-rows.ts';
import type { PieceTable } from './piece-table.ts';
import { Reliance } from './reliance.ts';
import type { PeerState } from './source-state.ts';

/** Who lets work lie is looked for in this grain, ms: it is judged by seconds. */
const expireMs = 100;

/** What peers have, claim and share, and what follows for who is responsible for which piece. */
export class PeerBook {
  readonly #options: { pieceCount: number; pieceSize: number };
  readonly #table: PieceTable;
  readonly #interest: Interest;
  /** In the order of their rows. */
  readonly #peers: PeerState[] = [];
  readonly #rows: PeerRows;
  readonly #claims: PeerClaims;
  /** By source. */
  readonly #rowOf: number[] = [];
  /** How many are elsewhere. */
  #far = 0;
  #expiredAt = Number.NEGATIVE_INFINITY;
  /** Somebody had work, or came back, since nobody was seen to have any; else nobody has had any up to `#idleAt`. */
  #wasWork = false;
  #idleAt = Number.NEGATIVE_INFINITY;
  readonly #reliance = new Reliance();
  readonly #onUseless = (row: number) => this.#interest.end(this.#peers[row]!);

  constructor(
    options: { pieceCount: number; pieceSize: number },
    table: PieceTable,
    act: (action: Action) => void,
  ) {
    this.#options = options;
    this.#table = table;
    this.#interest = new Interest(table, act);
    this.#rows = new PeerRows(options.pieceCount);
    this.#claims = new PeerClaims(table, this.#rows, this.#peers);
    table.onWanted = (piece, by) => this.#rows.wanted(piece, by);
  }

  add(peer: PeerState, now: number): void {
    this.#rowOf[peer.id] = this.#peers.push(peer) - 1;
    this.#rows.adopt(peer.has);
    if (peer.sameSite) this.#reliance.countNeighbour(1, now);
    else this.#far++;
    for (let p = peer.has.nextSet(0); p >= 0; p = peer.has.nextSet(p + 1)) {
      if (this.#table.have.has(p)) continue;
      this.#table.peerGot(p);
      this.#gained(peer.has.row, p, now);
    }
    this.#updateCandidate(peer);
    this.#rely();
  }

  remove(peer: PeerState, now: number): void {
    if (peer.sameSite) this.#reliance.countNeighbour(-1, now);
    else this.#far--;
    this.#interest.forget(peer);
    this.#claims.dropAll(peer);
    this.#peers.splice(peer.has.row, 1);
    this.#rows.release(peer.has);
    delete this.#rowOf[peer.id];
    for (let r = 0; r < this.#peers.length; r++) this.#rowOf[this.#peers[r]!.id] = r;
    for (let p = peer.has.nextSet(0); p >= 0; p = peer.has.nextSet(p + 1)) {
      if (!this.#table.have.has(p)) this.#table.peerLost(p);
    }
    this.#table.reclassifyGroups(this.#table.responsibility.remove(peer.id));
    this.#rely();
  }

  /** Whether this device fetches for its site, or leaves that to others while they do. */
  setFetches(fetches: boolean, now: number): void {
    this.#reliance.setFetches(fetches, now);
    this.#rely();
  }

  handle(peer: PeerState, event: PeerEvent, now: number): void {
    if (event.type === 'choked') {
      if (peer.choked === event.choked) return;
      peer.choked = event.choked;
      peer.chokeAt = now;
      this.#rows.setChoked(peer.has.row, event.choked);
    } else if (event.type === 'claimed') this.#onClaimed(peer, event.runs, event.rate, now);
    else if (event.type === 'released') for (const run of event.runs) this.#claims.drop(peer, run);
    else {
      peer.sharesWork = event.sharesWork;
      peer.handicap = event.handicap ?? 0;
      // What it fetches now, if anything, it fetches for itself.
      if (!event.sharesWork) this.#claims.dropAll(peer);
      this.#updateCandidate(peer);
    }
  }

  /** What those who share the work say they bring from outside, bytes/s; those that do not say are left out. */
  siteRates(): number[] {
    const working = this.#peers.filter((p) => this.#counts(p) && p.claimedRate > 0);
    return working.map((p) => p.claimedRate);
  }

  /** The piece is here now: peers that have it are that much less useful. */
  landed(piece: number): void {
    this.#rows.landed(piece, this.#onUseless);
  }

  /** The peer's copy of the piece is bad: it does not count as having it. */
  distrust(peer: PeerState, piece: number): void {
    const { row } = peer.has;
    if (!this.#rows.clear(row, piece)) return;
    this.#claims.lost(peer, piece);
    if (this.#table.have.has(piece)) return;
    this.#table.peerLost(piece);
    if (this.#rows.addUseful(row, -1) === 0) this.#interest.end(peer);
    if (this.#table.wanted.has(piece)) this.#rows.addOpen(row, -1);
  }

  /** Lets go of the work of those who let it lie. @param mineMs see `patienceMs` */
  expire(now: number, mineMs: (now: number) => number): void {
    if (now - this.#expiredAt < expireMs) return;
    this.#expiredAt = now;
    if (this.#reliance.expire(now)) this.#rely();
    if (this.#claims.isAny || this.#table.hasBacklog) this.#wasWork = true;
    else if (this.#wasWork) this.#wasWork = false;
    else {
      this.#idleAt = now;
      return;
    }
    const mine = mineMs(now);
    const { isCrowded, whole } = this.#table.responsibility;
    for (const peer of this.#peers) {
      if (peer.lagging) continue;
      const work = this.#table.backlog(peer.id) + peer.claimedPieces;
      if (work === 0) {
        peer.progressAt = now;
        peer.bringing.setBusy(false, now);
        continue;
      }
      const passes = whole ? passesOf(peer) : 0;
      const patience = patienceMs(peer, this.#options.pieceSize, mine, passes, isCrowded);
      if (now - Math.max(peer.progressAt, this.#idleAt) > patience) this.#lapse(peer, now);
      // One request of several may hang: what it brings is for others, the peer is not.
      else
        for (const c of peer.claims)
          if (now - c.since > 2 * patience) this.#claims.drop(peer, c.run);
    }
  }

  /** See `Interest.settle`. */
  settle(now: number): void {
    this.#interest.settle(now);
  }

  #lapse(peer: PeerState, now: number): void {
    peer.lagging = true;
    peer.trustAt = now + distrustMs(peer.lapses++);
    this.#claims.dropAll(peer);
    this.#updateCandidate(peer);
  }

  /** A peer has got a piece: the most frequent event by far. @returns whether the peer may be asked for it now */
  onHas(source: SourceId, piece: number, now: number): boolean {
    const row = this.#rowOf[source];
    if (row === undefined || !(piece >= 0 && piece < this.#options.pieceCount)) return false;
    if (!this.#rows.set(row, piece)) return false;
    // In a fleet that is in step half of what is told is here already, and says nothing new.
    const isHere = this.#table.have.has(piece);
    const isClaiming = this.#rows.isClaiming(row);
    if (isHere && !isClaiming) return false;
    const isNew = !isHere && this.#table.rarity.availability(piece) === 0;
    if (!isHere) {
      this.#gained(row, piece, now);
      this.#table.peerGot(piece);
      if (this.#far > 0 && this.#isBroughtIn(source, piece)) this.#table.broughtIn(now);
    }
    if (isNew || isClaiming) this.#onProgress(this.#peers[row]!, piece, isNew, now);
    if (this.#rows.isChoked(row) || !this.#table.wanted.has(piece)) return false;
    return !this.#rows.isFull(row);
  }

  /** Whether the peer was the one to bring the piece to the site, and nobody else there had it. */
  #isBroughtIn(source: SourceId, piece: number): boolean {
    if (this.#table.responsibility.owner(piece) !== source) return false;
    return !this.#peers.some((p) => p.sameSite && p.id !== source && p.has.has(piece));
  }

  #onProgress(peer: PeerState, piece: number, isNew: boolean, now: number): void {
    const claimed = this.#claims.brought(peer, piece, now);
    // Not any piece, but what it claimed or no peer had before, is its work done.
    if (!isNew && claimed === 0) return;
    if (peer.sameSite) {
      this.#reliance.news(now);
      this.#rely();
    }
    peer.delivered++;
    peer.bringing.received(this.#options.pieceSize, now);
    peer.progressAt = now;
    if (!peer.lagging || now < peer.trustAt) return;
    peer.lagging = false;
    // While it lagged nobody noted whether it had anything to do.
    this.#wasWork = true;
    this.#updateCandidate(peer);
  }

  #onClaimed(peer: PeerState, runs: PieceRun[], rate: number, now: number): void {
    peer.claimedRate = rate;
    // Who let its work lie is believed again once it delivers.
    if (peer.lagging) return;
    // Until now it may have waited to know the others, as we did.
    const isFirst = !peer.hasClaimed && runs.length > 0;
    peer.hasClaimed ||= isFirst;
    if (isFirst || this.#table.backlog(peer.id) + peer.claimedPieces === 0) peer.progressAt = now;
    peer.bringing.setBusy(true, now);
    this.#wasWork = true;
    this.#claims.add(peer, runs, now);
  }

  /** See `PeerClaims.isModest`. */
  isModest(peer: PeerState): boolean {
    return this.#claims.isModest(peer);
  }

  #rely(): void {
    const { responsibility } = this.#table;
    this.#table.reclassifyGroups(responsibility.setRelies(this.#reliance.relies));
  }

  #updateCandidate(peer: PeerState): void {
    const { responsibility } = this.#table;
    this.#table.reclassifyGroups(
      this.#counts(peer)
        ? responsibility.add(peer.id, peer.spec.peerId, peer.handicap)
        : responsibility.remove(peer.id),
    );
  }

  #counts({ sharesWork, sameSite, lagging }: PeerState): boolean {
    return sharesWork && sameSite && !lagging;
  }

  #gained(row: number, piece: number, now: number): void {
    if (this.#rows.addUseful(row, 1) === 1) {
      const peer = this.#peers[row]!;
      // Until now there was nothing to be unchoked for.
      if (peer.choked) peer.chokeAt = now;
      this.#interest.begin(peer);
    }
    if (this.#table.wanted.has(piece)) this.#rows.addOpen(row, 1);
  }
}
