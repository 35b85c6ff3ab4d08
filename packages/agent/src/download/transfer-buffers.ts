import { createPieceBufferPool, type PieceBufferPool } from '../store/index.ts';

/** Pieces that wait for the disk: enough that its threads never wait for the network. */
const maxFullBytes = 16 << 20;
const minFull = 4;

/** The piece buffers of one transfer. @param maxBytes ceiling of all together. */
export function transferBuffers(pieceSize: number, maxBytes: number): PieceBufferPool {
  const maxFull = Math.max(minFull, Math.ceil(maxFullBytes / pieceSize));
  return createPieceBufferPool({ pieceSize, maxBytes, maxFull });
}
