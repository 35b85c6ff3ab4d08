import type { PiecesHashFile } from '@sluice/protocol';
import { digestLength } from './digest-job.ts';
import { withSteadyFile } from './open-for-hashing.ts';
import { digestPieces, type HashingOptions } from './piece-digests.ts';

/**
 * Holds a file against a pieces hash file. A piece that the file lacks, in part or wholly, is bad;
 * a file longer than the list is not ok, even when no piece is bad.
 * @param phf the list to trust; its own HashOfHashes is not looked at.
 * @throws FileUnreadable, FileChanged when the file was written to meanwhile, Cancelled.
 */
export async function verifyFileAgainst(
  path: string,
  phf: PiecesHashFile,
  options: HashingOptions = {},
): Promise<{ ok: boolean; badPieces: number[] }> {
  const { contentLength, pieceSize } = phf;
  return withSteadyFile(path, async ({ fd, size }) => {
    const present = { contentLength: Math.min(size, contentLength), pieceSize };
    const digests = await digestPieces(fd, present, options);
    const badPieces = differingPieces(digests, phf.digests);
    return { ok: size === contentLength && badPieces.length === 0, badPieces };
  });
}

function differingPieces(actual: Uint8Array, expected: Uint8Array): number[] {
  const bad: number[] = [];
  for (let at = 0; at < expected.length; at += digestLength) {
    const want = expected.subarray(at, at + digestLength);
    if (Buffer.compare(want, actual.subarray(at, at + digestLength)) !== 0) {
      bad.push(at / digestLength);
    }
  }
  return bad;
}
