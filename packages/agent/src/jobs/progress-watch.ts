import type { Clock } from '@sluice/protocol';

/** How often it looks; timeouts are so exact. */
const lookMs = 10_000;

export interface Watched {
  /** Bytes that are here; undefined while it is not the job's turn. */
  bytes(): number | undefined;
  /** How long nothing may come, ms. */
  timeoutMs(): number;
  onTimeout(): void;
}

/** Notices that a running job brings nothing for too long. Waiting for a turn is no lack of progress. */
export class ProgressWatch {
  readonly #clock: Clock;
  readonly #watched: Watched;
  #most = 0;
  #idle = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, watched: Watched) {
    this.#clock = clock;
    this.#watched = watched;
  }

  /** Begins anew. */
  start(): void {
    this.stop();
    this.#idle = 0;
    this.#cancel = this.#clock.setTimer(lookMs, () => this.#look());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #look(): void {
    this.#cancel = this.#clock.setTimer(lookMs, () => this.#look());
    const bytes = this.#watched.bytes();
    if (bytes === undefined) return;
    if (bytes > this.#most) this.#idle = 0;
    else this.#idle++;
    this.#most = Math.max(this.#most, bytes);
    if (this.#idle < Math.round(this.#watched.timeoutMs() / lookMs)) return;
    this.stop();
    this.#watched.onTimeout();
  }
}
