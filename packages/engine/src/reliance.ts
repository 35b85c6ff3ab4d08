/** Without a measure of how often something new comes to the site: so long it is waited for, ms. */
const firstPatienceMs = 15_000;
const minPatienceMs = 3_000;
const maxPatienceMs = 30_000;
/** Silence is judged by so many times the usual time between two new pieces. */
const factor = 5;
/** Weight of the latest of these times. */
const weight = 0.1;

/**
 * Whether this device leaves it to others of its site, most of whom it does not know, to fetch what
 * nobody has: a large site, whose array named enough who do. It does so as long as there are peers of
 * the site, and what they have grows.
 */
export class Reliance {
  #fetches = true;
  #neighbours = 0;
  #gapMs = 0;
  #newsAt = 0;
  #isLapsed = false;

  get relies(): boolean {
    return !this.#fetches && this.#neighbours > 0 && !this.#isLapsed;
  }

  setFetches(fetches: boolean, now: number): void {
    this.#fetches = fetches;
    this.#newsAt = now;
    this.#isLapsed = false;
  }

  /** A peer of the site came (+1) or went (−1). */
  countNeighbour(by: 1 | -1, now: number): void {
    if (this.#neighbours === 0) this.#newsAt = now;
    this.#neighbours += by;
  }

  /** A piece is on the site that was not, as far as is known here. */
  news(now: number): void {
    const gap = now - this.#newsAt;
    this.#gapMs = this.#gapMs === 0 ? gap : this.#gapMs + weight * (gap - this.#gapMs);
    this.#newsAt = now;
    this.#isLapsed = false;
  }

  /** To be called every now and then. @returns whether others are given up, just now */
  expire(now: number): boolean {
    if (!this.relies) return false;
    const patience = Math.min(maxPatienceMs, Math.max(minPatienceMs, factor * this.#gapMs));
    this.#isLapsed = now - this.#newsAt > (this.#gapMs > 0 ? patience : firstPatienceMs);
    return this.#isLapsed;
  }
}
