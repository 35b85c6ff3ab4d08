import { unlessAborted } from '../clock/unless-aborted.ts';
import type { KeyedMutex } from '../content/keyed-mutex.ts';

/** Downloads of one content take turns: the first fetches it, the next finds it in the store. */
export class Turns {
  readonly #mutex: KeyedMutex;
  readonly #waiting = new Map<string, number>();

  constructor(mutex: KeyedMutex) {
    this.#mutex = mutex;
  }

  /** How many wait for their turn with this key. */
  waiting(key: string): number {
    return this.#waiting.get(key) ?? 0;
  }

  /**
   * Runs `work` when it is its turn. An abort ends the waiting at once; when the work has begun, it is
   * the work that must end itself.
   * @throws what the work throws; the reason of `signal`.
   */
  async run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const begun = Promise.withResolvers<void>();
    this.#count(key, 1);
    let isWaiting = true;
    const leaveQueue = () => {
      if (isWaiting) this.#count(key, -1);
      isWaiting = false;
    };
    const turn = this.#mutex.run(key, () => {
      leaveQueue();
      signal.throwIfAborted();
      begun.resolve();
      return work();
    });
    turn.catch(() => {
      // Told to the caller below, unless it has left.
    });
    try {
      await unlessAborted(Promise.race([begun.promise, turn]), signal);
    } finally {
      leaveQueue();
    }
    return await turn;
  }

  #count(key: string, change: number): void {
    const n = this.waiting(key) + change;
    if (n === 0) this.#waiting.delete(key);
    else this.#waiting.set(key, n);
  }
}
