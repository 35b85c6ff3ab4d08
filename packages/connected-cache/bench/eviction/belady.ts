/** One use of a piece. */
export interface PieceUses {
  /** Which piece, by use. */
  pieces: Int32Array;
  /** Bytes of each piece, by piece. */
  weights: Float64Array;
}

/**
 * Bytes that the best policy that knows the future would have served from the cache. Belady's rule
 * (what is used last goes first, also what has just come) is exact for things of one size; here a
 * piece may go in part, as if it were made of equal small blocks, so it is exact for bytes, and an
 * upper bound for a cache that keeps or drops whole pieces.
 */
export function beladyHitBytes({ pieces, weights }: PieceUses, capacity: number): number {
  const next = nextUses(pieces, weights.length);
  const kept = new Float64Array(weights.length);
  const due = new Int32Array(weights.length).fill(-1);
  const heap = new FarthestFirst(pieces.length);
  let used = 0;
  let hit = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    hit += kept[piece]!;
    used += weights[piece]! - kept[piece]!;
    kept[piece] = weights[piece]!;
    due[piece] = next[i]!;
    heap.push(next[i]!, piece);
    while (used > capacity) {
      const farthest = heap.top;
      const stale = due[farthest] !== heap.topKey || kept[farthest] === 0;
      if (!stale) {
        const part = Math.min(kept[farthest]!, used - capacity);
        kept[farthest]! -= part;
        used -= part;
        if (kept[farthest]! > 0) break;
      }
      heap.pop();
    }
  }
  return hit;
}

const never = 2 ** 31 - 1;

function nextUses(pieces: Int32Array, count: number): Int32Array {
  const next = new Int32Array(pieces.length);
  const seen = new Int32Array(count).fill(never);
  for (let i = pieces.length - 1; i >= 0; i--) {
    next[i] = seen[pieces[i]!]!;
    seen[pieces[i]!] = i;
  }
  return next;
}

/** A heap of pieces, the one with the largest key on top. */
class FarthestFirst {
  readonly #keys: Int32Array;
  readonly #values: Int32Array;
  #length = 0;

  constructor(most: number) {
    this.#keys = new Int32Array(most);
    this.#values = new Int32Array(most);
  }

  get top(): number {
    return this.#values[0]!;
  }

  get topKey(): number {
    return this.#keys[0]!;
  }

  push(key: number, value: number): void {
    let i = this.#length++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#keys[parent]! >= key) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#keys[i] = key;
    this.#values[i] = value;
  }

  pop(): void {
    const last = --this.#length;
    const key = this.#keys[last]!;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#keys[child + 1]! > this.#keys[child]!) child++;
      if (this.#keys[child]! <= key) break;
      this.#move(child, i);
      i = child;
    }
    this.#move(last, i);
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from]!;
    this.#values[to] = this.#values[from]!;
  }
}
