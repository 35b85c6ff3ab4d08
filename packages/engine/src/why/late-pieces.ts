import type { SourceClass } from '@sluice/protocol';
import type { FetchId, Reason } from '../events.ts';

/** More requests than this cannot be under way to sources that are gone. */
const maxRequests = 1_000;

/** Whose pieces may yet come to the disk although their source is gone: a write takes its time. */
export class LatePieces {
  readonly #requests = new Map<FetchId, { from: SourceClass; reason: Reason }>();

  expect(fetch: FetchId, from: SourceClass, reason: Reason): void {
    this.#requests.set(fetch, { from, reason });
    if (this.#requests.size <= maxRequests) return;
    const [oldest] = this.#requests.keys();
    this.#requests.delete(oldest!);
  }

  of(fetch: FetchId): { from: SourceClass; reason: Reason } | undefined {
    return this.#requests.get(fetch);
  }

  ended(fetch: FetchId): void {
    this.#requests.delete(fetch);
  }
}
