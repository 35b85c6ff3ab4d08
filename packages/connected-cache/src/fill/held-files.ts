import type { PieceMap } from '@sluice/protocol';
import type { BufferPool } from '../store/buffer-pool.ts';
import type { CacheStore } from '../store/cache-store.ts';
import { diskError } from '../store/disk-error.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import { readFrom } from '../store/read-from.ts';
import type { DataFile } from '../store/store-files.ts';
import type { StoredObject } from '../store/stored-object.ts';

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
  file: DataFile;
  /** In the file. */
  offset: number;
  length: number;
  hit: boolean;
  /** To be called when the file is used no more. */
  release(): void;
}

/** The files of one object as one reader uses them: none goes while bytes of it are read or sent. */
export class HeldFiles {
  readonly #object: StoredObject;
  readonly #store: CacheStore;
  readonly #held: PieceMap;
  readonly #pool: BufferPool;
  readonly #kernel: KernelFiles | undefined;

  /** @param held the pieces that were held when the reading began */
  constructor(
    of: { object: StoredObject; store: CacheStore },
    held: PieceMap,
    { pool, kernel }: { pool: BufferPool; kernel: KernelFiles | undefined },
  ) {
    this.#object = of.object;
    this.#store = of.store;
    this.#held = held;
    this.#pool = pool;
    this.#kernel = kernel;
  }

  /** Up to where, `end` at most, the pieces from this one on are there in the same file. */
  endOfHeld(piece: number, end: number): number {
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

  /** Where the bytes lie, for those who send them from there. @throws what the disk throws */
  async run(piece: number, start: number, end: number): Promise<StoredRun> {
    const segment = this.#object.segmentOf(piece)!;
    this.#store.pin(segment);
    const release = () => this.#store.unpin(segment);
    try {
      const file = await segment.file();
      const offset = start - segment.start;
      return { file, offset, length: end - start, hit: this.#held.has(piece), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Some of the bytes, the first of them at least. @throws what the disk throws */
  async read(piece: number, start: number, end: number): Promise<Portion> {
    const store = this.#store;
    const segment = this.#object.segmentOf(piece)!;
    store.pin(segment);
    try {
      const buffer = this.#pool.take(end - start);
      try {
        const length = Math.min(end - start, buffer.bytes.length);
        const file = await segment.file();
        const into = buffer.bytes.subarray(0, length);
        const bytesRead = await readFrom(file, into, start - segment.start, this.#kernel);
        if (bytesRead === 0) throw new Error('the file ends too early');
        const bytes = buffer.bytes.subarray(0, bytesRead);
        return { bytes, hit: this.#held.has(piece), release: buffer.release };
      } catch (error) {
        buffer.release();
        throw diskError(error, segment.drive.folder);
      }
    } finally {
      store.unpin(segment);
    }
  }
}
