import { createHash } from 'node:crypto';
import { sluiceError } from '../errors/index.ts';
import type { PiecesHashFile } from './pieces-hash-file.ts';

/**
 * The HashOfHashes of a hash list, recomputed (wire.md §1): base64 of the SHA-256 of the version,
 * the content length, the piece size and all digests.
 */
export function computeHashOfHashes(phf: Omit<PiecesHashFile, 'hashOfHashes'>): string {
  const head = new DataView(new ArrayBuffer(16));
  head.setUint16(0, phf.majorVersion, true);
  head.setUint16(2, phf.minorVersion, true);
  head.setBigUint64(4, BigInt(phf.contentLength), true);
  head.setUint32(12, phf.pieceSize, true);
  return createHash('sha256').update(head).update(phf.digests).digest('base64');
}

/**
 * Checks that the hash list is the one `trustedHashOfHashes` stands for. What the file itself states
 * plays no part. After this every digest, the length and the piece size are as trusted as that hash.
 * @param trustedHashOfHashes padded base64, from an authenticated channel.
 * @throws PhfMismatch
 */
export function verifyPiecesHashFile(phf: PiecesHashFile, trustedHashOfHashes: string): void {
  const actual = computeHashOfHashes(phf);
  if (actual !== trustedHashOfHashes) {
    throw sluiceError('PhfMismatch', { actual, expected: trustedHashOfHashes });
  }
}
