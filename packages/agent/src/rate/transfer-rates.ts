import { followsDelay, isLimited, type TrafficClass } from '@sluice/engine';
import type { Live } from '../policy/live.ts';
import type { RunSink, Source } from '../source/index.ts';
import type { Address } from './delay-probe.ts';
import { liveGate } from './live-gate.ts';
import { type Gate, ThrottledSink } from './throttled-sink.ts';
import type { WatchedPath } from './watched-path.ts';

export interface TransferRatesOptions {
  /** It may change at any time, also for what is under way. */
  foreground: Live<boolean>;
  /** The limits of all downloads of each priority, which may come and go. */
  totals: { foreground: TotalGate; background: TotalGate };
  path: (address: Address) => WatchedPath;
  /** Whether the address is on a link of this device. */
  isOnLink: (address: Address) => boolean;
  /** Told, at the end, that the delay of a path has held it back. */
  onYield: () => void;
}

/** A limit that may have nothing to say at the moment. */
export interface TotalGate extends Gate {
  /** Neither limits nor has to know what passes. */
  readonly isIdle: boolean;
}

/** A fetch under limits. */
export interface LimitedFetch {
  readonly sink: RunSink;
  /** To be called when the fetch has ended. */
  end(): void;
}

/** The limits of one download. */
export class TransferRates {
  readonly #options: TransferRatesOptions;
  readonly #paths = new Set<WatchedPath>();
  readonly #limited = new Set<ThrottledSink>();
  readonly #total: Gate;
  readonly #unwatch: () => void;
  /** What stands for the way out of the site: peers have not agreed to be probed. */
  #http: Source | undefined;
  #closed = false;

  constructor(options: TransferRatesOptions) {
    const { foreground, totals } = options;
    this.#options = options;
    this.#total = liveGate(() => (foreground.current ? totals.foreground : totals.background));
    this.#unwatch = foreground.watch(() => {
      for (const each of this.#limited) each.changed();
    });
  }

  /** Nothing holds such traffic back, or has to know of it, at the moment. */
  isFree(traffic: TrafficClass): boolean {
    const { foreground, totals } = this.#options;
    if (followsDelay(traffic, foreground.current)) return false;
    const total = foreground.current ? totals.foreground : totals.background;
    return !isLimited(traffic) || total.isIdle;
  }

  /** The sink as `source` may fill it. */
  limit(source: Source, traffic: TrafficClass, sink: RunSink, signal: AbortSignal): LimitedFetch {
    if (traffic === 'http') this.#http = source;
    const gates: Gate[] = [];
    if (isLimited(traffic)) gates.push(this.#total);
    if (followsDelay(traffic, false)) gates.push(this.#pathGate(source, traffic));
    const limited: ThrottledSink[] = [];
    for (const gate of gates) limited.push(new ThrottledSink(limited.at(-1) ?? sink, gate, signal));
    for (const each of limited) this.#limited.add(each);
    return {
      sink: limited.at(-1) ?? sink,
      end: () => {
        for (const each of limited) {
          this.#limited.delete(each);
          each.end();
        }
      },
    };
  }

  /** The download is over. */
  close(): void {
    this.#closed = true;
    this.#unwatch();
    if ([...this.#paths].some(({ throttle }) => !throttle.isOpen)) this.#options.onYield();
    for (const path of this.#paths) path.letGo();
    this.#paths.clear();
  }

  #pathGate(source: Source, traffic: TrafficClass): Gate {
    let known: WatchedPath | 'none' | undefined;
    return liveGate(() => {
      if (!followsDelay(traffic, this.#options.foreground.current)) return undefined;
      known ??= this.#pathOf(source.kind === 'peer' ? this.#http : source, traffic);
      return known === 'none' ? undefined : known;
    });
  }

  /**
   * Undefined before the source was connected to, or when its address is not known; 'none' for a cache on a link of
   * this device.
   */
  #pathOf(source: Source | undefined, traffic: TrafficClass): WatchedPath | 'none' | undefined {
    if (!source?.remote || this.#closed) return undefined;
    // No thin link is between: what would be seen is that one of the two machines is busy.
    if (traffic === 'cache' && this.#options.isOnLink(source.remote)) return 'none';
    const path = this.#options.path(source.remote);
    if (!this.#paths.has(path)) {
      this.#paths.add(path);
      path.use();
    }
    return path;
  }
}
