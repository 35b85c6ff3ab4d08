import type { PieceMap } from '@sluice/protocol';

/** How many of a device's pieces those have heard of that are equally far away. */
export interface Told {
  readonly latencyMs: number;
  count: number;
}

/**
 * The pieces of a device in the order they came. Neighbours read on from where they were, as far as they
 * were told: so a have-message costs nothing until its receiver looks, and then a step in an array.
 */
export class HaveLog {
  readonly map: PieceMap;
  /** How many there are. */
  count = 0;
  readonly #pieces: Int32Array;
  /** By latency, ms. */
  readonly #told = new Map<number, Told>();

  constructor(has: PieceMap) {
    this.map = has.clone();
    this.#pieces = new Int32Array(has.length);
    for (let p = has.nextSet(0); p >= 0; p = has.nextSet(p + 1)) this.#pieces[this.count++] = p;
  }

  get complete(): boolean {
    return this.map.complete;
  }

  /** @returns whether it is new. */
  add(piece: number): boolean {
    if (!this.map.set(piece)) return false;
    this.#pieces[this.count++] = piece;
    return true;
  }

  /** The piece that came as number `k`. */
  piece(k: number): number {
    return this.#pieces[k]!;
  }

  /** What those have heard of that are so far away. */
  toldAfter(latencyMs: number): Told {
    let told = this.#told.get(latencyMs);
    if (!told) {
      told = { latencyMs, count: this.count };
      this.#told.set(latencyMs, told);
    }
    return told;
  }
}
