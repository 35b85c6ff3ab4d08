import type { PieceRun } from '@sluice/protocol';
import type { Action, SchedulerEvent } from './events.ts';
import { letsTurnPass } from './patience.ts';
import type { PieceTable } from './piece-table.ts';
import type { PeerState, SourceState } from './source-state.ts';

/** Bounds what a peer can make us remember. */
const maxClaimsPerPeer = 64;
/** A claim is believed for three times as long as it should take, within these limits. */
const patience = 3;
const minClaimMs = 2_000;
const maxClaimMs = 30_000;
/** Given to a claimer whose rate nobody knows. */
const unratedClaimMs = 5_000;

type PeerEvent = Extract<
  SchedulerEvent,
  { type: 'peerHas' | 'peerShares' | 'choked' | 'claimed' | 'released' }
>;

/** What peers have, claim and share, and what follows for who is responsible for which piece. */
export class PeerBook {
  readonly #options: { pieceCount: number; pieceSize: number };
  readonly #table: PieceTable;
  readonly #act: (action: Action) => void;

  constructor(
    options: { pieceCount: number; pieceSize: number },
    table: PieceTable,
    act: (action: Action) => void,
  ) {
    this.#options = options;
    this.#table = table;
    this.#act = act;
  }

  add(peer: PeerState): void {
    for (let p = peer.has.nextSet(0); p >= 0; p = peer.has.nextSet(p + 1)) {
      this.#table.peerGot(p);
      if (!this.#table.have.has(p)) this.#changeUseful(peer, 1);
    }
    this.#updateCandidate(peer);
  }

  remove(peer: PeerState): void {
    for (const c of peer.claims) this.#table.unclaim(c.run, peer.id);
    for (let p = peer.has.nextSet(0); p >= 0; p = peer.has.nextSet(p + 1)) this.#table.peerLost(p);
    if (this.#table.responsibility.remove(peer.id)) this.#table.reclassifyWanted();
  }

  handle(peer: PeerState, event: PeerEvent, now: number): void {
    if (event.type === 'peerHas') this.#onHas(peer, event.piece, now);
    else if (event.type === 'choked') peer.choked = event.choked;
    else if (event.type === 'claimed') this.#onClaimed(peer, event.runs, event.rate, now);
    else if (event.type === 'released') for (const run of event.runs) this.#dropClaim(peer, run);
    else {
      peer.sharesWork = event.sharesWork;
      this.#updateCandidate(peer);
    }
  }

  /** The piece is here now: peers that have it are that much less useful. */
  landed(piece: number, sources: Iterable<SourceState>): void {
    for (const s of sources) if (s.kind === 'peer' && s.has.has(piece)) this.#changeUseful(s, -1);
  }

  /** The peer's copy of the piece is bad: it does not count as having it. */
  distrust(peer: PeerState, piece: number): void {
    if (!peer.has.clear(piece)) return;
    this.#table.peerLost(piece);
    if (!this.#table.have.has(piece)) this.#changeUseful(peer, -1);
  }

  /** Takes work from those whose claims are overdue or who let their turn pass. */
  expire(sources: Iterable<SourceState>, now: number): void {
    for (const s of sources) {
      if (s.kind !== 'peer' || s.lagging) continue;
      const late = s.claims.some((c) => c.deadline <= now);
      if (!late && !letsTurnPass(s, this.#table.backlog(s.id), now)) continue;
      s.lagging = true;
      for (const c of s.claims) this.#table.unclaim(c.run, s.id);
      s.claims = [];
      this.#updateCandidate(s);
    }
  }

  #onHas(peer: PeerState, piece: number, now: number): void {
    if (!(piece >= 0 && piece < peer.has.length) || !peer.has.set(piece)) return;
    if (!this.#table.have.has(piece)) this.#changeUseful(peer, 1);
    this.#table.peerGot(piece);
    this.#table.unclaim({ first: piece, count: 1 }, peer.id);
    peer.claims = peer.claims.filter((c) => !hasAll(peer, c.run));
    peer.activeAt = now;
    if (!peer.lagging) return;
    peer.lagging = false;
    this.#updateCandidate(peer);
  }

  #onClaimed(peer: PeerState, runs: PieceRun[], rate: number, now: number): void {
    peer.claimedRate = rate;
    // Who let claims lapse is believed again once it delivers.
    if (peer.lagging) return;
    peer.activeAt = now;
    for (const run of runs) {
      if (peer.claims.length >= maxClaimsPerPeer) return;
      if (!(run.first >= 0 && run.count >= 1)) continue;
      if (run.first + run.count > this.#options.pieceCount) continue;
      const bytes = run.count * this.#options.pieceSize;
      const expected = rate > 0 ? (1000 * patience * bytes) / rate : unratedClaimMs;
      const wait = Math.min(maxClaimMs, Math.max(minClaimMs, expected));
      peer.claims.push({ run, deadline: now + wait });
      for (let p = run.first; p < run.first + run.count; p++) {
        if (!peer.has.has(p)) this.#table.claim(p, peer.id);
      }
    }
  }

  #dropClaim(peer: PeerState, run: PieceRun): void {
    peer.claims = peer.claims.filter((c) => c.run.first !== run.first || c.run.count !== run.count);
    const first = Math.max(0, run.first);
    const end = Math.min(this.#options.pieceCount, run.first + run.count);
    this.#table.unclaim({ first, count: end - first }, peer.id);
  }

  #updateCandidate(peer: PeerState): void {
    const { responsibility } = this.#table;
    const counts = peer.sharesWork && peer.spec.sameSite && !peer.lagging;
    const changed = counts
      ? responsibility.add(peer.id, peer.spec.peerId)
      : responsibility.remove(peer.id);
    if (changed) this.#table.reclassifyWanted();
  }

  #changeUseful(peer: PeerState, by: 1 | -1): void {
    peer.useful += by;
    const turned = by === 1 ? peer.useful === 1 : peer.useful === 0;
    if (turned) this.#act({ type: 'interest', source: peer.id, interested: by === 1 });
  }
}

function hasAll(peer: PeerState, run: PieceRun): boolean {
  for (let p = run.first; p < run.first + run.count; p++) if (!peer.has.has(p)) return false;
  return true;
}
