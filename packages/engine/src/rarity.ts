import type { PieceMap } from '@sluice/protocol';

/** Candidates looked at before the rarest is taken for near enough: keeps a pick O(1). */
const maxProbes = 48;

/**
 * Pieces in buckets by how many peers have them, so that the rarest is at hand without a scan.
 *
 *     bucket 1: [ 7 4 ]      positions: 7→0 4→1 …   remove = swap with the last
 *     bucket 2: [ 0 9 3 ]    a piece moves by one bucket when a peer gets or loses it
 */
export class RarityIndex {
  readonly #availability: Uint16Array;
  readonly #position: Int32Array;
  readonly #buckets: number[][] = [];

  constructor(pieceCount: number) {
    this.#availability = new Uint16Array(pieceCount);
    this.#position = new Int32Array(pieceCount).fill(-1);
  }

  /** How many connected peers have the piece. */
  availability(piece: number): number {
    return this.#availability[piece]!;
  }

  /** A peer got (+1) or lost (−1) the piece. */
  change(piece: number, by: 1 | -1): void {
    const listed = this.#position[piece]! >= 0;
    if (listed) this.remove(piece);
    this.#availability[piece]! += by;
    if (listed && this.#availability[piece]! > 0) this.add(piece);
  }

  /** Lists a piece that is wanted and that a peer has. */
  add(piece: number): void {
    if (this.#position[piece]! >= 0) return;
    const bucket = this.#bucket(this.#availability[piece]!);
    this.#position[piece] = bucket.length;
    bucket.push(piece);
  }

  remove(piece: number): void {
    const at = this.#position[piece]!;
    if (at < 0) return;
    const bucket = this.#bucket(this.#availability[piece]!);
    const last = bucket.pop()!;
    if (last !== piece) {
      bucket[at] = last;
      this.#position[last] = at;
    }
    this.#position[piece] = -1;
  }

  /**
   * A rarest listed piece that `has` contains, ties by chance; -1 if the probes found none
   * (the caller may then look with `PieceMap.firstInBoth`).
   * @param random a number in [0, 1)
   */
  pick(has: PieceMap, random: number): number {
    return this.find(random, maxProbes, (piece) => has.has(piece));
  }

  /**
   * The first of some rarest listed pieces that passes the test; -1 if none of them does.
   * @param random a number in [0, 1)
   */
  find(random: number, probes: number, passes: (piece: number) => boolean): number {
    let left = probes;
    for (const bucket of this.#buckets) {
      const start = Math.floor(random * bucket.length);
      for (let k = 0; k < bucket.length && left > 0; k++, left--) {
        const piece = bucket[(start + k) % bucket.length]!;
        if (passes(piece)) return piece;
      }
    }
    return -1;
  }

  #bucket(availability: number): number[] {
    while (this.#buckets.length <= availability) this.#buckets.push([]);
    return this.#buckets[availability]!;
  }
}
