import { encodeBase64Digest } from './base64-digest.ts';
import { digestLength } from './limits.ts';
import type { PiecesHashFile } from './pieces-hash-file.ts';

/** The text of a pieces hash file: JSON without spaces, keys in the order of wire.md §1. */
export function formatPiecesHashFile(phf: PiecesHashFile): string {
  const pieces: string[] = [];
  for (let at = 0; at < phf.digests.length; at += digestLength) {
    pieces.push(encodeBase64Digest(phf.digests, at));
  }
  return JSON.stringify({
    MajorVersion: phf.majorVersion,
    MinorVersion: phf.minorVersion,
    HashOfHashes: phf.hashOfHashes,
    ContentLength: phf.contentLength,
    PieceSize: phf.pieceSize,
    Pieces: pieces,
  });
}
