import { type Clock, sluiceError } from '@sluice/protocol';

/** Of waiting, ms: what was hashed meanwhile, or held back by our own pace, is not the source's fault. */
const windowMs = 60_000;
/** In that time: some 17 KiB/s. */
const leastBytes = 1024 ** 2;

/** Gives up a source that only drips: it would hold one of few places for days. */
export class LeastRate {
  readonly #clock: Clock;
  readonly #url: string;
  #since: number;
  #waitedMs = 0;
  #bytes = 0;

  /** Begins to wait. */
  constructor(clock: Clock, url: string) {
    this.#clock = clock;
    this.#url = url;
    this.#since = clock.now();
  }

  /** Bytes came, and are dealt with before more is waited for. @throws IngestTooSlow */
  came(bytes: number): void {
    this.#waitedMs += this.#clock.now() - this.#since;
    this.#bytes += bytes;
    if (this.#waitedMs < windowMs) return;
    if (this.#bytes < leastBytes) {
      const seconds = Math.round(this.#waitedMs / 1000);
      throw sluiceError('IngestTooSlow', { url: this.#url, bytes: this.#bytes, seconds });
    }
    this.#waitedMs = 0;
    this.#bytes = 0;
  }

  /** More is waited for. */
  waits(): void {
    this.#since = this.#clock.now();
  }
}
