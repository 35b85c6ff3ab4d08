import type { PieceRun } from '@sluice/protocol';
import type { FetchId, Reason, SourceId } from './events.ts';
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
  readonly #byId = new Map<FetchId, Flight>();
  readonly #byPiece = new Map<number, Flight[]>();
  readonly #streams = new Set<Flight>();
  #peerPending = 0;
  #sitePending = 0;

  get(id: FetchId): Flight | undefined {
    return this.#byId.get(id);
  }

  /** Pieces that peers were asked for and have not brought. */
  get peerPending(): number {
    return this.#peerPending;
  }

  /** Pieces that devices of the site were asked for after `since` and have not brought; not counted below `enough`. */
  askedOfSite(since: number, enough: number): number {
    if (this.#sitePending < enough) return this.#sitePending;
    let n = 0;
    for (const f of this.#byId.values()) if (f.fromSite && f.startedAt > since) n += f.pending.size;
    return n;
  }

  /** When the first that devices of the site were asked for after `since` was begun; undefined when there is none. */
  firstOfSite(since: number): number | undefined {
    for (const f of this.#byId.values()) if (f.fromSite && f.startedAt > since) return f.startedAt;
    return undefined;
  }

  /** In the order they were begun. */
  all(): IterableIterator<Flight> {
    return this.#byId.values();
  }

  ofSource(source: SourceId): Flight[] {
    const flights: Flight[] = [];
    for (const f of this.#byId.values()) if (f.source === source) flights.push(f);
    return flights;
  }

  of(piece: number): readonly Flight[] {
    return this.#byPiece.get(piece) ?? none;
  }

  /** All that bring the piece, and all streams of everything; a copy. */
  allOf(piece: number): readonly Flight[] {
    const flights = this.of(piece);
    return flights.length + this.#streams.size === 0 ? none : [...flights, ...this.#streams];
  }

  add(flight: Flight): void {
    this.#byId.set(flight.id, flight);
    if (flight.fromPeer) this.#peerPending += flight.pending.size;
    if (flight.fromSite) this.#sitePending += flight.pending.size;
    if (flight.reason === 'stream') {
      this.#streams.add(flight);
      return;
    }
    for (const piece of flight.pending.list()) {
      const list = this.#byPiece.get(piece);
      if (list) list.push(flight);
      else this.#byPiece.set(piece, [flight]);
    }
  }

  /** The flight no longer brings the piece. @returns whether it must be wanted again. */
  drop(flight: Flight, piece: number): boolean {
    if (!flight.pending.delete(piece)) return false;
    if (flight.fromPeer) this.#peerPending--;
    if (flight.fromSite) this.#sitePending--;
    if (flight.reason === 'stream') return false;
    const both = this.#byPiece.get(piece)!;
    if (both.length === 1) {
      this.#byPiece.delete(piece);
      return true;
    }
    both.splice(both.indexOf(flight), 1);
    return false;
  }

  /** Forgets an ended flight. @returns the pieces that must be wanted again. */
  end(flight: Flight): number[] {
    const orphans = flight.pending.list().filter((piece) => this.drop(flight, piece));
    this.#byId.delete(flight.id);
    if (flight.reason === 'stream') this.#streams.delete(flight);
    return orphans;
  }
}
