import type { Clock } from '@sluice/protocol';
import type { ObjectBody } from './object-body.ts';

/** Holds the unread body of the answer to `open` for the fetch that will want it, for a while. */
export class Parking {
  readonly #clock: Clock;
  readonly #ms: number;
  #parked: { body: ObjectBody; cancel: () => void } | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Takes it in, in place of any other. */
  park(body: ObjectBody): void {
    this.clear();
    this.#parked = { body, cancel: this.#clock.setTimer(this.#ms, () => this.clear()) };
  }

  /** Gives it out, if there is one that the sought range can begin with. */
  take(start: number): ObjectBody | undefined {
    const parked = this.#parked;
    if (parked?.body.range.start !== start) return undefined;
    this.#parked = undefined;
    parked.cancel();
    return parked.body;
  }

  clear(): void {
    this.#parked?.cancel();
    this.#parked?.body.answer.release();
    this.#parked = undefined;
  }
}
