/** SHA-256 over files on disk, off the event loop: whole, or piece by piece. */
export { createPiecesHashFile } from './create-pieces-hash-file.ts';
export { digestPieces, type HashingOptions } from './piece-digests.ts';
export { sha256OfFile } from './sha256-of-file.ts';
export { verifyFileAgainst } from './verify-file.ts';
