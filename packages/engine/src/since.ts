import { removeAt } from './lists.ts';

/** Few things in the order they were added, each with a time: what a Map does, without a hash and without garbage. */
export class Since {
  readonly #keys: number[] = [];
  readonly #times: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  has(key: number): boolean {
    return this.#keys.includes(key);
  }

  /** Undefined when it is not there. */
  get(key: number): number | undefined {
    const at = this.#keys.indexOf(key);
    return at < 0 ? undefined : this.#times[at];
  }

  /** What is there keeps its place. */
  set(key: number, time: number): void {
    const at = this.#keys.indexOf(key);
    if (at >= 0) this.#times[at] = time;
    else {
      this.#keys.push(key);
      this.#times.push(time);
    }
  }

  /** @returns whether it was there. */
  delete(key: number): boolean {
    const at = this.#keys.indexOf(key);
    if (at < 0) return false;
    removeAt(this.#keys, at);
    removeAt(this.#times, at);
    return true;
  }

  keyAt(place: number): number {
    return this.#keys[place]!;
  }

  timeAt(place: number): number {
    return this.#times[place]!;
  }
}
