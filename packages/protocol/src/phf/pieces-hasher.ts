import { createHash, type Hash } from 'node:crypto';
import { sluiceError } from '../errors/index.ts';
import { computeHashOfHashes } from './hash-of-hashes.ts';
import { defaultPieceSize, digestLength, maxPieceSize, maxPieces, minPieceSize } from './limits.ts';
import type { PiecesHashFile } from './pieces-hash-file.ts';

/**
 * Makes the pieces hash file of content that streams by, in one pass, for any size.
 * Holds 32 bytes per piece, never content.
 *
 *     const hasher = new PiecesHasher();
 *     for await (const chunk of file) hasher.update(chunk);
 *     const phf = hasher.finish();
 */
export class PiecesHasher {
  readonly #pieceSize: number;
  #hash: Hash | undefined;
  /** Bytes of the current piece hashed so far; below the piece size. */
  #inPiece = 0;
  #contentLength = 0;
  #digests = new Uint8Array(64 * digestLength);
  #count = 0;
  #finished = false;

  /**
   * @param options.pieceSize bytes per piece, `defaultPieceSize` when not given.
   * @throws InvalidArgument when the piece size is out of bounds.
   */
  constructor(options: { pieceSize?: number } = {}) {
    const size = options.pieceSize ?? defaultPieceSize;
    if (!Number.isInteger(size) || size < minPieceSize || size > maxPieceSize) {
      throw sluiceError('InvalidArgument', {
        name: 'piece size',
        detail: `${size} is not a whole number from ${minPieceSize} to ${maxPieceSize}`,
      });
    }
    this.#pieceSize = size;
  }

  /**
   * Hashes the next bytes of the content, any number of them; may be reused after the call.
   * @throws PhfTooLarge when the content has more than `maxPieces` pieces.
   */
  update(chunk: Uint8Array): void {
    if (this.#finished) throw sluiceError('Internal', { detail: 'update of a finished hasher' });
    let at = 0;
    while (at < chunk.length) {
      const end = Math.min(chunk.length, at + this.#pieceSize - this.#inPiece);
      this.#hash ??= this.#nextPiece();
      this.#hash.update(end - at === chunk.length ? chunk : chunk.subarray(at, end));
      this.#inPiece += end - at;
      this.#contentLength += end - at;
      if (this.#inPiece === this.#pieceSize) this.#endPiece(this.#hash);
      at = end;
    }
  }

  /** The hash list of all that came, its HashOfHashes computed. Ends the hasher. */
  finish(): PiecesHashFile {
    if (this.#finished) throw sluiceError('Internal', { detail: 'finish of a finished hasher' });
    this.#finished = true;
    if (this.#hash) this.#endPiece(this.#hash);
    const unsigned = {
      majorVersion: 1,
      minorVersion: 0,
      contentLength: this.#contentLength,
      pieceSize: this.#pieceSize,
      digests: this.#digests.slice(0, this.#count * digestLength),
    } as const;
    return { ...unsigned, hashOfHashes: computeHashOfHashes(unsigned) };
  }

  #nextPiece(): Hash {
    if (this.#count === maxPieces) {
      throw sluiceError('PhfTooLarge', {
        detail: `more than ${maxPieces} pieces of ${this.#pieceSize} bytes`,
      });
    }
    return createHash('sha256');
  }

  #endPiece(hash: Hash): void {
    const at = this.#count * digestLength;
    if (at === this.#digests.length) {
      const larger = new Uint8Array(this.#digests.length * 2);
      larger.set(this.#digests);
      this.#digests = larger;
    }
    this.#digests.set(hash.digest(), at);
    this.#count++;
    this.#hash = undefined;
    this.#inPiece = 0;
  }
}
