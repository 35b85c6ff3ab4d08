import type { Fault } from '@sluice/engine';
import { type SluiceError, sluiceError } from '@sluice/protocol';
import type { Source } from '../source/index.ts';
import { OriginRecord } from './origin-record.ts';
import type { Origin } from './origin-tag.ts';

export interface TransferSource {
  readonly source: Source;
  readonly origin: Origin;
  readonly record: OriginRecord;
}

/** An HTTP source or cache host that brought nothing yet, and was not given up. */
export interface FailingOrigin {
  kind: 'http' | 'cache';
  error: SluiceError;
}

/** The sources of one transfer, by the scheduler's id, and what is to be said of their failures. */
export class TransferSources {
  /** Requests at once to one HTTP source or cache host. */
  static readonly maxFetches = 4;
  readonly #known = new Map<number, TransferSource>();
  readonly #givenUp = new Set<number>();
  #lastError: { error: SluiceError; kind: Source['kind'] } | undefined;

  add(id: number, source: Source, origin: Origin): void {
    this.#known.set(id, { source, origin, record: new OriginRecord() });
  }

  get(id: number): TransferSource | undefined {
    return this.#known.get(id);
  }

  remove(id: number): void {
    this.#known.delete(id);
  }

  failing(): FailingOrigin[] {
    const failing: FailingOrigin[] = [];
    for (const [id, { source, record }] of this.#known) {
      const { lastError: error, worked } = record;
      if (source.kind === 'peer' || this.#givenUp.has(id) || worked || !error) continue;
      failing.push({ kind: source.kind, error });
    }
    return failing;
  }

  /** Whether an HTTP source or cache host is left. */
  get hasOrigin(): boolean {
    return this.hasOriginAmong({ http: true, cache: true });
  }

  /** The same of those that are open. */
  hasOriginAmong(open: { http: boolean; cache: boolean }): boolean {
    for (const [id, { source }] of this.#known) {
      if (source.kind !== 'peer' && open[source.kind] && !this.#givenUp.has(id)) return true;
    }
    return false;
  }

  /** Why the origins are gone: what the source itself said counts for more than a cache host's word. */
  get lastError(): SluiceError {
    return this.#lastError?.error ?? sluiceError('NoSourceLeft');
  }

  /**
   * A request failed: what the scheduler is to make of it. Who has worked before is tried again with
   * patience; who never has, and is the only one, is not worth a minute's wait.
   * @param round what `begin` of its record gave.
   */
  failed(id: number, error: SluiceError, round: number, now: number): Fault {
    const { retryable } = error.params;
    const retryAfterMs = Number(error.params.retryAfterMs ?? 0);
    const known = this.#known.get(id);
    known?.record.fail(error, round);
    const isDud = known?.record.isDud(now, retryAfterMs) === true;
    // A cache host is near or it is of no use, and the next one may be better.
    const isLost = isDud && (known?.source.kind === 'cache' || !this.#anyHopeBut(id));
    return { retryable: retryable !== false && !isLost, retryAfterMs, code: error.code };
  }

  /** The scheduler has given up an origin. @returns its last error; undefined when it is not known. */
  giveUp(id: number): { source: Source; error: SluiceError } | undefined {
    const known = this.#known.get(id);
    if (!known) return undefined;
    this.#givenUp.add(id);
    const { source, record } = known;
    const error = record.lastError ?? sluiceError('SourceCorrupt', { url: source.label });
    if (source.kind === 'http' || this.#lastError?.kind !== 'http') {
      this.#lastError = { error, kind: source.kind };
    }
    return { source, error };
  }

  #anyHopeBut(id: number): boolean {
    for (const [other, { source, record }] of this.#known) {
      if (other === id || this.#givenUp.has(other)) continue;
      if (source.kind === 'peer' || record.worked || !record.failed) return true;
    }
    return false;
  }
}
