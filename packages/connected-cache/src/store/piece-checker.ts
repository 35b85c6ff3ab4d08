import { crc32 } from 'node:zlib';
import type { BufferPool } from './buffer-pool.ts';
import type { CacheStore } from './cache-store.ts';
import type { Segment } from './segment.ts';
import type { StoredObject } from './stored-object.ts';

const step = 256 * 1024;

/**
 * Checks pieces that an earlier process left on disk against their CRC-32, once, before a byte of
 * them is served: the machine may have gone down before they were there, or a disk may have rotted.
 */
export class PieceChecker {
  readonly #store: CacheStore;
  readonly #pool: BufferPool;
  readonly #running = new Map<StoredObject, Map<number, Promise<void>>>();

  constructor(store: CacheStore, pool: BufferPool) {
    this.#store = store;
    this.#pool = pool;
  }

  /** Afterwards the piece is checked, or there no more. */
  check(object: StoredObject, piece: number): Promise<void> {
    const ofObject = this.#running.get(object) ?? new Map<number, Promise<void>>();
    this.#running.set(object, ofObject);
    let running = ofObject.get(piece);
    if (!running) {
      running = this.#check(object, piece).finally(() => {
        ofObject.delete(piece);
        if (ofObject.size === 0) this.#running.delete(object);
      });
      ofObject.set(piece, running);
    }
    return running;
  }

  async #check(object: StoredObject, piece: number): Promise<void> {
    const segment = object.segmentOf(piece)!;
    this.#store.use(object);
    this.#store.pin(segment);
    try {
      const crc = await this.#crcOnDisk(segment, piece);
      if (!segment.isCurrent || !object.pieces.has(piece)) return;
      if (crc === object.crcOf(piece)) object.checked.set(piece);
      else this.#store.lose(object, piece);
    } catch (error) {
      this.#store.lose(object, piece, error);
    } finally {
      this.#store.unpin(segment);
      this.#store.unuse(object);
    }
  }

  /** @returns undefined when the file ends before the piece does */
  async #crcOnDisk(segment: Segment, piece: number): Promise<number | undefined> {
    const { object } = segment;
    const start = piece * object.geometry.pieceSize - segment.start;
    const end = start + object.pieceLength(piece);
    const file = await segment.file();
    const buffer = this.#pool.take(step);
    let crc = 0;
    try {
      for (let at = start; at < end; ) {
        const length = Math.min(buffer.bytes.length, end - at);
        const { bytesRead } = await file.read(buffer.bytes, 0, length, at);
        if (bytesRead === 0) return undefined;
        crc = crc32(buffer.bytes.subarray(0, bytesRead), crc);
        at += bytesRead;
      }
      return crc;
    } finally {
      buffer.release();
    }
  }
}
