import { digestLength } from './limits.ts';

/** A pieces hash file (wire.md §1): one SHA-256 per piece. Worth nothing before `verifyPiecesHashFile`. */
export interface PiecesHashFile {
  majorVersion: 1;
  minorVersion: 0;
  /** Base64, as stated in the file: the file's own claim, not a proof. */
  hashOfHashes: string;
  /** Bytes. */
  contentLength: number;
  /** Bytes. */
  pieceSize: number;
  /** The digests of all pieces in order, 32 bytes each. */
  digests: Uint8Array;
}

/** The 32-byte digest of piece `i`: a view, not a copy. @throws RangeError when there is no such piece. */
export function pieceDigest(phf: PiecesHashFile, i: number): Uint8Array {
  const count = phf.digests.length / digestLength;
  if (!Number.isInteger(i) || i < 0 || i >= count) throw new RangeError(`piece ${i} of ${count}`);
  return phf.digests.subarray(i * digestLength, (i + 1) * digestLength);
}
