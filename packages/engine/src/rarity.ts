/** Candidates looked at before the rarest is taken for near enough: keeps a pick O(1). */
const maxProbes = 48;

/**
 * Pieces in order of how many peers have them, so that the rarest is at hand without a scan.
 *
 *     order:   [ 7 4 | 0 9 3 | 5 ]    those of one, two, three peers …
 *     starts:    ^     ^       ^
 *
 * One peer more: the piece changes places with the last of its part, whose end then moves before it. Listing a
 * piece and taking it off is the same, once for each part behind it.
 */
export class RarityIndex {
  readonly #availability: Uint16Array;
  readonly #position: Int32Array;
  readonly #order: Int32Array;
  /** Where the part of each availability begins; the last is the end of all. */
  #starts = new Int32Array(8);
  /** The highest availability of any listed piece, so far. */
  #highest = 0;

  constructor(pieceCount: number) {
    this.#availability = new Uint16Array(pieceCount);
    this.#position = new Int32Array(pieceCount).fill(-1);
    this.#order = new Int32Array(pieceCount);
  }

  /** How many connected peers have the piece. */
  availability(piece: number): number {
    return this.#availability[piece]!;
  }

  /** A peer got (+1) or lost (−1) the piece. */
  change(piece: number, by: 1 | -1): void {
    const before = this.#availability[piece]!;
    const after = before + by;
    if (this.#position[piece]! < 0) {
      this.#availability[piece] = after;
      return;
    }
    if (after === 0) {
      this.remove(piece);
      this.#availability[piece] = 0;
      return;
    }
    this.#reach(after);
    if (by === 1) this.#up(piece, before);
    else this.#down(piece, before);
    this.#availability[piece] = after;
  }

  /** Lists a piece that is wanted and that a peer has. */
  add(piece: number): void {
    if (this.#position[piece]! >= 0) return;
    const availability = this.#availability[piece]!;
    this.#reach(availability);
    const end = this.#starts[this.#highest + 1]!++;
    this.#put(piece, end);
    for (let a = this.#highest; a > availability; a--) this.#down(piece, a);
  }

  remove(piece: number): void {
    if (this.#position[piece]! < 0) return;
    for (let a = this.#availability[piece]!; a < this.#highest; a++) this.#up(piece, a);
    const end = --this.#starts[this.#highest + 1]!;
    this.#put(this.#order[end]!, this.#position[piece]!);
    this.#position[piece] = -1;
  }

  /**
   * A rarest listed piece that `has` contains, ties by chance; -1 if the probes found none
   * (the caller may then search them all).
   * @param random a number in [0, 1)
   */
  pick(has: { has(piece: number): boolean }, random: number): number {
    return this.find(random, maxProbes, (piece) => has.has(piece));
  }

  /**
   * The first of some rarest listed pieces that passes the test; -1 if none of them does.
   * @param random a number in [0, 1)
   */
  find(random: number, probes: number, passes: (piece: number) => boolean): number {
    let left = probes;
    for (let a = 0; a <= this.#highest && left > 0; a++) {
      const first = this.#starts[a]!;
      const length = this.#starts[a + 1]! - first;
      const skip = Math.floor(random * length);
      for (let k = 0; k < length && left > 0; k++, left--) {
        const piece = this.#order[first + ((skip + k) % length)]!;
        if (passes(piece)) return piece;
      }
    }
    return -1;
  }

  /** To the next part: it becomes its first. */
  #up(piece: number, from: number): void {
    this.#swap(piece, --this.#starts[from + 1]!);
  }

  /** To the part before: it becomes its last. */
  #down(piece: number, from: number): void {
    this.#swap(piece, this.#starts[from]!++);
  }

  #swap(piece: number, to: number): void {
    const at = this.#position[piece]!;
    const other = this.#order[to]!;
    this.#put(other, at);
    this.#put(piece, to);
  }

  #put(piece: number, at: number): void {
    this.#order[at] = piece;
    this.#position[piece] = at;
  }

  /** There are parts up to this availability. */
  #reach(availability: number): void {
    if (availability <= this.#highest) return;
    if (availability + 2 > this.#starts.length) {
      const longer = new Int32Array(2 * (availability + 2));
      longer.set(this.#starts);
      this.#starts = longer;
    }
    const end = this.#starts[this.#highest + 1]!;
    for (let a = this.#highest + 2; a <= availability + 1; a++) this.#starts[a] = end;
    this.#highest = availability;
  }
}
