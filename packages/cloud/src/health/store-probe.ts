import type { Clock } from '@sluice/protocol';
import type { Alarms } from '../alarms/alarms.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';

export type StoreName = 'database' | 'swarm store';

/** What the stores say of themselves. */
export interface StoreState {
  /** Those that do not answer. */
  away: StoreName[];
  swarms: number | undefined;
  peers: number | undefined;
  /** How many an admin has to look at. */
  alarms: number | undefined;
}

/** A probe comes from anybody and as often as they like: the stores are asked once in so long, ms. */
const freshMs = 1_000;
/** A shared registry counts by walking over it: not more often than so, ms. */
const countMs = 5_000;
/** A store that takes longer to answer is away, ms: who probes waits no longer than a few seconds. */
const patienceMs = 2_000;

/** Asks the stores whether they are there, for probes and metrics. */
export class StoreProbe {
  readonly #clock: Clock;
  readonly #database: () => Promise<number | undefined>;
  readonly #swarms: () => Promise<{ swarms: number; peers: number } | undefined>;

  constructor(parts: {
    catalogue: Catalogue;
    registry: SwarmRegistry;
    alarms: Alarms;
    clock: Clock;
  }) {
    const { catalogue, registry, alarms, clock } = parts;
    this.#clock = clock;
    this.#database = remembered(clock, freshMs, async () => {
      await catalogue.list({ after: undefined, limit: 1 });
      return alarms.open();
    });
    this.#swarms = remembered(clock, countMs, () => registry.stats());
  }

  async look(): Promise<StoreState> {
    const clock = this.#clock;
    const [alarms, counts] = await Promise.all([
      inTime(clock, this.#database()),
      inTime(clock, this.#swarms()),
    ]);
    const away: StoreName[] = [];
    if (alarms === undefined) away.push('database');
    if (counts === undefined) away.push('swarm store');
    return { away, swarms: counts?.swarms, peers: counts?.peers, alarms };
  }
}

/**
 * The answer of `ask`, at most `ms` old; undefined when it failed, which is not remembered. One question is under
 * way at a time, however many want to know.
 */
function remembered<T>(
  clock: Clock,
  ms: number,
  ask: () => Promise<T>,
): () => Promise<T | undefined> {
  let last: { at: number; answer: Promise<T | undefined> } | undefined;
  return () => {
    if (last && clock.now() - last.at < ms) return last.answer;
    const forget = () => {
      last = undefined;
      return undefined;
    };
    last = { at: Number.POSITIVE_INFINITY, answer: ask().catch(forget) };
    const mine = last;
    void mine.answer.then(() => {
      mine.at = clock.now();
    });
    return mine.answer;
  };
}

function inTime<T>(clock: Clock, answer: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  const cancel = clock.setTimer(patienceMs, () => resolve(undefined));
  return Promise.race([answer, promise]).finally(cancel);
}
