import type { FileHandle } from 'node:fs/promises';
import type { ByteRange, PieceMap } from '@sluice/protocol';
import type { BufferPool } from '../store/buffer-pool.ts';
import { diskError } from '../store/disk-error.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import type { PieceChecker } from '../store/piece-checker.ts';
import { readFrom } from '../store/read-from.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { Fill } from './fill.ts';
import type { ObjectFills, Reading } from './object-fills.ts';
import type { SourceLink } from './source-link.ts';

/** Some bytes of an object. */
export interface Portion {
  bytes: Uint8Array;
  /** Whether they were held when the reading began. */
  hit: boolean;
  /** To be called when the bytes are used no more. */
  release(): void;
}

/** Where the next bytes of a reading lie on disk. */
export interface StoredRun {
  file: FileHandle;
  /** In the file. */
  offset: number;
  length: number;
  hit: boolean;
  /** To be called when the file is used no more. */
  release(): void;
}

export interface ReadingDeps {
  pool: BufferPool;
  checker: PieceChecker;
  kernel: KernelFiles | undefined;
  /** Hears of reads that failed. */
  failed(error: unknown): void;
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

/** Fills are begun when the reading is this many bytes before a missing piece, at most. */
const lookAheadBytes = 8 * 1024 * 1024;

/**
 * Reads ranges of an object for one client: from the disk what is there, from fills what is coming,
 * and has fetched what is missing.
 */
export class ObjectReading implements Reading {
  readonly #fills: ObjectFills;
  readonly #object: StoredObject;
  readonly #link: SourceLink;
  readonly #deps: ReadingDeps;
  /** What is still to be read; the first one shrinks as it goes. */
  readonly #left: ByteRange[];
  readonly #held: PieceMap;
  readonly #own = new Set<Fill>();
  /** Whether it has been counted as one. */
  #coalesced: boolean;
  #closed = false;
  #lookedAt = -1;
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
    this.#link = link;
    this.#deps = deps;
    this.#left = ranges.map((range) => ({ ...range }));
    this.#held = begun.held;
    if (begun.fill) this.#own.add(begun.fill);
    this.#coalesced = begun.shared;
    fills.store.use(this.#object);
    fills.readings.add(this);
  }

  wants(first: number, last: number): boolean {
    return this.#left.some(
      ({ start, end }) =>
        this.#object.pieceAt(start) <= last && this.#object.pieceAt(end - 1) >= first,
    );
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
      const portion = this.#fromMemory(range) ?? (await this.#fromDisk(range, size));
      if (portion) {
        range.start += portion.bytes.length;
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
    this.#lookAhead(piece, range.end);
    const end = this.#endOfHeld(piece, Math.min(range.end, range.start + lookAheadBytes));
    const { store } = this.#fills;
    const segment = object.segmentOf(piece)!;
    store.pin(segment);
    const release = () => store.unpin(segment);
    try {
      const file = await segment.file();
      const offset = range.start - segment.start;
      return { file, offset, length: end - range.start, hit: this.#held.has(piece), release };
    } catch (error) {
      release();
      this.#deps.failed(error);
      store.lose(object, piece);
      return undefined;
    }
  }

  /** So many bytes of what is stored were sent. */
  took(length: number): void {
    this.#left[0]!.start += length;
  }

  /** Ends it, at once also when `next` waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fills.readings.delete(this);
    this.#fills.store.unuse(this.#object);
    this.#wake?.();
  }

  #fromMemory({ start, end }: ByteRange): Portion | undefined {
    const piece = this.#object.pieceAt(start);
    const fill = this.#fills.claims.get(piece);
    const bytes = fill?.recent(start);
    if (!fill || !bytes) return undefined;
    this.#lookAhead(piece, end);
    this.#countCoalesced(fill);
    const hit = this.#held.has(piece);
    return { bytes: bytes.subarray(0, end - start), hit, release() {} };
  }

  /** Undefined when things have changed meanwhile and must be looked at anew. */
  async #fromDisk({ start, end }: ByteRange, size: number): Promise<Portion | undefined> {
    const object = this.#object;
    const piece = object.pieceAt(start);
    this.#lookAhead(piece, end);
    if (object.pieces.has(piece)) {
      if (!object.checked.has(piece)) {
        await this.#deps.checker.check(object, piece);
        return undefined;
      }
      return this.#readHeld(piece, start, Math.min(end, start + size));
    }
    const fill = this.#fills.claims.get(piece) ?? this.#start(piece, end);
    this.#countCoalesced(fill);
    const readable = fill.readableEnd(start);
    if (readable > start) return this.#read(piece, start, Math.min(end, start + size, readable));
    await this.#progress(fill);
    if (fill.error !== undefined && this.#isMissing(piece)) throw fill.error;
    return undefined;
  }

  /** Reads over as many pieces as are there; damage makes the piece a missing one. */
  async #readHeld(piece: number, start: number, end: number): Promise<Portion | undefined> {
    try {
      return await this.#read(piece, start, this.#endOfHeld(piece, end));
    } catch (error) {
      this.#deps.failed(error);
      this.#fills.store.lose(this.#object, piece);
      return undefined;
    }
  }

  /** Up to where, `end` at most, the pieces from this one on are there in the same file. */
  #endOfHeld(piece: number, end: number): number {
    const { pieceSize } = this.#object.geometry;
    let after = piece + 1;
    while (after * pieceSize < end && this.#continues(piece, after)) after++;
    return Math.min(end, after * pieceSize);
  }

  #continues(piece: number, next: number): boolean {
    const object = this.#object;
    return (
      object.segmentIndex(next) === object.segmentIndex(piece) &&
      object.checked.has(next) &&
      this.#held.has(next) === this.#held.has(piece)
    );
  }

  async #read(piece: number, start: number, end: number): Promise<Portion> {
    const { store } = this.#fills;
    const segment = this.#object.segmentOf(piece)!;
    store.pin(segment);
    try {
      const buffer = this.#deps.pool.take(end - start);
      try {
        const length = Math.min(end - start, buffer.bytes.length);
        const file = await segment.file();
        const into = buffer.bytes.subarray(0, length);
        const bytesRead = await readFrom(file, into, start - segment.start, this.#deps.kernel);
        if (bytesRead === 0) throw new Error('the file ends too early');
        const bytes = buffer.bytes.subarray(0, bytesRead);
        return { bytes, hit: this.#held.has(piece), release: buffer.release };
      } catch (error) {
        buffer.release();
        throw diskError(error, segment.files.directory);
      }
    } finally {
      store.unpin(segment);
    }
  }

  /** Has fetched what is missing at the piece and a little further on. */
  #lookAhead(piece: number, end: number): void {
    if (piece === this.#lookedAt || !this.#object.current) return;
    this.#lookedAt = piece;
    const { pieces, geometry } = this.#object;
    const last = Math.min(
      this.#object.pieceAt(end - 1),
      piece + Math.ceil(lookAheadBytes / geometry.pieceSize),
    );
    for (let i = pieces.nextClear(piece); i >= 0 && i <= last; i = pieces.nextClear(i + 1)) {
      if (this.#fills.claims.has(i)) continue;
      this.#start(i, end);
      return;
    }
  }

  #start(piece: number, end: number): Fill {
    const fill = this.#fills.start(piece, this.#object.pieceAt(end - 1), this.#link);
    this.#own.add(fill);
    return fill;
  }

  #countCoalesced(fill: Fill): void {
    if (this.#coalesced || this.#own.has(fill)) return;
    this.#coalesced = true;
    this.#fills.counters.Coalesced++;
  }

  #progress(fill: Fill): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      fill.onProgress(resolve);
    });
  }

  #isMissing(piece: number): boolean {
    return !this.#closed && !this.#object.pieces.has(piece) && !this.#fills.claims.has(piece);
  }
}
