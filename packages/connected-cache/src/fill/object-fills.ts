import {
  type ByteRange,
  type Clock,
  formatRange,
  isSluiceError,
  type PieceMap,
  sluiceError,
} from '@sluice/protocol';
import type { Counters } from '../stats.ts';
import type { BufferPool } from '../store/buffer-pool.ts';
import type { CacheStore } from '../store/cache-store.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { Answer } from '../upstream/exchange.ts';
import { onlyIfSame } from '../upstream/identity.ts';
import type { PaceBook } from '../upstream/pace-book.ts';
import type { SourcePace } from '../upstream/source-pace.ts';
import { Bell } from './bell.ts';
import { type Extent, fillExtent } from './extent.ts';
import { Fill } from './fill.ts';
import type { FillHost } from './fill-host.ts';
import type { HashLists } from './hash-lists.ts';
import { Misfortune } from './misfortune.ts';
import { PieceProofs } from './piece-proofs.ts';
import { nextMissing, type Reading, rowFrom } from './read-ahead.ts';
import type { SourceLink } from './source-link.ts';

export interface FillDeps {
  store: CacheStore;
  counters: Counters;
  pool: BufferPool;
  paces: PaceBook;
  clock: Clock;
  /** The most pieces of one request to a source. */
  runPieces: number;
  /** Undefined when nothing is verified. */
  hashLists: HashLists | undefined;
  /** Hears of work on the disk that failed. */
  diskFailed(error: unknown): void;
  /** Hears of pieces that were not what their hash list says. */
  badPiece(object: StoredObject, piece: number, source: string): void;
  /** Hears of each fill that begins, and when no work of it is left. */
  began(fill: Fill): void;
  ended(fill: Fill): void;
}

/**
 * The fills of one object and those who read it: each missing piece is fetched once, several requests at a
 * time, in the order in which they are needed and not further than readers have come near.
 */
export class ObjectFills implements FillHost {
  readonly object: StoredObject;
  readonly claims = new Map<number, Fill>();
  readonly readings = new Set<Reading>();
  readonly proofs = new PieceProofs();
  readonly #deps: FillDeps;
  readonly #misfortune: Misfortune;
  /** Those that take bytes, with the pace that they are part of. */
  readonly #active = new Map<Fill, SourcePace>();
  /** Whether the source answers ranges; undefined = that is about to be seen. */
  #ranges: boolean | undefined;
  readonly #changes = new Bell();
  readonly #again = () => {
    this.schedule();
    // Those who waited for this may have nothing to wait for any more: the object has changed meanwhile.
    this.#changes.tell();
  };
  /** It has been asked for a hash list. */
  #looked = false;
  /** Pieces that came without being checked, and are to be when they are on disk. */
  readonly #unchecked = new Set<number>();

  constructor(object: StoredObject, deps: FillDeps) {
    this.object = object;
    this.#deps = deps;
    this.#misfortune = new Misfortune(deps.clock, this.#again);
  }

  get store(): CacheStore {
    return this.#deps.store;
  }

  get counters(): Counters {
    return this.#deps.counters;
  }

  get pool(): BufferPool {
    return this.#deps.pool;
  }

  digestOf(piece: number): Uint8Array | undefined {
    return this.proofs.digestOf(piece);
  }

  wanted(first: number, last: number): boolean {
    for (const reading of this.readings) if (reading.wants(first, last)) return true;
    return false;
  }

  /** The pieces that need not come from the source: on disk, or here and on their way to it. */
  held(): PieceMap {
    const held = this.object.pieces.clone();
    for (const [piece, fill] of this.claims) if (fill.hasReceived(piece)) held.set(piece);
    return held;
  }

  /** Somebody begins to read. */
  enter(reading: Reading): void {
    this.store.use(this.object);
    this.readings.add(reading);
    // A new request is a new attempt.
    this.#misfortune.forget();
    this.#lookForHashList(reading.link);
    this.schedule([reading]);
  }

  leave(reading: Reading): void {
    this.readings.delete(reading);
    this.store.unuse(this.object);
  }

  /** Why a piece that is missing does not come, when it is known that it does not. */
  get problem(): unknown {
    const { error } = this.#misfortune;
    if (error !== undefined || this.object.current) return error;
    return sluiceError('CacheObjectChanged', { url: this.object.record.url });
  }

  /** A reading has reason to hope that it goes well now. */
  retry(reading: Reading): void {
    this.#misfortune.forget();
    this.schedule([reading]);
  }

  /** Calls `fn` once when fills have begun or ended. */
  onChange(fn: () => void): void {
    this.#changes.wait(fn);
  }

  /** Begins what these readings need, as far as the source bears it. */
  schedule(readings: Iterable<Reading> = this.readings): void {
    while (this.object.current && !this.#misfortune.holdsBack) {
      // Several are of no use before it is known that each brings its own part.
      if (this.#ranges !== true && this.#active.size > 0) return;
      const missing = nextMissing(readings, this.object, this.claims);
      if (!missing) return;
      const pace = this.#deps.paces.of(missing.reading.link.source.origin);
      // The limit is for read-ahead, which more requests would not make faster: who waits for a piece is not held up by it.
      const isUrgent = missing.isAwaited || this.#active.size === 0;
      if ((this.#active.size >= pace.limit && !isUrgent) || !pace.enter(isUrgent)) {
        pace.whenFree(this.#again);
        return;
      }
      missing.reading.began(this.#start(missing.piece, missing.last, missing.reading.link, pace));
    }
  }

  /** Takes the body of an answer that told what the object is; one of at least one whole piece. */
  adopt(answer: Answer, extent: Extent, link: SourceLink): Fill {
    const pace = this.#deps.paces.of(link.source.origin);
    pace.join();
    const fill = this.#newFill(link, pace);
    this.#ranges = answer.status === 206;
    if (this.#ranges) this.#claimRow(fill, extent);
    else this.#claimAll(fill);
    // The one who asked becomes a reading in this turn of the loop; without it the fill would stop.
    setImmediate(() => fill.receive(answer.body, extent.start, extent.end));
    return fill;
  }

  received(fill: Fill, bytes: number): void {
    this.#active.get(fill)?.received(bytes);
  }

  over(fill: Fill): void {
    const pace = this.#active.get(fill);
    if (!pace) return;
    this.#active.delete(fill);
    const others = this.#active.size > 0;
    if (fill.error === undefined) this.#misfortune.succeeded();
    else this.#misfortune.failed(fill, pace, others);
    pace.leave();
    this.schedule();
    this.#changes.tell();
  }

  isBad(piece: number, fill: Fill): void {
    this.#deps.badPiece(this.object, piece, fill.source);
    if (this.proofs.failed(piece)) this.#misfortune.final(fill.error);
    for (const reading of [...this.readings]) reading.spoiled(piece, fill.error);
  }

  kept(piece: number): void {
    if (this.#unchecked.delete(piece)) this.#check([piece]).catch(this.#deps.diskFailed);
  }

  ended(fill: Fill): void {
    this.#deps.ended(fill);
  }

  /** Once, and only when something is still to come. */
  #lookForHashList(link: SourceLink): void {
    const { hashLists } = this.#deps;
    const { object } = this;
    if (!hashLists || this.#looked || object.pieces.nextClear(0) < 0) return;
    this.#looked = true;
    hashLists.find(object.record.url, link).then((found) => {
      if (!found || !this.proofs.take(found, object)) return;
      this.counters.HashLists++;
      for (const piece of this.claims.keys()) this.#unchecked.add(piece);
      const held: number[] = [];
      const { pieces } = object;
      for (let i = pieces.nextSet(0); i >= 0; i = pieces.nextSet(i + 1)) held.push(i);
      this.#check(held).catch(this.#deps.diskFailed);
    }, this.#deps.diskFailed);
  }

  /** Checks pieces that were kept before the hash list was there; bad ones are fetched again when needed. */
  async #check(pieces: readonly number[]): Promise<void> {
    this.store.use(this.object);
    try {
      for (const piece of pieces) {
        if (await this.proofs.holds(this.store, this.object, piece)) continue;
        this.store.lose(this.object, piece);
        this.proofs.failed(piece);
        this.#deps.badPiece(this.object, piece, new URL(this.object.record.url).host);
      }
    } finally {
      this.store.unuse(this.object);
    }
  }

  #start(piece: number, last: number, link: SourceLink, pace: SourcePace): Fill {
    const fill = this.#newFill(link, pace);
    const { pieceSize } = this.object.geometry;
    const range = { start: piece * pieceSize, end: this.object.length };
    if (this.#ranges !== false) {
      const most = Math.min(this.#deps.runPieces, rowFrom(piece, last, pace, pieceSize));
      range.end = Math.min(range.end, range.start + most * pieceSize);
      range.end = this.#claimRow(fill, range);
    } else {
      this.#claimAll(fill);
    }
    this.#request(fill, range, link).catch((error) => fill.fail(error));
    this.#changes.tell();
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
      this.schedule();
    } catch (error) {
      answer.body.abort();
      if (isSluiceError(error, 'CacheObjectChanged') || [404, 410].includes(answer.status)) {
        this.store.retire(object);
      }
      throw error;
    }
  }

  #newFill(link: SourceLink, pace: SourcePace): Fill {
    const fill = new Fill(this, this.object, link.source.label);
    this.#active.set(fill, pace);
    this.#deps.began(fill);
    return fill;
  }

  /** Claims what is free in a row from the start of `range` on. @returns where that ends */
  #claimRow(fill: Fill, { start, end }: ByteRange): number {
    const { pieceSize } = this.object.geometry;
    const last = this.object.pieceAt(end - 1);
    let piece = this.object.pieceAt(start);
    while (piece <= last && this.#free(piece)) fill.claim(piece++);
    return Math.min(piece * pieceSize, this.object.length);
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
}
