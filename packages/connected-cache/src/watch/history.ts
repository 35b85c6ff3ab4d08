import type { Clock } from '@sluice/protocol';
import type { CacheStats } from '../stats.ts';

/** What happened in one slot of time. */
export interface Sample {
  egressBytes: number;
  sourceBytes: number;
  hitBytes: number;
  requests: number;
}

/** The length of a slot, and how many there are: a day. */
export const slotMs = 300_000;
const slots = 288;

type Figures = Pick<CacheStats, 'EgressBytes' | 'SourceBytes' | 'HitBytes' | 'Requests'>;

/** The last day in slots of five minutes, made from counters that only grow. */
export class History {
  readonly #stats: () => Figures;
  readonly #samples: Sample[] = [];
  readonly #cancel: () => void;
  #before: Figures = { EgressBytes: 0, SourceBytes: 0, HitBytes: 0, Requests: 0 };

  constructor(clock: Clock, stats: () => Figures) {
    this.#stats = stats;
    let cancel = () => {};
    const tick = () => {
      this.#take();
      cancel = clock.setTimer(slotMs, tick);
    };
    cancel = clock.setTimer(slotMs, tick);
    this.#cancel = () => cancel();
  }

  /** Oldest first, the slot that runs last. */
  get samples(): Sample[] {
    return [...this.#samples, this.#sinceBefore(this.#stats())];
  }

  close(): void {
    this.#cancel();
  }

  #take(): void {
    const now = { ...this.#stats() };
    this.#samples.push(this.#sinceBefore(now));
    if (this.#samples.length >= slots) this.#samples.shift();
    this.#before = now;
  }

  #sinceBefore(now: Figures): Sample {
    const before = this.#before;
    return {
      egressBytes: now.EgressBytes - before.EgressBytes,
      sourceBytes: now.SourceBytes - before.SourceBytes,
      hitBytes: now.HitBytes - before.HitBytes,
      requests: now.Requests - before.Requests,
    };
  }
}
