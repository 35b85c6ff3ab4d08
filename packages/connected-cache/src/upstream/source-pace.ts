import type { Clock } from '@sluice/protocol';

export interface PaceOptions {
  clock: Clock;
  /** The most requests at a source at once that read one object ahead; what somebody waits for comes beside them. */
  mostConnections: number;
}

/** Of one object at once, before anything is known of the source. */
const firstLimit = 4;
/** With those that somebody waits for, of all objects. */
const mostUrgent = 96;
const measureMs = 250;
/** Another connection or two must bring at least so much more. */
const worthwhile = 1.03;
/** How long a limit that was found is kept before more is tried again, ms. */
const settledMs = 5_000;
/** How long a source that refused is asked less, ms. */
const refusedMs = 60_000;
/** A request should last so long, so that the way to the source costs little of it, ms. */
const runMs = 400;
const firstRun = 4 * 1024 * 1024;
const smallestRun = 1024 * 1024;

/**
 * How many requests for bytes a source gets at once, and how long ones: more while that brings more bytes per
 * second, fewer when the source says that it is too many (429, 503).
 */
export class SourcePace {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #waiting = new Set<() => void>();
  #active = 0;
  #limit: number;
  /** What the source has been found to bear, and until when that counts. */
  #ceiling = Number.POSITIVE_INFINITY;
  #ceilingUntil = 0;
  #blockedUntil = 0;
  #cancelBlock: (() => void) | undefined;
  #bytes = 0;
  #since: number;
  /** Fewer than the limit were under way since then. */
  #slack = true;
  /** Bytes/s before the latest raise; undefined when there was none. */
  #before: number | undefined;
  #raised = 0;
  #settledAt = Number.NEGATIVE_INFINITY;
  #perConnection = 0;

  constructor({ clock, mostConnections }: PaceOptions) {
    this.#clock = clock;
    this.#most = mostConnections;
    this.#limit = Math.min(firstLimit, mostConnections);
    this.#since = clock.now();
  }

  get active(): number {
    return this.#active;
  }

  /** Requests at once that are worth while for one object. */
  get limit(): number {
    return this.#now() < this.#ceilingUntil ? Math.min(this.#limit, this.#ceiling) : this.#limit;
  }

  /** Bytes that a request should ask for, when so many are wanted. */
  get runBytes(): number {
    if (this.#perConnection === 0) return firstRun;
    return Math.max(smallestRun, (this.#perConnection * runMs) / 1000);
  }

  /**
   * @param urgent whether somebody waits for its bytes, or its object has no other.
   * @returns whether it may begin; then `leave` it
   */
  enter(urgent: boolean): boolean {
    const now = this.#now();
    if (now < this.#blockedUntil) return false;
    const bearable = now < this.#ceilingUntil ? this.#ceiling : Number.POSITIVE_INFINITY;
    if (this.#active >= Math.min(bearable, urgent ? mostUrgent : this.#limit)) return false;
    this.join();
    return true;
  }

  /** A request that is under way in any case. */
  join(): void {
    if (this.#active === 0) this.#measureAnew();
    this.#active++;
  }

  leave(): void {
    this.#active--;
    this.#serve();
    if (this.#active < this.#limit) this.#slack = true;
  }

  /** Calls `fn` once when another request may be possible. */
  whenFree(fn: () => void): void {
    this.#waiting.add(fn);
  }

  received(bytes: number): void {
    this.#bytes += bytes;
    const now = this.#now();
    if (now - this.#since >= measureMs) this.#judge(now);
  }

  /** The source said that this was too much. @param retryAfterMs when it would like to be asked again */
  refused(retryAfterMs: number | undefined): void {
    const now = this.#now();
    this.#ceiling = Math.max(1, Math.min(this.limit, this.#active) - 1);
    this.#ceilingUntil = now + Math.max(refusedMs, retryAfterMs ?? 0);
    this.#limit = Math.max(1, Math.min(this.#limit, this.#ceiling));
    this.#settledAt = now;
    this.#before = undefined;
    if (retryAfterMs === undefined) return;
    this.#blockedUntil = Math.max(this.#blockedUntil, now + retryAfterMs);
    this.#cancelBlock?.();
    this.#cancelBlock = this.#clock.setTimer(this.#blockedUntil - now, () => this.#serve());
  }

  #judge(now: number): void {
    const rate = (this.#bytes * 1000) / (now - this.#since);
    const full = !this.#slack;
    this.#perConnection = Math.max(rate / Math.max(1, this.#active), this.#perConnection / 2);
    this.#measureAnew();
    if (!full || now < this.#ceilingUntil) return;
    if (this.#before !== undefined && rate < this.#before * worthwhile) {
      this.#limit = Math.max(1, this.#limit - this.#raised);
      this.#before = undefined;
      this.#settledAt = now;
      return;
    }
    this.#before = undefined;
    if (now - this.#settledAt < settledMs || this.#limit >= this.#most) return;
    this.#before = rate;
    this.#raised = Math.min(2, this.#most - this.#limit);
    this.#limit += this.#raised;
    this.#serve();
  }

  #measureAnew(): void {
    this.#bytes = 0;
    this.#since = this.#now();
    this.#slack = this.#active < this.#limit;
  }

  /** Each who waits asks for one, and waits again behind the others when it needs more. */
  #serve(): void {
    for (const fn of [...this.#waiting]) {
      if (this.#now() < this.#blockedUntil) return;
      this.#waiting.delete(fn);
      fn();
    }
  }

  #now(): number {
    return this.#clock.now();
  }
}
