import type { Clock } from '@sluice/protocol';

/** Rates are averages over this (admin.md §2), ms. */
const spanMs = 20_000;

interface Mark {
  at: number;
  sent: number;
  received: number;
}

/** What went over one connection to a peer: payload of pieces, bytes, and the rates of the last 20 s. */
export class PeerTraffic {
  sent = 0;
  readonly #clock: Clock;
  readonly #received: () => number;
  readonly #marks: Mark[];

  /** @param received bytes that came so far. */
  constructor(clock: Clock, received: () => number) {
    this.#clock = clock;
    this.#received = received;
    this.#marks = [this.#now()];
  }

  get received(): number {
    return this.#received();
  }

  /** To be called every second or so. */
  mark(): void {
    const now = this.#now();
    this.#marks.push(now);
    while (this.#marks.length > 2 && now.at - this.#marks[1]!.at >= spanMs) this.#marks.shift();
  }

  /** Bytes/s since 20 s ago, or since the connection was made. */
  rates(): { up: number; down: number } {
    const now = this.#now();
    const first = this.#marks[0]!;
    const seconds = (now.at - first.at) / 1000;
    if (seconds <= 0) return { up: 0, down: 0 };
    return {
      up: Math.round((now.sent - first.sent) / seconds),
      down: Math.round((now.received - first.received) / seconds),
    };
  }

  #now(): Mark {
    return { at: this.#clock.now(), sent: this.sent, received: this.received };
  }
}
