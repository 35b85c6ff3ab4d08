import type { Throttle } from './throttle.ts';
import type { WatchedPath } from './watched-path.ts';

export interface UploadPaceOptions {
  /** Of all uploads off the site together; undefined = none. */
  limit: Throttle | undefined;
  /** The way to the peer; undefined while nothing can be probed there. */
  path: () => WatchedPath | undefined;
}

/**
 * How fast one peer off the site is served: as all uploads together may be, and no faster than keeps the
 * queue on the way to it short (LEDBAT at the sender; see `DelayControl`). While nothing is sent, nothing
 * is probed.
 */
export class UploadPace {
  readonly #options: UploadPaceOptions;
  #path: WatchedPath | undefined;
  #closed = false;

  constructor(options: UploadPaceOptions) {
    this.#options = options;
  }

  /** Waits for its turn to send. @returns 1 to `wanted` bytes. @throws Cancelled */
  async take(wanted: number, signal: AbortSignal): Promise<number> {
    const { limit } = this.#options;
    // The peer's own way first: what is taken of the limit is taken from others.
    const path = this.#watch();
    const passes = path ? await path.throttle.take(wanted, signal) : wanted;
    if (!limit) return passes;
    let granted = 0;
    try {
      granted = await limit.take(passes, signal);
    } finally {
      path?.throttle.giveBack(passes - granted);
    }
    return granted;
  }

  /** Bytes that were taken and not sent. */
  giveBack(bytes: number): void {
    this.#options.limit?.giveBack(bytes);
    this.#path?.throttle.giveBack(bytes);
  }

  sent(bytes: number): void {
    this.#path?.received(bytes);
  }

  /** The peer is gone. */
  close(): void {
    this.#closed = true;
    this.#path?.letGo();
    this.#path = undefined;
  }

  #watch(): WatchedPath | undefined {
    if (this.#path || this.#closed) return this.#path;
    this.#path = this.#options.path();
    this.#path?.use();
    return this.#path;
  }
}
