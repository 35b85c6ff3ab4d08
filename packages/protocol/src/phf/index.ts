export { formatPiecesHashFile } from './format.ts';
export { computeHashOfHashes, verifyPiecesHashFile } from './hash-of-hashes.ts';
export {
  defaultPieceSize,
  maxPhfBytes,
  maxPieceSize,
  maxPieces,
  minPieceSize,
} from './limits.ts';
export { parsePiecesHashFile } from './parse.ts';
export { type PiecesHashFile, pieceDigest } from './pieces-hash-file.ts';
export { PiecesHasher } from './pieces-hasher.ts';
