/** One holder per key at a time, the others wait in order. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Whether work with this key runs or waits. */
  isHeld(key: string): boolean {
    return this.#tails.has(key);
  }

  /** Runs `work` when no other work with this key runs. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(key, promise);
    try {
      await before;
      return await work();
    } finally {
      resolve();
      if (this.#tails.get(key) === promise) this.#tails.delete(key);
    }
  }
}
