import { DelayControl } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import { type Address, type DelayProbe, probeTimeoutMs } from './delay-probe.ts';
import { Throttle } from './throttle.ts';

/** Nothing came for so long: nothing is to be learnt, ms. */
const quietMs = 3_000;
/**
 * What one request brings, ms of the rate: several are under way at once, and are to fill the path
 * together, and not much of its queue. And bytes.
 */
const windowMs = 25;
const windowPerRoundTrip = 0.5;
const minWindow = 32 * 1024;
const firstWindow = 128 * 1024;
/** Probes that fail one after the other before there are no more. */
const maxFailures = 5;

export interface WatchedPathOptions {
  address: Address;
  clock: Clock;
  probe: DelayProbe;
}

/**
 * The path to a source as background transfers share it: while bytes come over it, and only then, its
 * delay is sampled, and the rate follows.
 */
export class WatchedPath {
  readonly throttle: Throttle;
  readonly #options: WatchedPathOptions;
  readonly #control = new DelayControl();
  #users = 0;
  #bytes = 0;
  #lastBytesAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #probing: AbortController | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: WatchedPathOptions) {
    this.#options = options;
    this.throttle = new Throttle(options.clock);
  }

  get inUse(): boolean {
    return this.#users > 0;
  }

  /**
   * Bytes of one request: little beside what the queue may hold, also while it is not proven; growing while
   * nothing is known of it.
   */
  get window(): number {
    if (this.#failures >= maxFailures) return Number.POSITIVE_INFINITY;
    const { isKnown, suspected, rate, baseMs } = this.#control;
    const { isOpen } = this.throttle;
    if (isOpen && suspected === undefined) {
      const isNew = !isKnown && this.#failures === 0;
      return isNew ? Math.max(firstWindow, this.#bytes / 8) : Number.POSITIVE_INFINITY;
    }
    const ms = windowMs + windowPerRoundTrip * baseMs;
    return Math.max(minWindow, ((isOpen ? suspected! : rate) * ms) / 1000);
  }

  /** When bytes last came over it, ms. */
  get lastUsed(): number {
    return this.#lastBytesAt;
  }

  use(): void {
    this.#users++;
  }

  /** The last one ends the sampling. */
  letGo(): void {
    if (--this.#users > 0) return;
    this.#probing?.abort();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  received(bytes: number): void {
    this.#control.received(bytes);
    this.#bytes += bytes;
    this.#lastBytesAt = this.#options.clock.now();
    if (!this.#cancelTimer && !this.#probing && this.#users > 0) this.#probe();
  }

  /** Never rejects. */
  async #probe(): Promise<void> {
    if (this.#failures >= maxFailures) return;
    const { address, clock, probe } = this.#options;
    const control = new AbortController();
    this.#probing = control;
    const startedAt = clock.now();
    try {
      const { ms, slackMs } = await probe(address, control.signal);
      this.#failures = 0;
      this.#sampled(ms, slackMs);
    } catch {
      // Whatever the reason: there is no delay to go by. Only a silence may be a full queue.
      if (!control.signal.aborted) this.#failed(clock.now() - startedAt >= probeTimeoutMs);
    }
    this.#probing = undefined;
    if (!control.signal.aborted) this.#schedule();
  }

  #sampled(ms: number, slackMs: number): void {
    this.#control.sample(ms, this.#options.clock.now(), slackMs);
    this.throttle.setRate(this.#control.rate);
  }

  #failed(timedOut: boolean): void {
    this.#failures++;
    if (timedOut) this.#sampled(probeTimeoutMs, 0);
    // A far side that takes no probes must not keep a transfer slow for ever.
    if (this.#failures >= maxFailures) this.throttle.setRate(Number.POSITIVE_INFINITY);
  }

  #schedule(): void {
    const { clock } = this.#options;
    if (clock.now() - this.#lastBytesAt > quietMs) return;
    this.#cancelTimer = clock.setTimer(this.#control.nextSampleMs, () => {
      this.#cancelTimer = undefined;
      if (clock.now() - this.#lastBytesAt <= quietMs) this.#probe();
    });
  }
}
