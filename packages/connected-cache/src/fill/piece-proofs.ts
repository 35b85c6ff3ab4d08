import { type PiecesHashFile, pieceDigest } from '@sluice/protocol';
import type { StoredObject } from '../store/stored-object.ts';

/** A piece that was wrong so often is not fetched again. */
const maxBad = 3;

/** What the pieces of one object must be, when that is known. */
export class PieceProofs {
  #phf: PiecesHashFile | undefined;
  readonly #bad = new Map<number, number>();

  /** Takes a hash list that is to be trusted; one of another object or other pieces does not count. */
  take(phf: PiecesHashFile, { length, geometry }: StoredObject): boolean {
    if (phf.contentLength !== length || phf.pieceSize !== geometry.pieceSize) return false;
    this.#phf = phf;
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
    return times >= maxBad;
  }
}
