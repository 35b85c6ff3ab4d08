import type { PieceMap } from '@sluice/protocol';

/**
 * The pieces of a device in the order they came, and when. Neighbours read on from where they were:
 * so a have-message costs nothing until its receiver looks, and then a step in an array.
 */
export class HaveLog {
  readonly map: PieceMap;
  /** How many there are. */
  count = 0;
  readonly #pieces: Int32Array;
  readonly #at: Float64Array;

  constructor(has: PieceMap) {
    this.map = has.clone();
    this.#pieces = new Int32Array(has.length);
    this.#at = new Float64Array(has.length);
    for (let p = has.nextSet(0); p >= 0; p = has.nextSet(p + 1)) this.#pieces[this.count++] = p;
  }

  get complete(): boolean {
    return this.map.complete;
  }

  /** @returns whether it is new. */
  add(piece: number, now: number): boolean {
    if (!this.map.set(piece)) return false;
    this.#pieces[this.count] = piece;
    this.#at[this.count++] = now;
    return true;
  }

  /** The piece that came as number `k`. */
  piece(k: number): number {
    return this.#pieces[k]!;
  }

  /** Whether there is a piece number `k` that came until `at`. */
  isTold(k: number, at: number): boolean {
    return k < this.count && this.#at[k]! <= at;
  }
}
