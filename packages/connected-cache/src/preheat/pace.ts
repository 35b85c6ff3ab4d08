import { type Clock, sluiceError } from '@sluice/protocol';

const longest = 16 * 1024 * 1024;
const shortest = 256 * 1024;

/** Holds the bytes of a job to a rate, on average over a few seconds. */
export class Pace {
  /** How many bytes to ask for at a time: about a second's worth. */
  readonly stretch: number;
  readonly #clock: Clock;
  readonly #bytesPerSecond: number | undefined;
  #freeAt: number;

  constructor(clock: Clock, bytesPerSecond: number | undefined) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#freeAt = clock.now();
    this.stretch = Math.min(longest, Math.max(shortest, bytesPerSecond ?? longest));
  }

  spent(bytes: number): void {
    if (this.#bytesPerSecond === undefined) return;
    const since = Math.max(this.#clock.now(), this.#freeAt);
    this.#freeAt = since + (bytes / this.#bytesPerSecond) * 1000;
  }

  /** Resolves when more may be asked for. @throws Cancelled */
  async next(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw sluiceError('Cancelled');
      const wait = this.#freeAt - this.#clock.now();
      if (wait <= 0) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.setTimer(wait, done);
        function done() {
          cancel();
          signal.removeEventListener('abort', done);
          resolve();
        }
        signal.addEventListener('abort', done);
      });
    }
  }
}
