import type { Clock } from '@sluice/protocol';

interface Waiter {
  bytes: number;
  gone: () => boolean;
  go: () => void;
}

/** Of a second: how much may come at once, and how much one client gets before the next one does. */
const burstPart = 1 / 20;
const turnPart = 1 / 200;
const leastTurn = 16 * 1024;
const largestTurn = 1024 * 1024;

/**
 * The limit of all that the node sends (`maxAllowableEgressInMbps`, connected-cache.md §3). Clients
 * take turns of equal size, so each gets an equal share, however many connections wait and whatever
 * they ask for. An answer that begins gets its first turn between those of answers under way: small
 * ones need not wait for the large.
 */
export class Egress {
  readonly #clock: Clock;
  /** Bytes per ms. */
  readonly #rate: number;
  readonly #burst: number;
  /** The most bytes of one turn. */
  readonly turn: number;
  readonly #beginning: Waiter[] = [];
  readonly #running: Waiter[] = [];
  #lastWasBeginning = false;
  /** Below zero after a turn that was larger than what there was. */
  #tokens: number;
  #filledAt: number;
  #timer: (() => void) | undefined;

  /** @param mbps 10^6 bits per second */
  constructor(clock: Clock, mbps: number) {
    this.#clock = clock;
    this.#rate = (mbps * 1e6) / 8 / 1000;
    this.turn = Math.min(largestTurn, Math.max(leastTurn, this.#rate * 1000 * turnPart));
    this.#burst = Math.max(this.turn, this.#rate * 1000 * burstPart);
    this.#tokens = this.#burst;
    this.#filledAt = clock.now();
  }

  /**
   * Resolves when so many bytes may be sent; one call at a time for each answer.
   * @param begins whether they are its first
   * @param gone whether nobody wants them any more, when it comes to that
   */
  take(bytes: number, begins: boolean, gone: () => boolean): Promise<void> {
    return new Promise((go) => {
      (begins ? this.#beginning : this.#running).push({ bytes, gone, go });
      if (!this.#timer) this.#serve();
    });
  }

  /** Bytes that were taken and not sent. */
  giveBack(bytes: number): void {
    this.#tokens += bytes;
  }

  #serve(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#rate);
    this.#filledAt = now;
    while (this.#tokens > 0) {
      const waiter = this.#next();
      if (!waiter) return;
      if (!waiter.gone()) this.#tokens -= waiter.bytes;
      waiter.go();
    }
    if (this.#beginning.length + this.#running.length === 0) return;
    const ms = Math.max(1, Math.ceil((1 - this.#tokens) / this.#rate));
    this.#timer = this.#clock.setTimer(ms, () => this.#serve());
  }

  #next(): Waiter | undefined {
    const [first, second] = this.#lastWasBeginning
      ? [this.#running, this.#beginning]
      : [this.#beginning, this.#running];
    const queue = first.length > 0 ? first : second;
    this.#lastWasBeginning = queue === this.#beginning;
    return queue.shift();
  }
}
