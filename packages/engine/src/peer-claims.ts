import type { PieceRun } from '@sluice/protocol';
import { claimCredit } from './claim-credit.ts';
import { includes, sameRun } from './claimed-runs.ts';
import type { PeerRows } from './peer-rows.ts';
import type { PieceTable } from './piece-table.ts';
import type { Claim, PeerState } from './source-state.ts';

/** Bounds what a peer can make us remember. */
const maxClaimsPerPeer = 64;
/** A longer run that is let go is not looked through: it is of one that streams the content, not of two that began the same. */
const maxInherited = 64;

/**
 * What peers say they fetch. A claim is walked over when it is made, while it comes to be believed, and when it is
 * dropped, each time once: that is what `PeerState.walks` has a peer pay for. No other message costs a walk. What
 * is let go is looked for among the claims of the others, which are few.
 */
export class PeerClaims {
  readonly #table: PieceTable;
  readonly #rows: PeerRows;
  /** All that are connected. */
  readonly #peers: readonly PeerState[];
  /** Pieces that are claimed, of all peers. */
  #pieces = 0;

  constructor(table: PieceTable, rows: PeerRows, peers: readonly PeerState[]) {
    this.#table = table;
    this.#rows = rows;
    this.#peers = peers;
  }

  /** Whether any peer claims a piece that it has not brought. */
  get isAny(): boolean {
    return this.#pieces > 0;
  }

  add(peer: PeerState, runs: PieceRun[], now: number): void {
    const { length } = this.#table.have;
    for (const run of runs) {
      if (!(run.first >= 0 && run.count >= 1)) continue;
      if (run.first + run.count > length) continue;
      // Told again, with a new rate.
      if (peer.claims.some((c) => sameRun(c.run, run))) continue;
      // Said too much: it is not believed, and has fetched for itself.
      if (peer.claims.length >= maxClaimsPerPeer || peer.walks.available(now) <= 0) return;
      peer.walks.take(run.count, now);
      const lacks = lackedOf(peer, run);
      const claim = { run, since: now, brought: false, lacks, next: run.first };
      this.#set(peer, [...peer.claims, claim]);
      this.#believe(peer, claim);
    }
  }

  /** @returns how many claimed pieces that was: one or none. */
  brought(peer: PeerState, piece: number, now: number): number {
    if (peer.claims.length === 0) return 0;
    const isTheirs = this.#table.claimant(piece) === peer.id;
    const claimed = isTheirs ? this.#table.unclaim({ first: piece, count: 1 }, peer.id) : 0;
    this.#count(peer, -claimed);
    let isDone = false;
    for (const c of peer.claims) {
      if (!includes(c.run, piece)) continue;
      c.since = now;
      c.brought = true;
      c.lacks--;
      isDone ||= c.lacks === 0;
    }
    if (isDone) {
      const isOpen = (c: Claim) => !includes(c.run, piece) || c.lacks > 0;
      this.#set(peer, peer.claims.filter(isOpen));
    }
    if (peer.overclaims) this.#believeMore(peer);
    return claimed;
  }

  /** The peer has the piece no longer. */
  lost(peer: PeerState, piece: number): void {
    for (const c of peer.claims) if (includes(c.run, piece)) c.lacks++;
  }

  /** Whether the peer claims no more than it may: then its claims also take what we have begun. */
  isModest(peer: PeerState): boolean {
    return peer.claims.reduce((sum, c) => sum + c.run.count, 0) <= this.#credit(peer);
  }

  drop(peer: PeerState, run: PieceRun): void {
    const left = peer.claims.filter((c) => !sameRun(c.run, run));
    if (left.length === peer.claims.length) return;
    this.#set(peer, left);
    this.#letGo(peer, run);
  }

  dropAll(peer: PeerState): void {
    const { claims } = peer;
    this.#set(peer, []);
    for (const { run } of claims) this.#letGo(peer, run);
  }

  /** Somebody else may have said so as well: who yields to another lets go of what that one still fetches. */
  #letGo(peer: PeerState, run: PieceRun): void {
    const freed = this.#table.unclaim(run, peer.id);
    this.#count(peer, -freed);
    if (freed === 0 || run.count > maxInherited) return;
    for (const other of this.#peers) {
      for (const c of other.claims) this.#inherit(other, c, run);
    }
  }

  /** What was walked over already; the rest comes when it is believed. Who may claim no more inherits nothing. */
  #inherit(peer: PeerState, claim: Claim, { first, count }: PieceRun): void {
    const credit = this.#credit(peer);
    const end = Math.min(first + count, claim.next);
    for (let p = Math.max(first, claim.run.first); p < end; p++) {
      if (peer.claimedPieces >= credit) return;
      if (!peer.has.has(p) && this.#table.claim(p, peer.id)) this.#count(peer, 1);
    }
  }

  #credit(peer: PeerState): number {
    // Who streams the whole content must claim all of it.
    const { whole } = this.#table.responsibility;
    return whole ? Number.POSITIVE_INFINITY : claimCredit(peer.has.count);
  }

  /** Goes on where it stopped: what lies before is claimed, or was another's. */
  #believe(peer: PeerState, claim: Claim): void {
    const credit = this.#credit(peer);
    for (const end = claim.run.first + claim.run.count; claim.next < end; claim.next++) {
      const p = claim.next;
      if (peer.has.has(p) || this.#table.claimant(p) !== undefined) continue;
      peer.overclaims = peer.claimedPieces >= credit;
      if (peer.overclaims) return;
      this.#table.claim(p, peer.id);
      this.#count(peer, 1);
    }
  }

  /** It is believed more since it has more. */
  #believeMore(peer: PeerState): void {
    peer.overclaims = false;
    for (const c of peer.claims) if (!peer.overclaims) this.#believe(peer, c);
  }

  #count(peer: PeerState, by: number): void {
    peer.claimedPieces += by;
    this.#pieces += by;
  }

  #set(peer: PeerState, claims: Claim[]): void {
    peer.claims = claims;
    this.#rows.setClaiming(peer.has.row, claims.length > 0);
  }
}

function lackedOf(peer: PeerState, { first, count }: PieceRun): number {
  let lacks = 0;
  for (let p = first; p < first + count; p++) if (!peer.has.has(p)) lacks++;
  return lacks;
}
