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
  /** How many it had at first. */
  pieces: number;
  startedAt: number;
  cancelled: boolean;
}

/** Who is fetching what: by fetch, and by piece (one flight, two when hedged). */
export class Flights {
  readonly #byId = new Map<FetchId, Flight>();
  readonly #byPiece = new Map<number, Flight[]>();

  get(id: FetchId): Flight | undefined {
    return this.#byId.get(id);
  }

  /** In the order they were begun. */
  all(): IterableIterator<Flight> {
    return this.#byId.values();
  }

  ofSource(source: SourceId): Flight[] {
    return [...this.#byId.values()].filter((f) => f.source === source);
  }

  of(piece: number): readonly Flight[] {
    return this.#byPiece.get(piece) ?? [];
  }

  add(flight: Flight): void {
    this.#byId.set(flight.id, flight);
    for (const piece of flight.pending) {
      const list = this.#byPiece.get(piece);
      if (list) list.push(flight);
      else this.#byPiece.set(piece, [flight]);
    }
  }

  /** The flight no longer brings the piece. @returns whether no other does either. */
  drop(flight: Flight, piece: number): boolean {
    if (!flight.pending.delete(piece)) return false;
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
