import type { Clock } from '@sluice/protocol';
import type { Cluster, Redis } from 'ioredis';

/** So late the store may hear of a peer that is still there, ms: next to nothing of the time for which it is kept. */
const lateMs = 50;
/** Peers that it hears of at once: the store does nothing else meanwhile. */
const most = 200;

/** A connection that knows the script. */
export type Renewing = (Redis | Cluster) & {
  /** Number of keys, the keys, then as the script says. */
  sluiceRenew(...args: (string | number)[]): Promise<number[]>;
};

/** A peer that is still there. */
export interface Renewal {
  /** Of its swarm, as the script wants it. */
  key: string;
  peerId: string;
  keepAliveMs: number;
  /**
   * It is not at the store, or no longer, or the store cannot be asked. Must not throw.
   * @param isEmpty nobody of its swarm is there
   */
  lost: (isEmpty: boolean) => Promise<void>;
}

/** Tells the store of peers that are still there: of many together, whatever their swarms. */
export class Renewals {
  readonly #store: Renewing;
  readonly #clock: Clock;
  readonly #now: () => number;
  #pending: (Renewal & { at: number })[] = [];
  #cancel: (() => void) | undefined;
  #told = Promise.resolve();

  /** @param now as the scripts want it */
  constructor(store: Renewing, clock: Clock, now: () => number) {
    this.#store = store;
    this.#clock = clock;
    this.#now = now;
  }

  add(renewal: Renewal): void {
    this.#pending.push({ ...renewal, at: this.#clock.now() });
    if (this.#pending.length >= most) void this.flush();
    else this.#cancel ??= this.#clock.setTimer(lateMs, () => void this.flush());
  }

  /** Tells all now: what is sent to the store after this call comes behind. @returns when all was told. Never rejects */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#pending.length > 0) {
      const all = this.#pending;
      this.#pending = [];
      // A cluster has scripts use the keys of one slot only.
      const groups = 'nodes' in this.#store ? Map.groupBy(all, ({ key }) => key).values() : [all];
      const sent = Array.from(groups, (group) => this.#send(group));
      // With what it came to, each would hold that of all before.
      this.#told = Promise.all([this.#told, ...sent]).then(() => {});
    }
    return this.#told;
  }

  async #send(group: readonly (Renewal & { at: number })[]): Promise<void> {
    const now = this.#clock.now();
    const keys = group.map(({ key }) => key);
    const said = group.flatMap(({ peerId, keepAliveMs, at }) => [peerId, keepAliveMs + at - now]);
    const everybody = group.map((_, i) => i + 1);
    const lost = await this.#store
      .sluiceRenew(keys.length, ...keys, this.#now(), ...said)
      // Joins that need the store fail, and tell.
      .catch(() => everybody);
    await Promise.all(lost.map((number) => group[Math.abs(number) - 1]!.lost(number < 0)));
  }
}
