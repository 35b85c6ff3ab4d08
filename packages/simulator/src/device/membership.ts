import type { PeerEntry } from '@sluice/protocol';
import type { World } from './world.ts';

/** As in the agent's `services/array-membership.ts`, ms. */
const firstRetryMs = 2_000;
const maxRetryMs = 60_000;

export interface MemberFacts {
  peerId: string;
  /** The site's address as the cloud sees it. */
  externalIp: string;
  /** Download mode: 1 LAN, 2 Group, 3 Internet. */
  scope: number;
  groupKey: string | undefined;
}

export interface MembershipOptions {
  facts: MemberFacts;
  /** Bytes still missing. */
  left: () => number;
  /** One way to the cloud, ms. */
  latencyMs: number;
  isCloudReachable: () => boolean;
  onPeers: (peers: PeerEntry[], fetchesForSite: boolean) => void;
  onFault: () => void;
}

/** Keeps a device listed in the array, as the agent does, and hears of peers there. */
export class Membership {
  readonly #world: World;
  readonly #options: MembershipOptions;
  #cancel: () => void = () => {};
  #retryMs = firstRetryMs;
  #over = false;

  constructor(world: World, options: MembershipOptions) {
    this.#world = world;
    this.#options = options;
  }

  start(): void {
    this.#after(this.#options.latencyMs, () => this.#join());
  }

  /** @param told whether the array learns of it */
  stop(told: boolean): void {
    this.#over = true;
    this.#cancel();
    if (told && this.#options.isCloudReachable()) this.#world.array.leave(this.#member());
  }

  #join(): void {
    const { latencyMs, isCloudReachable, onPeers, onFault } = this.#options;
    if (!isCloudReachable()) {
      onFault();
      this.#after(this.#retryMs, () => this.#join());
      this.#retryMs = Math.min(maxRetryMs, 2 * this.#retryMs);
      return;
    }
    this.#retryMs = firstRetryMs;
    this.#world.array.join(this.#member(), (reply) => {
      const { Peers, NextJoinTimeIntervalInMs, FetchesForSite = true } = reply;
      this.#world.control.join(Peers.length);
      this.#after(latencyMs, () => {
        onPeers(Peers, FetchesForSite);
        this.#after(NextJoinTimeIntervalInMs + latencyMs, () => this.#join());
      });
    });
  }

  #member() {
    const { facts, left } = this.#options;
    return { ...facts, localIp: undefined, port: 7680, left: left() };
  }

  #after(ms: number, fn: () => void): void {
    this.#cancel = this.#world.timeline.setTimer(ms, () => {
      if (!this.#over) fn();
    });
  }
}
