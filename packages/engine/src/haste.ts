import type { PeerState } from './source-state.ts';

/**
 * How soon a download gives up waiting for others. What is fetched twice in a busy fleet crosses the
 * source's line twice and makes it busier, so there patience pays. A device that is `alone`, whose peers
 * are all complete, costs nobody anything by fetching what they are slow to send.
 */
export type Haste = 'alone' | 'foreground' | 'background';

/** A decision that comes so late shows a machine that is too busy to tell who is slow, ms … */
const lateMs = 30;
/** … and for how long it is taken to be. */
const busyMs = 3_000;

/** Tells how a download stands among those who want the same. */
export class Company {
  /** Somebody waits for the download. */
  foreground: boolean;
  #had = false;
  #busyUntil = 0;

  constructor(foreground: boolean) {
    this.foreground = foreground;
  }

  /** Others fetch for the site, some of whom this device does not know: who does not fetch may be one of many like it. */
  isOneOfMany(): void {
    this.#had = true;
  }

  /** @param late how much later than was asked for a decision is made, ms; less than 0 when it is sooner. */
  decided(late: number, now: number): void {
    if (late > lateMs) this.#busyUntil = now + busyMs;
  }

  hasteAmong(peers: readonly PeerState[], now: number): Haste {
    // Who was in a fleet stays in it: when the others are through they are as busy as before.
    this.#had ||= peers.some((p) => p.claims.length > 0);
    const isBusy = now < this.#busyUntil;
    if (!this.#had && !isBusy && !peers.some(isFetching)) return 'alone';
    return this.foreground ? 'foreground' : 'background';
  }
}

/** It fetches what this device could get from it; on this site only if it may use HTTP. */
function isFetching({ sharesWork, sameSite, lagging, has }: PeerState): boolean {
  return !has.complete && !lagging && (sharesWork || !sameSite);
}
