import { unlessAborted } from '../clock/unless-aborted.ts';

/** Each holds buffers, files and connections. */
const defaultLimit = 8;

/** Who wants to run. */
export interface SlotWish {
  owner: string;
  foreground: boolean;
}

interface Queue {
  running: number;
  /** By owner, each first come first served; whose turn is next comes first. */
  waiting: Map<string, Set<() => void>>;
}

/**
 * How many downloads run at once. Foreground has places of its own, so that nobody waits behind work in
 * the background; those who asked take turns, so that a thousand files of one do not keep out another's.
 */
export class Slots {
  readonly #limit: number;
  readonly #foreground: Queue = { running: 0, waiting: new Map() };
  readonly #background: Queue = { running: 0, waiting: new Map() };

  constructor(limit = defaultLimit) {
    this.#limit = limit;
  }

  /** How many run, at least 1. */
  get busy(): number {
    return Math.max(1, this.#foreground.running + this.#background.running);
  }

  /** Runs `work` when there is a place. @throws what it throws, the reason of `signal`. */
  async run<T>(wish: SlotWish, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const queue = wish.foreground ? this.#foreground : this.#background;
    if (queue.running < this.#limit) queue.running++;
    else await this.#wait(queue, wish.owner, signal);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#next(queue);
    }
  }

  async #wait(queue: Queue, owner: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const line = queue.waiting.get(owner) ?? new Set();
    queue.waiting.set(owner, line);
    line.add(resolve);
    try {
      await unlessAborted(promise, signal);
    } catch (error) {
      // Called at the very moment of the abort: the place goes to the next.
      if (!line.delete(resolve)) this.#next(queue);
      else if (line.size === 0) queue.waiting.delete(owner);
      throw error;
    }
  }

  /** Hands a place on. */
  #next(queue: Queue): void {
    const [first] = queue.waiting;
    if (!first) {
      queue.running--;
      return;
    }
    const [owner, line] = first;
    const [call] = line;
    queue.waiting.delete(owner);
    line.delete(call!);
    if (line.size > 0) queue.waiting.set(owner, line);
    call!();
  }
}
