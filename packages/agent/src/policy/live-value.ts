import type { Live } from './live.ts';

/** A value that is set from outside. */
export class LiveValue<T> implements Live<T> {
  #current: T;
  readonly #watchers = new Set<() => void>();

  constructor(value: T) {
    this.#current = value;
  }

  get current(): T {
    return this.#current;
  }

  /** The same as before is no change. */
  set(value: T): void {
    if (value === this.#current) return;
    this.#current = value;
    for (const fn of this.#watchers) fn();
  }

  watch(fn: () => void): () => void {
    this.#watchers.add(fn);
    return () => this.#watchers.delete(fn);
  }
}
