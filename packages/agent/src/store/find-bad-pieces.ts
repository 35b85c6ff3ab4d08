import type { FileHandle } from 'node:fs/promises';
import type { PieceGeometry, PieceMap } from '@sluice/protocol';
import { digestPieces } from '../hashing/index.ts';

const digestLength = 32;

/** Which of `pieces` differ on the disk from their digests; none when no digests are known. */
export async function findBadPieces(
  data: FileHandle,
  geometry: PieceGeometry,
  pieces: PieceMap,
  digests: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  if (!digests) return [];
  const actual = await digestPieces(data.fd, geometry, { wanted: pieces, signal });
  const bad: number[] = [];
  for (let p = pieces.nextSet(0); p !== -1; p = pieces.nextSet(p + 1)) {
    const at = p * digestLength;
    const [is, shouldBe] = [actual, digests].map((d) => d.subarray(at, at + digestLength));
    if (Buffer.compare(is!, shouldBe!) !== 0) bad.push(p);
  }
  return bad;
}
