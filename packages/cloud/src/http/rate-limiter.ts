import type { Clock } from '@sluice/protocol';

/** Callers remembered at once; the one known longest is forgotten first. */
const maxCallers = 65_536;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * One token bucket per caller: `perSecond` requests in the long run, `atOnce` at once. Guards
 * the process against a single site that has gone wild; it is no defence against many.
 */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #atOnce: number;

  constructor(clock: Clock, perSecond: number, atOnce = 2 * perSecond) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#atOnce = atOnce;
  }

  /** Takes one request. @returns false when the caller has to wait. */
  take(caller: string): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true;
    const bucket = this.#bucket(caller);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #bucket(caller: string): Bucket {
    const now = this.#clock.now();
    const known = this.#buckets.get(caller);
    if (known) {
      const gained = ((now - known.filledAt) / 1000) * this.#perSecond;
      known.tokens = Math.min(this.#atOnce, known.tokens + gained);
      known.filledAt = now;
      return known;
    }
    if (this.#buckets.size >= maxCallers) this.#buckets.delete(this.#buckets.keys().next().value!);
    const fresh = { tokens: this.#atOnce, filledAt: now };
    this.#buckets.set(caller, fresh);
    return fresh;
  }
}
