import {
  computeHashOfHashes,
  defaultPieceSize,
  maxPieceSize,
  maxPieces,
  minPieceSize,
  type PiecesHashFile,
  sluiceError,
} from '@sluice/protocol';
import { withSteadyFile } from './open-for-hashing.ts';
import { digestPieces, type HashingOptions } from './piece-digests.ts';

/**
 * The pieces hash file of a file on disk (wire.md §1). Memory does not grow with the file but for
 * its digests.
 * @param options.pieceSize bytes per piece, `defaultPieceSize` when not given.
 * @throws InvalidArgument for a piece size out of bounds, PhfTooLarge when the file has too many
 *   pieces, FileUnreadable, FileChanged when it was written to meanwhile, Cancelled.
 */
export async function createPiecesHashFile(
  path: string,
  options: HashingOptions & { pieceSize?: number | undefined } = {},
): Promise<PiecesHashFile> {
  const { pieceSize = defaultPieceSize, ...rest } = options;
  if (!Number.isInteger(pieceSize) || pieceSize < minPieceSize || pieceSize > maxPieceSize) {
    throw sluiceError('InvalidArgument', {
      name: 'piece size',
      detail: `${pieceSize} is not a whole number from ${minPieceSize} to ${maxPieceSize}`,
    });
  }
  return withSteadyFile(path, async ({ fd, size }) => {
    if (size > maxPieces * pieceSize) {
      throw sluiceError('PhfTooLarge', {
        detail: `more than ${maxPieces} pieces of ${pieceSize} bytes`,
      });
    }
    const unsigned = {
      majorVersion: 1,
      minorVersion: 0,
      contentLength: size,
      pieceSize,
      digests: await digestPieces(fd, { contentLength: size, pieceSize }, rest),
    } as const;
    return { ...unsigned, hashOfHashes: computeHashOfHashes(unsigned) };
  });
}
