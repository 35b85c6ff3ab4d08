import type { Cluster, Redis } from 'ioredis';

/** A connection that knows the script. */
export type Renewing = (Redis | Cluster) & {
  /** Number of keys, the keys, then as the script says. */
  sluiceRenew(...args: (string | number)[]): Promise<number[]>;
};

interface Renewal {
  key: string;
  peerId: string;
  keepAliveMs: number;
  resolve: (isThere: boolean) => void;
  reject: (error: unknown) => void;
}

/** Tells the store of peers that are still there: those of one turn of the loop together, whatever their swarms. */
export class Renewals {
  readonly #store: Renewing;
  readonly #now: () => number;
  #pending: Renewal[] = [];

  constructor(store: Renewing, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** @returns false: the store does not have it, or no longer. Rejects as the store does. */
  renew(key: string, peerId: string, keepAliveMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.#pending.length === 0) setImmediate(() => this.#flush());
      this.#pending.push({ key, peerId, keepAliveMs, resolve, reject });
    });
  }

  #flush(): void {
    const all = this.#pending;
    this.#pending = [];
    // A cluster has scripts use the keys of one slot only.
    const groups = 'nodes' in this.#store ? Map.groupBy(all, ({ key }) => key).values() : [all];
    for (const group of groups) void this.#send(group);
  }

  async #send(group: readonly Renewal[]): Promise<void> {
    try {
      const keys = group.map(({ key }) => key);
      const said = group.flatMap(({ peerId, keepAliveMs }) => [peerId, keepAliveMs]);
      const gone = new Set(
        await this.#store.sluiceRenew(keys.length, ...keys, this.#now(), ...said),
      );
      for (const [i, { resolve }] of group.entries()) resolve(!gone.has(i + 1));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
