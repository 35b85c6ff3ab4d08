import { PieceMap } from '@sluice/protocol';
import type { Flow, Pipe } from './flow-network.test-kit.ts';
import type { Wires } from './link.test-kit.ts';

/** One request to an origin, seen by who made it. */
export interface Getter {
  down: Pipe;
  received(bytes: number): void;
  piece(piece: number): void;
  ended(ok: boolean): void;
}

export interface OriginOptions {
  /** What all its requests share: the thin link. */
  pipe: Pipe;
  /** Request to first byte, ms. */
  latencyMs: number;
  /** Bytes/s of one connection at most. */
  perConnection?: number;
  sequential?: boolean;
}

/** After the first byte, ms. */
const firstBytesMs = 20;

/** Where the bytes of a piece come from, and what is to be done when they have come. */
interface Supply {
  pipes: Pipe[];
  moved(bytes: number): void;
  /** @param complete false when the request ended before */
  over(complete: boolean): void;
}

/**
 * An HTTP source, or with `upstream` a cache node: what it lacks it fetches from there and passes
 * on as it comes; who asks for the same meanwhile waits, so that it is fetched once.
 */
export class Origin {
  readonly options: OriginOptions;
  /** Bytes that left it. */
  served = 0;
  /** How many requests it got. */
  requests = 0;
  #down = false;
  readonly #wires: Wires;
  readonly #upstream: Origin | undefined;
  readonly #cached = new PieceMap(1 << 16);
  readonly #waiting = new Map<number, { ask(): void; hear(): void }[]>();
  readonly #transfers = new Set<{ fail(): void }>();

  constructor(wires: Wires, options: OriginOptions, upstream?: Origin) {
    this.#wires = wires;
    this.options = options;
    this.#upstream = upstream;
  }

  /** Every request fails from now on. */
  fail(): void {
    this.#down = true;
    for (const t of this.#transfers) t.fail();
  }

  /** Streams the pieces in order. @returns a function that aborts. */
  get(pieces: number[], getter: Getter): () => void {
    this.requests++;
    let flow: Flow | undefined;
    let supply: Supply | undefined;
    let over = false;
    const end = (ok: boolean) => {
      if (over) return;
      over = true;
      if (flow) this.#wires.network.stop(flow);
      supply?.over(false);
      this.#transfers.delete(transfer);
      getter.ended(ok);
    };
    const transfer = { fail: () => end(false) };
    this.#transfers.add(transfer);
    const next = (k: number): void => {
      if (over) return;
      const piece = pieces[k];
      if (piece === undefined) {
        end(true);
        return;
      }
      // It streams to those who wait as bytes come: they hear of it.
      const hear = () => getter.received(0);
      this.#supply(piece, getter.down, hear, (s) => {
        if (over) {
          s.over(false);
          return;
        }
        supply = s;
        const moved = (bytes: number) => {
          s.moved(bytes);
          getter.received(bytes);
        };
        flow = this.#wires.network.start(s.pipes, this.#wires.pieceSize, moved, () => {
          flow = undefined;
          supply = undefined;
          s.over(true);
          getter.piece(piece);
          next(k + 1);
        });
        // Bytes are told when time moves on: the first ones soon, whatever else happens.
        this.#wires.timeline.setTimer(firstBytesMs, () => {});
      });
    };
    this.#wires.timeline.setTimer(this.options.latencyMs, () =>
      this.#down ? end(false) : next(0),
    );
    return () => end(true);
  }

  #supply(piece: number, down: Pipe, hear: () => void, use: (supply: Supply) => void): void {
    const own = this.#pipes(down);
    const moved = (bytes: number) => {
      this.served += bytes;
    };
    if (!this.#upstream || this.#cached.has(piece)) {
      use({ pipes: own, moved, over: () => {} });
      return;
    }
    const waiting = this.#waiting.get(piece);
    if (waiting) {
      waiting.push({ ask: () => this.#supply(piece, down, hear, use), hear });
      return;
    }
    this.#waiting.set(piece, []);
    const upstream = this.#upstream;
    use({
      pipes: [...upstream.#pipes(down), this.options.pipe],
      moved: (bytes) => {
        upstream.served += bytes;
        moved(bytes);
        for (const other of this.#waiting.get(piece) ?? []) other.hear();
      },
      over: (complete) => {
        if (complete) this.#cached.set(piece);
        const askers = this.#waiting.get(piece) ?? [];
        this.#waiting.delete(piece);
        for (const { ask } of askers) ask();
      },
    });
  }

  #pipes(down: Pipe): Pipe[] {
    const { pipe, perConnection } = this.options;
    return perConnection ? [pipe, down, { capacity: perConnection }] : [pipe, down];
  }
}
