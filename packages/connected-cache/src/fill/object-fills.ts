import {
  type ByteRange,
  formatRange,
  isSluiceError,
  type PieceMap,
  type SluiceError,
  sluiceError,
} from '@sluice/protocol';
import type { Counters } from '../stats.ts';
import type { CacheStore } from '../store/cache-store.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { Answer } from '../upstream/exchange.ts';
import { onlyIfSame } from '../upstream/identity.ts';
import { type Extent, fillExtent } from './extent.ts';
import { Fill, type FillHost } from './fill.ts';
import type { SourceLink } from './source-link.ts';

/** Somebody who reads an object. */
export interface Reading {
  /** Whether it still has to read one of these pieces. */
  wants(first: number, last: number): boolean;
}

export interface FillDeps {
  store: CacheStore;
  counters: Counters;
  /** The most pieces of one request to a source. */
  runPieces: number;
  /** Hears of each fill that begins, and when no work of it is left. */
  began(fill: Fill): void;
  ended(fill: Fill): void;
}

/** The fills of one object and those who read it: each missing piece is fetched once. */
export class ObjectFills implements FillHost {
  readonly object: StoredObject;
  readonly claims = new Map<number, Fill>();
  readonly readings = new Set<Reading>();
  readonly #deps: FillDeps;
  /** Whether the source answers ranges, as far as is known. */
  #ranges = true;

  constructor(object: StoredObject, deps: FillDeps) {
    this.object = object;
    this.#deps = deps;
  }

  get store(): CacheStore {
    return this.#deps.store;
  }

  get counters(): Counters {
    return this.#deps.counters;
  }

  wanted(first: number, last: number): boolean {
    for (const reading of this.readings) if (reading.wants(first, last)) return true;
    return false;
  }

  ended(fill: Fill): void {
    this.#deps.ended(fill);
  }

  /** The pieces that need not come from the source: on disk, or here and on their way to it. */
  held(): PieceMap {
    const held = this.object.pieces.clone();
    for (const [piece, fill] of this.claims) if (fill.hasReceived(piece)) held.set(piece);
    return held;
  }

  /**
   * Asks the source for the pieces that are missing in a row from `piece` on, up to `last`. Without
   * ranges it can only be asked for everything.
   */
  start(piece: number, last: number, link: SourceLink): Fill {
    if (!this.object.current) throw this.#changed();
    const fill = this.#newFill(link);
    const { pieceSize } = this.object.geometry;
    const range = { start: piece * pieceSize, end: this.object.length };
    if (this.#ranges) {
      const next = this.#claimRow(fill, piece, Math.min(last, piece + this.#deps.runPieces - 1));
      range.end = Math.min(range.end, next * pieceSize);
    } else {
      this.#claimAll(fill);
    }
    this.#request(fill, range, link).catch((error) => fill.fail(error));
    return fill;
  }

  /** Takes the body of an answer that told what the object is; one of at least one whole piece. */
  adopt(answer: Answer, extent: Extent, link: SourceLink): Fill {
    const fill = this.#newFill(link);
    this.#ranges = answer.status === 206;
    if (this.#ranges) {
      const last = this.object.pieceAt(extent.end - 1);
      this.#claimRow(fill, this.object.pieceAt(extent.start), last);
    } else {
      this.#claimAll(fill);
    }
    // The one who asked becomes a reading in this turn of the loop; without it the fill would stop.
    setImmediate(() => fill.receive(answer.body, extent.start, extent.end));
    return fill;
  }

  async #request(fill: Fill, range: ByteRange, link: SourceLink): Promise<void> {
    const { object } = this;
    const answer = await link.ask('GET', {
      ...onlyIfSame(object.record.identity),
      range: formatRange(range),
    });
    try {
      const extent = fillExtent(answer, object, range, link.source.label);
      // A source that sends all of it although asked for a part does not do parts.
      if (answer.status === 200) this.#claimAll(fill);
      this.#ranges = answer.status === 206;
      fill.receive(answer.body, extent.start, extent.end);
    } catch (error) {
      answer.body.abort();
      if (isSluiceError(error, 'CacheObjectChanged') || [404, 410].includes(answer.status)) {
        this.store.retire(object);
      }
      throw error;
    }
  }

  #newFill(link: SourceLink): Fill {
    const fill = new Fill(this, this.object, link.source.label);
    this.#deps.began(fill);
    return fill;
  }

  /** @returns the piece after the row */
  #claimRow(fill: Fill, first: number, last: number): number {
    let piece = first;
    while (piece <= last && this.#free(piece)) fill.claim(piece++);
    return piece;
  }

  #claimAll(fill: Fill): void {
    const { pieces } = this.object;
    for (let i = pieces.nextClear(0); i >= 0; i = pieces.nextClear(i + 1)) {
      if (this.#free(i)) fill.claim(i);
    }
  }

  #free(piece: number): boolean {
    return !this.object.pieces.has(piece) && !this.claims.has(piece);
  }

  #changed(): SluiceError {
    return sluiceError('CacheObjectChanged', { url: this.object.record.url });
  }
}
