import { type Clock, toSluiceError } from '@sluice/protocol';
import { Pace } from './pace.ts';
import type { WarmProgress, Warmth } from './warm-object.ts';

/** What to fetch. */
export interface PreheatOrder {
  Urls: string[];
  /** Bytes a second over all of them; undefined = as fast as sources send. */
  Rate?: number | undefined;
}

export type PreheatState = 'Waiting' | 'Running' | 'Failed' | 'Cancelled' | Warmth;

export interface PreheatResult {
  Url: string;
  State: PreheatState;
  /** Bytes that had to be fetched, so far. */
  FetchedBytes: number;
  /** Of the object; null until it is known. */
  Length: number | null;
  Error: { Code: string; Message: string } | null;
}

export interface PreheatReport {
  Id: string;
  State: 'Running' | 'Ended';
  Results: PreheatResult[];
}

/** Fetches one URL; throws when it fails. */
export type Warm = (
  url: string,
  pace: Pace,
  progress: WarmProgress,
  signal: AbortSignal,
) => Promise<Warmth>;

/** URLs of one job at once: more would only compete. */
const atOnce = 2;

interface Entry {
  url: string;
  state: PreheatState;
  progress: WarmProgress;
  error: { Code: string; Message: string } | null;
}

/** A job under way, or ended. */
export class PreheatJob {
  readonly id: string;
  /** Resolves when nothing of it is under way any more. */
  readonly ended: Promise<void>;
  readonly #entries: Entry[];
  readonly #stop = new AbortController();
  #running = true;

  constructor(id: string, { Urls, Rate }: PreheatOrder, warm: Warm, clock: Clock) {
    this.id = id;
    this.#entries = Urls.map((url) => ({
      url,
      state: 'Waiting',
      progress: { fetched: 0, length: undefined },
      error: null,
    }));
    const pace = new Pace(clock, Rate);
    const waiting = this.#entries.values();
    const worker = async () => {
      for (const entry of waiting) await this.#run(entry, warm, pace);
    };
    this.ended = Promise.all(Array.from({ length: atOnce }, worker)).then(() => {
      this.#running = false;
    });
  }

  report(): PreheatReport {
    return {
      Id: this.id,
      State: this.#running ? 'Running' : 'Ended',
      Results: this.#entries.map(({ url, state, progress, error }) => ({
        Url: url,
        State: state,
        FetchedBytes: progress.fetched,
        Length: progress.length ?? null,
        Error: error,
      })),
    };
  }

  cancel(): void {
    this.#stop.abort();
  }

  async #run(entry: Entry, warm: Warm, pace: Pace): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) {
      entry.state = 'Cancelled';
      return;
    }
    entry.state = 'Running';
    try {
      entry.state = await warm(entry.url, pace, entry.progress, signal);
    } catch (cause) {
      const { code, message } = toSluiceError(cause);
      entry.state = signal.aborted ? 'Cancelled' : 'Failed';
      entry.error = { Code: code, Message: message };
    }
  }
}
