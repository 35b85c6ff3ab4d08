import type { PieceRun } from '@sluice/protocol';
import type { FetchId, Reason, SourceId } from './events.ts';
import { removeAt } from './lists.ts';
import type { Pending } from './pending.ts';

/** One request under way. */
export interface Flight {
  id: FetchId;
  source: SourceId;
  run: PieceRun;
  fromPeer: boolean;
  /** From a peer of this site. */
  fromSite: boolean;
  reason: Reason;
  /** Its pieces that have not come and were not lost. */
  pending: Pending;
  /** How many it had at first. */
  pieces: number;
  startedAt: number;
  cancelled: boolean;
}

const none: readonly Flight[] = [];

/**
 * Who is fetching what: by fetch, and by piece (one flight, two when hedged). A stream of the whole
 * content is told apart: it brings each piece some time, and the piece stays wanted until then.
 */
export class Flights {
  /** In the order they were begun, which is that of their ids: the next is always a larger one. */
  readonly #all: Flight[] = [];
  readonly #ids: FetchId[] = [];
  /** The flight that brings a piece; 0 when there is none. */
  readonly #first: Int32Array;
  /** Those that bring it, too. */
  readonly #others = new Map<number, Flight[]>();
  readonly #streams = new Set<Flight>();
  #peerPending = 0;
  #sitePending = 0;

  constructor(pieceCount: number) {
    this.#first = new Int32Array(pieceCount);
  }

  get(id: FetchId): Flight | undefined {
    const at = this.#placeOf(id);
    return this.#ids[at] === id ? this.#all[at] : undefined;
  }

  /** Pieces that peers were asked for and have not brought. */
  get peerPending(): number {
    return this.#peerPending;
  }

  /** Of them, pieces that devices elsewhere were asked for. */
  get farPending(): number {
    return this.#peerPending - this.#sitePending;
  }

  /** Pieces that devices of the site were asked for after `since` and have not brought; not counted below `enough`. */
  askedOfSite(since: number, enough: number): number {
    if (this.#sitePending < enough) return this.#sitePending;
    let n = 0;
    for (const f of this.#all) if (f.fromSite && f.startedAt > since) n += f.pending.size;
    return n;
  }

  /** When the first that devices of the site were asked for after `since` was begun; undefined when there is none. */
  firstOfSite(since: number): number | undefined {
    for (const f of this.#all) if (f.fromSite && f.startedAt > since) return f.startedAt;
    return undefined;
  }

  /** In the order they were begun. */
  all(): readonly Flight[] {
    return this.#all;
  }

  ofSource(source: SourceId): Flight[] {
    return this.#all.filter((f) => f.source === source);
  }

  of(piece: number): readonly Flight[] {
    const first = this.get(this.#first[piece]!);
    if (!first) return none;
    const others = this.#others.get(piece);
    return others ? [first, ...others] : [first];
  }

  /** All that bring the piece, and all streams of everything; a copy. */
  allOf(piece: number): readonly Flight[] {
    if (this.#first[piece] === 0 && this.#streams.size === 0) return none;
    return [...this.of(piece), ...this.#streams];
  }

  add(flight: Flight): void {
    this.#all.push(flight);
    this.#ids.push(flight.id);
    if (flight.fromPeer) this.#peerPending += flight.pending.size;
    if (flight.fromSite) this.#sitePending += flight.pending.size;
    if (flight.reason === 'stream') {
      this.#streams.add(flight);
      return;
    }
    for (const piece of flight.pending.list()) this.#bring(piece, flight);
  }

  /** The flight no longer brings the piece. @returns whether it must be wanted again. */
  drop(flight: Flight, piece: number): boolean {
    if (!flight.pending.delete(piece)) return false;
    if (flight.fromPeer) this.#peerPending--;
    if (flight.fromSite) this.#sitePending--;
    if (flight.reason === 'stream') return false;
    if (this.#first[piece] === flight.id) this.#first[piece] = 0;
    const others = this.#others.size === 0 ? undefined : this.#others.get(piece);
    if (!others) return true;
    this.#others.delete(piece);
    for (const f of others) if (f !== flight) this.#bring(piece, f);
    return false;
  }

  /** Forgets an ended flight. @returns the pieces that must be wanted again. */
  end(flight: Flight): number[] {
    const { pending } = flight;
    const orphans = pending.size === 0 ? [] : pending.list().filter((p) => this.drop(flight, p));
    const at = this.#placeOf(flight.id);
    if (this.#ids[at] === flight.id) {
      removeAt(this.#all, at);
      removeAt(this.#ids, at);
    }
    if (flight.reason === 'stream') this.#streams.delete(flight);
    return orphans;
  }

  #bring(piece: number, flight: Flight): void {
    if (this.#first[piece] === 0) this.#first[piece] = flight.id;
    else this.#others.set(piece, [...(this.#others.get(piece) ?? none), flight]);
  }

  /** Where the fetch is, or would be. */
  #placeOf(id: FetchId): number {
    let low = 0;
    for (let high = this.#ids.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.#ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
