import { readFile, stat } from 'node:fs/promises';
import {
  formatPiecesHashFile,
  isSluiceError,
  maxPhfBytes,
  type PieceGeometry,
  type PiecesHashFile,
  parsePiecesHashFile,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import { errnoOf } from './disk-error.ts';
import type { FileOps } from './file-ops.ts';
import { writeAtomically } from './write-atomically.ts';

/** The hash list of a stored content as a pieces hash file. */
export function asPhf(
  geometry: PieceGeometry,
  hashOfHashes: string,
  digests: Uint8Array,
): PiecesHashFile {
  const { contentLength, pieceSize } = geometry;
  return { majorVersion: 1, minorVersion: 0, hashOfHashes, contentLength, pieceSize, digests };
}

export async function writeStoredDigests(
  path: string,
  phf: PiecesHashFile,
  files: FileOps,
): Promise<void> {
  await writeAtomically(path, formatPiecesHashFile(phf), { files });
}

/** The digests in a stored PHF; undefined when there is none, or it is damaged or of other content. */
export async function readStoredDigests(
  path: string,
  geometry: PieceGeometry,
  hashOfHashes: string,
): Promise<Uint8Array | undefined> {
  try {
    if ((await stat(path)).size > maxPhfBytes) return undefined;
    const phf = parsePiecesHashFile(await readFile(path));
    verifyPiecesHashFile(phf, hashOfHashes);
    const same =
      phf.contentLength === geometry.contentLength && phf.pieceSize === geometry.pieceSize;
    return same ? phf.digests : undefined;
  } catch (error) {
    if (isSluiceError(error) || errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
