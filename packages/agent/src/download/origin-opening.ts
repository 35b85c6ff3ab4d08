import { type Delays, OriginDelays } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';

/** What is opened and closed. */
interface Doors {
  setOpen(open: { http: boolean; cache: boolean }): void;
}

/** Opens HTTP and cache of one transfer when the delay policies say so (`OriginDelays`). */
export class OriginOpening implements Disposable {
  readonly #delays: OriginDelays;
  readonly #clock: Clock;
  readonly #doors: Doors;
  #isOpen = { http: true, cache: true };
  #cancelTimer: () => void = () => {};
  #over = false;

  constructor(
    delays: Delays,
    has: { hasPeers: boolean; hasCache: boolean },
    clock: Clock,
    doors: Doors,
  ) {
    this.#delays = new OriginDelays(delays, has, clock.now());
    this.#clock = clock;
    this.#doors = doors;
    this.#update();
  }

  /** Whether peers are given time, and HTTP and cache wait. */
  get waitsForPeers(): boolean {
    return !this.#isOpen.cache;
  }

  /** Whether HTTP is kept for when the cache hosts fail. */
  get waitsForCache(): boolean {
    return this.#isOpen.cache && !this.#isOpen.http;
  }

  /** Other delays hold from now on. */
  setDelays(delays: Delays): void {
    this.#delays.setDelays(delays);
    this.#update();
  }

  /** Peers were searched for, and there is nobody. */
  nobody(): void {
    this.#delays.nobody();
    this.#update();
  }

  /** A cache host has brought something, or has failed. */
  cache(worked: boolean): void {
    if (worked) this.#delays.cacheWorked();
    else this.#delays.cacheFailed(this.#clock.now());
    this.#update();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#cancelTimer();
  }

  #update(): void {
    this.#cancelTimer();
    if (this.#over) return;
    const now = this.#clock.now();
    const { changesAt, http, cache } = this.#delays.at(now);
    if (http !== this.#isOpen.http || cache !== this.#isOpen.cache) {
      this.#isOpen = { http, cache };
      this.#doors.setOpen(this.#isOpen);
    }
    if (changesAt !== undefined) {
      this.#cancelTimer = this.#clock.setTimer(changesAt - now, () => this.#update());
    }
  }
}
