import { TextMap } from '../registry/text-map.ts';
import { sampleLimits } from './join-samples.ts';

/** So often those that are kept are looked through for some that are gone, ms: a flood must not cost a look each time. */
const lookMs = 1_000;

/**
 * So many at the most, who stay until they were not heard of for `sampleLimits.ageMs`: a view of some of very many that
 * changed with each join would show nothing for long.
 */
export class Lasting<V extends object> {
  readonly #all: TextMap<V>;
  readonly #keyOf: (one: V) => string;
  readonly #most: number;
  readonly #heardAt: (one: V) => number;
  #fullUntil = Number.NEGATIVE_INFINITY;

  /** @param heardAt ms since 1970 */
  constructor(most: number, keyOf: (one: V) => string, heardAt: (one: V) => number) {
    this.#all = new TextMap(keyOf);
    this.#keyOf = keyOf;
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
  add(one: V, now: number): boolean {
    if (!this.#hasRoom(now)) return false;
    this.#all.set(one);
    return true;
  }

  /** It comes in: whoever was heard of longest ago makes room. */
  insist(one: V): void {
    if (this.#all.size >= this.#most) {
      const oldest = this.values().reduce((a, b) => (this.#heardAt(b) < this.#heardAt(a) ? b : a));
      this.#all.delete(this.#keyOf(oldest));
    }
    this.#all.set(one);
  }

  delete(key: string): void {
    if (this.#all.delete(key)) this.#fullUntil = Number.NEGATIVE_INFINITY;
  }

  #hasRoom(now: number): boolean {
    if (this.#all.size < this.#most) return true;
    if (now < this.#fullUntil) return false;
    for (const one of this.values()) {
      if (now - this.#heardAt(one) > sampleLimits.ageMs) this.#all.delete(this.#keyOf(one));
    }
    this.#fullUntil = now + lookMs;
    return this.#all.size < this.#most;
  }
}
