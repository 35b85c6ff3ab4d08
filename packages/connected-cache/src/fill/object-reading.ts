import type { ByteRange, PieceMap } from '@sluice/protocol';
import type { BufferPool } from '../store/buffer-pool.ts';
import { isDiskError } from '../store/disk-error.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import type { PieceChecker } from '../store/piece-checker.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { Fill } from './fill.ts';
import { HeldFiles, type Portion, type StoredRun } from './held-files.ts';
import type { ObjectFills } from './object-fills.ts';
import type { Reading } from './read-ahead.ts';
import type { SourceLink } from './source-link.ts';

export interface ReadingDeps {
  pool: BufferPool;
  checker: PieceChecker;
  kernel: KernelFiles | undefined;
}

/** How things stood when the reading began. */
export interface Begun {
  /** The pieces that were held. */
  held: PieceMap;
  /** The fill that the same request has caused already. */
  fill: Fill | undefined;
  /** Whether the request has shared another's question to the source. */
  shared: boolean;
}

/** How far ahead of a reader bytes are fetched: little at first, more the more it has read. */
const firstAhead = 32 * 1024 * 1024;
const mostAhead = 256 * 1024 * 1024;
/** The most that is sent from disk in one stretch. */
const mostStored = 8 * 1024 * 1024;

/** How often it goes on after a disk has failed: there are up to nine drives. */
const maxRecovered = 10;

/**
 * Reads ranges of an object for one client: from the disk what is there, from fills what is coming,
 * and has fetched what is missing.
 */
export class ObjectReading implements Reading {
  readonly #fills: ObjectFills;
  readonly #object: StoredObject;
  readonly link: SourceLink;
  readonly #deps: ReadingDeps;
  /** What is still to be read; the first one shrinks as it goes. */
  readonly #left: ByteRange[];
  readonly #held: PieceMap;
  readonly #files: HeldFiles;
  readonly #own = new Set<Fill>();
  /** Whether it has been counted as one. */
  #coalesced: boolean;
  #closed = false;
  #error: unknown;
  #lookedAt = -1;
  #recovered = 0;
  #read = 0;
  /** The latest piece of which bytes were given out before all of it had come. */
  #tasted = -1;
  #wake: (() => void) | undefined;

  constructor(
    fills: ObjectFills,
    ranges: readonly ByteRange[],
    link: SourceLink,
    deps: ReadingDeps,
    begun: Begun,
  ) {
    this.#fills = fills;
    this.#object = fills.object;
    this.link = link;
    this.#deps = deps;
    this.#left = ranges.map((range) => ({ ...range }));
    this.#held = begun.held;
    this.#files = new HeldFiles(fills, begun.held, deps);
    if (begun.fill) this.#own.add(begun.fill);
    this.#coalesced = begun.shared;
    fills.enter(this);
  }

  wants(first: number, last: number): boolean {
    return this.#left.some(
      ({ start, end }) =>
        this.#object.pieceAt(start) <= last && this.#object.pieceAt(end - 1) >= first,
    );
  }

  *soon(): Generator<[first: number, last: number]> {
    let left = Math.min(mostAhead, firstAhead + 2 * this.#read);
    for (const { start, end } of this.#left) {
      if (start >= end) continue;
      if (left <= 0) return;
      yield [this.#object.pieceAt(start), this.#object.pieceAt(Math.min(end, start + left) - 1)];
      left -= end - start;
    }
  }

  began(fill: Fill): void {
    this.#own.add(fill);
  }

  spoiled(piece: number, error: unknown): void {
    if (this.#tasted !== piece) return;
    this.#error = error;
    this.#wake?.();
  }

  /**
   * The next bytes, or undefined when the range that was being read has ended or the reading was
   * closed. The following call begins the next range.
   * @param size how many bytes would be good
   * @throws CacheObjectChanged and the other errors of fills; what the disk throws
   */
  async next(size: number): Promise<Portion | undefined> {
    const [range] = this.#left;
    if (!range || range.start >= range.end) {
      this.#left.shift();
      return undefined;
    }
    while (!this.#closed) {
      if (this.#error !== undefined) throw this.#error;
      const portion = this.#fromMemory(range) ?? (await this.#fromDisk(range, size));
      if (portion) {
        if (portion.hit) this.#countUse(range.start, portion.bytes.length);
        range.start += portion.bytes.length;
        this.#read += portion.bytes.length;
        return portion;
      }
    }
    return undefined;
  }

  /** Whether the next bytes lie on disk, and may be sent from there. */
  get isStored(): boolean {
    const [range] = this.#left;
    if (this.#closed || !range || range.start >= range.end) return false;
    const piece = this.#object.pieceAt(range.start);
    return this.#object.pieces.has(piece) && this.#object.checked.has(piece);
  }

  /**
   * Where the next bytes lie on disk, for those who send them from there; they say by `took` how many
   * they sent. Undefined when `next` must bring them: they are missing, or to be checked first.
   */
  async stored(): Promise<StoredRun | undefined> {
    if (!this.isStored) return undefined;
    const object = this.#object;
    const range = this.#left[0]!;
    const piece = object.pieceAt(range.start);
    this.#lookAhead(piece);
    const end = this.#files.endOfHeld(piece, Math.min(range.end, range.start + mostStored));
    try {
      return await this.#files.run(piece, range.start, end);
    } catch (error) {
      this.#fills.store.lose(object, piece, error);
      return undefined;
    }
  }

  /** So many bytes of what is stored were sent. */
  took(length: number): void {
    const range = this.#left[0]!;
    this.#countUse(range.start, length);
    range.start += length;
    this.#read += length;
  }

  /** Ends it, at once also when `next` waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fills.leave(this);
    this.#wake?.();
  }

  /** What is wanted again is not the first to be evicted. */
  #countUse(start: number, bytes: number): void {
    this.#fills.store.served(this.#object, this.#object.pieceAt(start), bytes);
  }

  #fromMemory({ start, end }: ByteRange): Portion | undefined {
    const piece = this.#object.pieceAt(start);
    const fill = this.#fills.claims.get(piece);
    const recent = fill?.recent(start);
    if (!fill || !recent) return undefined;
    this.#lookAhead(piece);
    this.#countCoalesced(fill);
    if (!fill.hasReceived(piece)) this.#tasted = piece;
    const bytes = recent.bytes.subarray(0, end - start);
    return { bytes, hit: this.#held.has(piece), release: recent.block.use() };
  }

  /** Undefined when things have changed meanwhile and must be looked at anew. */
  async #fromDisk({ start, end }: ByteRange, size: number): Promise<Portion | undefined> {
    const object = this.#object;
    const piece = object.pieceAt(start);
    this.#lookAhead(piece);
    if (object.pieces.has(piece)) {
      if (!object.checked.has(piece)) {
        await this.#deps.checker.check(object, piece);
        return undefined;
      }
      return this.#readHeld(piece, start, Math.min(end, start + size));
    }
    let fill = this.#fills.claims.get(piece);
    if (!fill) {
      // It was there a moment ago: damaged on disk, say.
      this.#fills.schedule([this]);
      fill = this.#fills.claims.get(piece);
    }
    if (!fill) {
      const { problem } = this.#fills;
      if (problem !== undefined) await this.#recover(problem);
      else await this.#change((wake) => this.#fills.onChange(wake));
      return undefined;
    }
    this.#countCoalesced(fill);
    const readable = fill.readableEnd(start);
    if (readable > start) {
      if (!fill.hasReceived(piece)) this.#tasted = piece;
      return this.#files.read(piece, start, Math.min(end, start + size, readable));
    }
    await this.#change((wake) => fill.onProgress(wake));
    return undefined;
  }

  /** After a disk has failed the next attempt may find room, or another drive. @throws problem */
  async #recover(problem: unknown): Promise<void> {
    if (!isDiskError(problem) || ++this.#recovered > maxRecovered) throw problem;
    if (!(await this.#fills.store.recover(this.#object))) throw problem;
    this.#fills.retry(this);
  }

  /** Reads over as many pieces as are there; damage makes the piece a missing one. */
  async #readHeld(piece: number, start: number, end: number): Promise<Portion | undefined> {
    try {
      return await this.#files.read(piece, start, this.#files.endOfHeld(piece, end));
    } catch (error) {
      this.#fills.store.lose(this.#object, piece, error);
      return undefined;
    }
  }

  /** Has fetched what is missing at the piece and further on. */
  #lookAhead(piece: number): void {
    if (piece === this.#lookedAt) return;
    this.#lookedAt = piece;
    this.#fills.schedule([this]);
  }

  #countCoalesced(fill: Fill): void {
    if (this.#coalesced || this.#own.has(fill)) return;
    this.#coalesced = true;
    this.#fills.counters.Coalesced++;
  }

  #change(when: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      when(resolve);
    });
  }
}
