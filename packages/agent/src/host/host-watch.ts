import { type HostFacts, unknownHost } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { HostProbe } from './host-probe.ts';
import { idleShareSince } from './idle-share.ts';

/** Facts are good for so long, ms. */
const freshMs = 30_000;

export interface HostWatchOptions {
  probe: HostProbe;
  /** Where the store is. */
  dir: string;
  clock: Clock;
  logger: Logger;
}

/** What is known of the device: found out when somebody asks, every 30 s at the most, and never by itself. */
export class HostWatch {
  readonly #options: HostWatchOptions;
  #known: { facts: HostFacts; at: number } | undefined;
  #reading: Promise<HostFacts> | undefined;

  constructor(options: HostWatchOptions) {
    this.#options = options;
  }

  /** Facts that are 30 s old at the most. Never rejects: what cannot be found out is unknown. */
  async facts(): Promise<HostFacts> {
    if (this.ageMs < freshMs) return this.#known!.facts;
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** What was found out last, however long ago. */
  get last(): HostFacts | undefined {
    return this.#known?.facts;
  }

  /** Whether `facts` would have to look. */
  get isStale(): boolean {
    return this.ageMs >= freshMs;
  }

  /** Of `last`, ms. */
  get ageMs(): number {
    return this.#known ? this.#options.clock.now() - this.#known.at : Number.POSITIVE_INFINITY;
  }

  /** See `idleShareSince`. */
  idleShare(): () => number {
    return idleShareSince(this.#options.probe);
  }

  async #read(): Promise<HostFacts> {
    const { probe, dir, clock, logger } = this.#options;
    let facts = unknownHost;
    try {
      facts = await probe.read(dir);
    } catch (err) {
      logger.warn({ err }, 'nothing could be found out about this device: peers are not refused');
    }
    // A new object each time, so that who keeps one sees that there is news.
    this.#known = { facts: { ...facts }, at: clock.now() };
    this.#reading = undefined;
    return this.#known.facts;
  }
}
