import type { PeerFetch } from './peer-fetch.ts';

export interface OverflowOptions {
  /** Gives bytes to the fetch. @returns how many it took. */
  place: (fetch: PeerFetch, bytes: Uint8Array) => number;
  /** The sink of the fetch will never have room. */
  refused: (fetch: PeerFetch, error: unknown) => void;
  /** All has found its place: the socket may be read on. */
  emptied: () => void;
}

/**
 * Content that was read when its sink had no room: at most one chunk of the socket, which is not read
 * on before this is empty.
 */
export class Overflow {
  readonly #options: OverflowOptions;
  #waiting: { fetch: PeerFetch; bytes: Uint8Array }[] = [];
  #draining = false;
  #wake: () => void = () => {};

  constructor(options: OverflowOptions) {
    this.#options = options;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Keeps a copy of `bytes` until the fetch has room for them. */
  add(fetch: PeerFetch, bytes: Uint8Array): void {
    this.#waiting.push({ fetch, bytes: new Uint8Array(bytes) });
    if (this.#draining) return;
    this.#draining = true;
    this.#drain();
  }

  /** A fetch that bytes wait for may be over. */
  wake(): void {
    this.#wake();
  }

  clear(): void {
    this.#waiting = [];
    this.wake();
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    // Not at once: the socket pauses when the chunk was taken, and must not be resumed before.
    await Promise.resolve();
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const { fetch } = first;
      if (!fetch.over) first.bytes = first.bytes.subarray(this.#options.place(fetch, first.bytes));
      if (fetch.over || first.bytes.length === 0) this.#waiting.shift();
      else await this.#room(fetch);
    }
    this.#draining = false;
    this.#options.emptied();
  }

  async #room(fetch: PeerFetch): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    try {
      await Promise.race([fetch.sink.ready(), woken]);
    } catch (error) {
      this.#options.refused(fetch, error);
    }
  }
}
