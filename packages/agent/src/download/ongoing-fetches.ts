import type { FetchId } from '@sluice/engine';
import type { Source } from '../source/index.ts';

/** A fetch under way. */
export interface Ongoing {
  readonly control: AbortController;
  readonly kind: Source['kind'];
  /** Resolved at the end of the transfer, when nobody waits for it any more. */
  readonly left: PromiseWithResolvers<void>;
}

/** What a transfer is at. */
export class OngoingFetches {
  readonly #all = new Map<FetchId, Ongoing>();
  readonly #running = new Set<Promise<void>>();

  get size(): number {
    return this.#all.size;
  }

  begin(fetch: FetchId, kind: Source['kind']): Ongoing {
    const ongoing = { control: new AbortController(), kind, left: Promise.withResolvers<void>() };
    this.#all.set(fetch, ongoing);
    return ongoing;
  }

  end(fetch: FetchId): void {
    this.#all.delete(fetch);
  }

  cancel(fetch: FetchId): void {
    this.#all.get(fetch)?.control.abort();
  }

  cancelOrigins(): void {
    for (const { control, kind } of this.#all.values()) if (kind !== 'peer') control.abort();
  }

  /** Nobody waits for any of them any more. */
  leave(): void {
    for (const { control, left } of this.#all.values()) {
      control.abort();
      left.resolve();
    }
  }

  /** Work that `settled` waits for. @param failed hears of the error: `settled` does not. */
  run(work: Promise<void>, failed: (error: unknown) => void): void {
    const running = this.#running;
    const tracked = work.catch(failed).finally(() => running.delete(tracked));
    running.add(tracked);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }
}
