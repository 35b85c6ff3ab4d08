import { followsDelay, isLimited, type TrafficClass } from '@sluice/engine';
import type { RunSink, Source } from '../source/index.ts';
import type { Address } from './delay-probe.ts';
import { type Gate, ThrottledSink } from './throttled-sink.ts';
import type { WatchedPath } from './watched-path.ts';

export interface TransferRatesOptions {
  foreground: boolean;
  /** The limit of all downloads of this priority, which may come and go. */
  total: Gate;
  path: (address: Address) => WatchedPath;
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
  /** What stands for the way out of the site: peers have not agreed to be probed. */
  #http: Source | undefined;
  #closed = false;

  constructor(options: TransferRatesOptions) {
    this.#options = options;
  }

  /** The sink as `source` may fill it. */
  limit(source: Source, traffic: TrafficClass, sink: RunSink, signal: AbortSignal): LimitedFetch {
    const { total, foreground } = this.#options;
    if (traffic === 'http') this.#http = source;
    const gates: Gate[] = [];
    if (isLimited(traffic)) gates.push(total);
    if (followsDelay(traffic, foreground)) gates.push(this.#pathGate(source));
    const limited: ThrottledSink[] = [];
    for (const gate of gates) limited.push(new ThrottledSink(limited.at(-1) ?? sink, gate, signal));
    return {
      sink: limited.at(-1) ?? sink,
      end: () => {
        for (const each of limited) each.end();
      },
    };
  }

  /** The download is over. */
  close(): void {
    this.#closed = true;
    for (const path of this.#paths) path.letGo();
    this.#paths.clear();
  }

  #pathGate(source: Source): Gate {
    let known: WatchedPath | undefined;
    const path = () => {
      known ??= this.#pathOf(source.kind === 'peer' ? this.#http : source);
      return known;
    };
    return {
      get throttle() {
        return path()?.throttle;
      },
      get window() {
        return path()?.window ?? Number.POSITIVE_INFINITY;
      },
      received: (bytes) => path()?.received(bytes),
    };
  }

  /** Undefined before the source was connected to, or when its address is not known. */
  #pathOf(source: Source | undefined): WatchedPath | undefined {
    if (!source?.remote || this.#closed) return undefined;
    const path = this.#options.path(source.remote);
    if (!this.#paths.has(path)) {
      this.#paths.add(path);
      path.use();
    }
    return path;
  }
}
