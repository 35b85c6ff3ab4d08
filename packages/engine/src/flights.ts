import type { PieceRun } from '@sluice/protocol';
import type { FetchId, Reason, SourceId } from './events.ts';

/** One request under way. */
export interface Flight {
  id: FetchId;
  source: SourceId;
  run: PieceRun;
  reason: Reason;
  /** Its pieces that have not come and were not lost. */
  pending: Set<number>;
  startedAt: number;
  cancelled: boolean;
}

/** Who is fetching what: by fetch, and by piece (one flight, two when hedged). */
export class Flights {
  readonly #byId = new Map<FetchId, Flight>();
  readonly #byPiece = new Map<number, Flight[]>();
  #pending = 0;

  get(id: FetchId): Flight | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Flight> {
    return this.#byId.values();
  }

  /** Pieces in flight, counting a hedged piece twice: the buffers they may need. */
  get pending(): number {
    return this.#pending;
  }

  of(piece: number): readonly Flight[] {
    return this.#byPiece.get(piece) ?? [];
  }

  /** Pieces in flight, each once. */
  pieces(): IterableIterator<number> {
    return this.#byPiece.keys();
  }

  add(flight: Flight): void {
    this.#byId.set(flight.id, flight);
    for (const piece of flight.pending) {
      const list = this.#byPiece.get(piece);
      if (list) list.push(flight);
      else this.#byPiece.set(piece, [flight]);
    }
    this.#pending += flight.pending.size;
  }

  /** The flight no longer brings the piece. @returns whether no other does either. */
  drop(flight: Flight, piece: number): boolean {
    if (!flight.pending.delete(piece)) return false;
    this.#pending--;
    const left = this.of(piece).filter((f) => f !== flight);
    if (left.length > 0) this.#byPiece.set(piece, left);
    else this.#byPiece.delete(piece);
    return left.length === 0;
  }

  /** Forgets an ended flight. @returns the pieces that nobody brings now. */
  end(flight: Flight): number[] {
    const orphans = [...flight.pending].filter((piece) => this.drop(flight, piece));
    this.#byId.delete(flight.id);
    return orphans;
  }
}
