import type { SourceId } from './events.ts';
import type { Haste } from './haste.ts';
import type { Responsibility } from './responsibility.ts';
import { isReady, type OriginState, type PeerState } from './source-state.ts';

/** What peers together bring. */
export interface PeerFlow {
  /** Bytes/s while any of them was asked; 0 if unmeasured. */
  rate: number;
  /** The same as it looks in the first moments. */
  firstRate: number;
  /** Pieces asked of them. */
  pending: number;
  /** Since they were first asked for anything, ms. */
  askedMs: number;
}

/** What peers are given before they are judged. */
export interface Patience {
  /** How long a choke is taken for a queue, not a refusal, ms. */
  chokePatience: number;
  /** A peer that owes us pieces and sends nothing for so long does not count as bringing them, ms. */
  silencePatience: number;
  /** A peer's rate is not judged before it was busy for so long, s. */
  judgeAfter: number;
}

export interface RoundOptions {
  now: number;
  pieceSize: number;
  origins: readonly OriginState[];
  peers: readonly PeerState[];
  flow: PeerFlow;
  haste: Haste;
  /** Somebody waits for the download. */
  foreground: boolean;
  /** When all that is still wanted should be here at the rate of now, ms; 0 when nothing is. */
  restMs: number;
  patience: Patience;
  responsibility: Responsibility;
}

/** What one decision is made from; computed once, then asked for many pieces. */
export class Round {
  readonly now: number;
  /** Bytes. */
  readonly pieceSize: number;
  readonly origins: readonly OriginState[];
  readonly peers: readonly PeerState[];
  readonly flow: PeerFlow;
  readonly haste: Haste;
  readonly foreground: boolean;
  readonly restMs: number;
  readonly #options: RoundOptions;
  #byId: Map<SourceId, PeerState> | undefined;
  #arrivals: number[] | undefined;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.now = options.now;
    this.pieceSize = options.pieceSize;
    this.origins = options.origins;
    this.peers = options.peers;
    this.flow = options.flow;
    this.haste = options.haste;
    this.foreground = options.foreground;
    this.restMs = options.restMs;
  }

  /** Whether this device comes first for the piece among those who lack it. */
  leads(piece: number): boolean {
    return this.#options.responsibility.selfLeads(piece, (owner) => !this.has(owner, piece));
  }

  /** Whether the peer has the piece; false when there is no such peer. */
  has(peer: SourceId, piece: number): boolean {
    this.#byId ??= new Map(this.peers.map((p) => [p.id, p]));
    return this.#byId.get(peer)?.has.has(piece) === true;
  }

  /**
   * Those of the site who fetch from outside now share its line: what part of such a share each would have if all did
   * who lack something.
   */
  shareOfLine(selfFetches: boolean): number {
    let fetching = Number(selfFetches);
    let lacking = 1;
    for (const p of this.peers) {
      if (!p.sameSite || p.has.complete) continue;
      lacking++;
      if (p.claims.length > 0) fetching++;
    }
    return Math.max(1, fetching) / lacking;
  }

  /** When one more piece from this peer should be here, ms; 0 while nothing is known against it. */
  arrivalMs(p: PeerState): number {
    const { now, pieceSize } = this;
    const { chokePatience, silencePatience, judgeAfter } = this.#options.patience;
    // Who failed us counts again when it has delivered.
    if (!isReady(p, now) || p.faults > 0) return Number.POSITIVE_INFINITY;
    if (p.choked && now - p.chokeAt > chokePatience) return Number.POSITIVE_INFINITY;
    if (p.pending > 0 && now - p.heardAt > silencePatience) return Number.POSITIVE_INFINITY;
    const rate = p.goodput.known(now, judgeAfter);
    return rate > 0 ? (1000 * (p.pending + 1) * pieceSize) / rate : 0;
  }

  /** When the slowest peer would bring a piece, ms: no piece that a peer has can come later. */
  get latest(): number {
    this.#arrivals ??= this.peers.map((p) => this.arrivalMs(p));
    let latest = 0;
    for (const ms of this.#arrivals) latest = Math.max(latest, ms);
    return latest;
  }

  /** When the best holder would bring the piece if asked at the start of the round, ms. */
  soonest(piece: number): number {
    return this.#soonestOf(piece, false);
  }

  /** The same of devices of the site. */
  soonestOnSite(piece: number): number {
    return this.#soonestOf(piece, true);
  }

  #soonestOf(piece: number, ofSite: boolean): number {
    this.#arrivals ??= this.peers.map((p) => this.arrivalMs(p));
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.peers.length; i++) {
      const peer = this.peers[i]!;
      if (ofSite && !peer.sameSite) continue;
      if (this.#arrivals[i]! < best && peer.has.has(piece)) best = this.#arrivals[i]!;
    }
    return best;
  }
}
