/**
 * Lets `rate` bytes/s pass, and after a pause up to `burst` at once; what else is counted, messages or pieces, in
 * their place. Parts of a byte are carried on, so that however often it is asked, the sum is right.
 */
export class TokenBucket {
  #rate: number;
  #burst: number;
  #tokens: number;
  #at: number;

  /** Begins full. @param rate bytes/s; Infinity = no limit. @param burst bytes, at least 1. */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** What was saved up stays, as far as the new burst allows. */
  setRate(rate: number, burst: number, now: number): void {
    this.#fill(now);
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  /** Whole bytes that may pass now; Infinity without a limit. */
  available(now: number): number {
    if (this.#rate === Number.POSITIVE_INFINITY) return this.#rate;
    this.#fill(now);
    return Math.floor(this.#tokens);
  }

  /** @returns whether `bytes` may pass now, all of them; then they do. */
  tryTake(bytes: number, now: number): boolean {
    if (this.available(now) < bytes) return false;
    this.take(bytes, now);
    return true;
  }

  /** `bytes` pass; more than are available are paid for by those that come after. */
  take(bytes: number, now: number): void {
    if (this.#rate === Number.POSITIVE_INFINITY) return;
    this.#fill(now);
    this.#tokens -= bytes;
  }

  /** Bytes that were taken and did not pass. */
  giveBack(bytes: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + bytes);
  }

  /** Milliseconds until `bytes`, at most the burst, are available; Infinity at rate 0. */
  msUntil(bytes: number, now: number): number {
    const missing = Math.min(bytes, this.#burst) - this.available(now);
    if (missing <= 0) return 0;
    // Of the fraction too: rounded down, a wait could end a hair early, and then for ever again.
    return (1000 * (Math.min(bytes, this.#burst) - this.#tokens)) / this.#rate;
  }

  #fill(now: number): void {
    const dt = Math.max(0, now - this.#at);
    this.#at = Math.max(this.#at, now);
    if (this.#rate === Number.POSITIVE_INFINITY) this.#tokens = this.#burst;
    else this.#tokens = Math.min(this.#burst, this.#tokens + (this.#rate * dt) / 1000);
  }
}
