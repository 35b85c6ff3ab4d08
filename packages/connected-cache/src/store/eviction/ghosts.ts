/** More are never remembered: 12 bytes and a slot of a set for each. */
const most = 2 ** 17;

/**
 * The keys of what went lately, the oldest forgotten first. Two things with one key are taken for one
 * another, which costs a wrong place in a queue and no more.
 */
export class Ghosts {
  readonly #ring: number[] = [];
  readonly #keys = new Set<number>();
  #first = 0;

  /** @param limit how many are remembered from now on */
  add(key: number, limit: number): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    this.#ring.push(key);
    while (this.#ring.length - this.#first > Math.min(limit, most)) {
      this.#keys.delete(this.#ring[this.#first++]!);
    }
    if (this.#first > 1000 && this.#first > this.#ring.length / 2) {
      this.#ring.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** Whether it went lately; it is forgotten then. */
  take(key: number): boolean {
    return this.#keys.delete(key);
  }
}
