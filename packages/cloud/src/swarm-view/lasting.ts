import { sampleLimits } from './join-samples.ts';

/** So often those that are kept are looked through for some that are gone, ms: a flood must not cost a look each time. */
const lookMs = 1_000;

/**
 * So many at the most, who stay until they were not heard of for `sampleLimits.ageMs`: a view of some of very many that
 * changed with each join would show nothing for long.
 */
export class Lasting<V> {
  readonly #all = new Map<string, V>();
  readonly #most: number;
  readonly #heardAt: (one: V) => number;
  #fullUntil = Number.NEGATIVE_INFINITY;

  /** @param heardAt ms since 1970 */
  constructor(most: number, heardAt: (one: V) => number) {
    this.#most = most;
    this.#heardAt = heardAt;
  }

  get size(): number {
    return this.#all.size;
  }

  get(key: string): V | undefined {
    return this.#all.get(key);
  }

  values(): V[] {
    return [...this.#all.values()];
  }

  /** @returns whether it has come in */
  add(key: string, one: V, now: number): boolean {
    if (!this.#hasRoom(now)) return false;
    this.#all.set(key, one);
    return true;
  }

  /** It comes in: whoever was heard of longest ago makes room. */
  insist(key: string, one: V): void {
    if (this.#all.size >= this.#most) {
      const oldest = [...this.#all].reduce((a, b) =>
        this.#heardAt(b[1]) < this.#heardAt(a[1]) ? b : a,
      );
      this.#all.delete(oldest[0]);
    }
    this.#all.set(key, one);
  }

  delete(key: string): void {
    if (this.#all.delete(key)) this.#fullUntil = Number.NEGATIVE_INFINITY;
  }

  #hasRoom(now: number): boolean {
    if (this.#all.size < this.#most) return true;
    if (now < this.#fullUntil) return false;
    for (const [key, one] of this.#all) {
      if (now - this.#heardAt(one) > sampleLimits.ageMs) this.#all.delete(key);
    }
    this.#fullUntil = now + lookMs;
    return this.#all.size < this.#most;
  }
}
