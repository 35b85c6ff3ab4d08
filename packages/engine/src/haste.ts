import type { PeerState } from './source-state.ts';

/**
 * How soon a download gives up waiting for others. What is fetched twice in a busy fleet crosses the
 * source's line twice and makes it busier, so there patience pays. A device that is `alone`, whose peers
 * are all complete, costs nobody anything by fetching what they are slow to send.
 */
export type Haste = 'alone' | 'foreground' | 'background';

/** Tells how a download stands among those who want the same. */
export class Company {
  readonly #foreground: boolean;
  #had = false;

  constructor(foreground: boolean) {
    this.#foreground = foreground;
  }

  hasteAmong(peers: readonly PeerState[]): Haste {
    // Who was in a fleet stays in it: when the others are through they are as busy as before.
    this.#had ||= peers.some((p) => p.claims.length > 0);
    if (!this.#had && !peers.some(isFetching)) return 'alone';
    return this.#foreground ? 'foreground' : 'background';
  }
}

/** It fetches what this device could get from it; on this site only if it may use HTTP. */
function isFetching({ sharesWork, spec, lagging, has }: PeerState): boolean {
  return !has.complete && !lagging && (sharesWork || !spec.sameSite);
}
