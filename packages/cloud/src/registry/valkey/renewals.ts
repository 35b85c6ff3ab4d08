import type { Clock } from '@sluice/protocol';
import type { Cluster, Redis } from 'ioredis';
import type { SwarmMember } from '../swarm-registry.ts';

/** So late the store may hear of a peer that is still there, ms: next to nothing of the time for which it is kept. */
const lateMs = 50;
/** Peers that it hears of at once: the store does nothing else meanwhile. */
const most = 50;

/** A connection that knows the script. */
export type Renewing = (Redis | Cluster) & {
  /** Number of keys, the keys, then as the script says. */
  sluiceRenew(...args: (string | number)[]): Promise<number[]>;
};

/** A peer that is still there. */
export interface Renewal {
  swarmId: string;
  /** Of its swarm. */
  tag: string;
  /** When the store had the swarm made that it is in a copy of, see `SwarmCopies`. */
  madeAt: string;
  member: SwarmMember;
  /** What it says, where it may be something else than before; else an empty text. */
  record: string;
  keepAliveMs: number;
  /** By how much its interval was longer than usual. */
  stretch: number;
  /** When it said so. */
  at: number;
}

/**
 * Tells the store of peers that are still there, and of what they say that is new: of many together, whatever their
 * swarms. What it could not be told is not repeated: two joins of a peer may get lost. So is what a process that ends
 * all at once had not told yet.
 */
export class Renewals {
  readonly #store: Renewing;
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #lost: (renewal: Renewal, isOther: boolean) => Promise<void>;
  #pending: Renewal[] = [];
  #cancel: (() => void) | undefined;
  #told = Promise.resolve();

  /**
   * @param now as the scripts want it
   * @param lost the peer is not at the store, or no longer; `isOther`: nor is the swarm that was copied. Must not reject
   */
  constructor(
    store: Renewing,
    clock: Clock,
    now: () => number,
    lost: (renewal: Renewal, isOther: boolean) => Promise<void>,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#now = now;
    this.#lost = lost;
  }

  add(renewal: Renewal): void {
    this.#pending.push(renewal);
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
      const groups = 'nodes' in this.#store ? Map.groupBy(all, ({ tag }) => tag).values() : [all];
      const sent = Array.from(groups, (group) => this.#send(group));
      // With what it came to, each would hold that of all before.
      this.#told = Promise.all([this.#told, ...sent]).then(() => {});
    }
    return this.#told;
  }

  async #send(group: readonly Renewal[]): Promise<void> {
    const now = this.#clock.now();
    const args: (string | number)[] = [group.length];
    for (const { tag } of group) args.push(tag);
    args.push(this.#now());
    for (const { member, keepAliveMs, record, at, madeAt } of group) {
      args.push(member.peerId, Math.round(keepAliveMs + at - now), record, madeAt);
    }
    // Joins that need the store fail, and tell.
    const gone = await this.#store.sluiceRenew(...args).catch(() => []);
    await Promise.all(gone.map((number) => this.#lost(group[Math.abs(number) - 1]!, number < 0)));
  }
}
