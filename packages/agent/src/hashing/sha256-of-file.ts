import { createHash } from 'node:crypto';
import { withSteadyFile } from './open-for-hashing.ts';
import { digestPieces, type HashingOptions } from './piece-digests.ts';

/**
 * The SHA-256 of a whole file, 64 lower-case hex digits, hashed on a thread of its own.
 * @throws FileUnreadable, FileChanged when it was written to meanwhile, Cancelled.
 */
export async function sha256OfFile(path: string, options: HashingOptions = {}): Promise<string> {
  return withSteadyFile(path, async ({ fd, size }) => {
    if (size === 0) return createHash('sha256').digest('hex');
    // To the digest threads a whole file is a file of one piece.
    const digest = await digestPieces(fd, { contentLength: size, pieceSize: size }, options);
    return Buffer.from(digest).toString('hex');
  });
}
