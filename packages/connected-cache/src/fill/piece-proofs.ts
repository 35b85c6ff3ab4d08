import { createHash } from 'node:crypto';
import { type PiecesHashFile, pieceDigest } from '@sluice/protocol';
import type { CacheStore } from '../store/cache-store.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { FoundHashList } from './hash-lists.ts';

/** A piece that was wrong so often is not fetched again. */
const maxBad = 3;
/** A list that nobody vouches for is given up when a piece was wrong so often: it may be the list. */
const maxBadOfGuess = 2;
const step = 256 * 1024;

/** What the pieces of one object must be, when that is known. */
export class PieceProofs {
  #phf: PiecesHashFile | undefined;
  #trusted = false;
  readonly #bad = new Map<number, number>();

  /** @returns false when the list is of another object, or has other pieces than the cache */
  take({ phf, trusted }: FoundHashList, { length, geometry }: StoredObject): boolean {
    if (phf.contentLength !== length || phf.pieceSize !== geometry.pieceSize) return false;
    this.#phf = phf;
    this.#trusted = trusted;
    return true;
  }

  /** SHA-256. */
  digestOf(piece: number): Uint8Array | undefined {
    return this.#phf && pieceDigest(this.#phf, piece);
  }

  /** A piece was wrong. @returns whether that is enough */
  failed(piece: number): boolean {
    const times = (this.#bad.get(piece) ?? 0) + 1;
    this.#bad.set(piece, times);
    if (!this.#trusted && times >= maxBadOfGuess) this.#phf = undefined;
    return this.#phf !== undefined && times >= maxBad;
  }

  /** Whether a piece on disk, kept before the list was there, is what it should be. @throws what reading throws */
  async holds(store: CacheStore, object: StoredObject, piece: number): Promise<boolean> {
    const segment = object.segmentOf(piece);
    if (!segment) return true;
    store.pin(segment);
    try {
      const file = await segment.file();
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(step);
      const start = piece * object.geometry.pieceSize - segment.start;
      const end = start + object.pieceLength(piece);
      for (let at = start; at < end; ) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(step, end - at), at);
        if (bytesRead === 0) return false;
        hash.update(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
      const digest = this.digestOf(piece);
      return digest === undefined || hash.digest().equals(digest);
    } finally {
      store.unpin(segment);
    }
  }
}
