import type { ByteRange } from './byte-range.ts';

/** How a content is cut: every piece has `pieceSize` bytes but the last, which has the rest. */
export interface PieceGeometry {
  /** Bytes. */
  contentLength: number;
  /** Bytes. */
  pieceSize: number;
}

/** `count` pieces in a row from piece `first`. */
export interface PieceRun {
  first: number;
  count: number;
}

export function pieceCount(g: PieceGeometry): number {
  return Math.ceil(g.contentLength / g.pieceSize);
}

/** Bytes of piece `i`. */
export function pieceLength(g: PieceGeometry, i: number): number {
  return Math.min(g.pieceSize, g.contentLength - i * g.pieceSize);
}

/** Where piece `i` lies in the content. */
export function pieceRange(g: PieceGeometry, i: number): ByteRange {
  const start = i * g.pieceSize;
  return { start, end: Math.min(start + g.pieceSize, g.contentLength) };
}

/** Where the pieces of a run lie in the content. */
export function runRange(g: PieceGeometry, run: PieceRun): ByteRange {
  const start = run.first * g.pieceSize;
  return { start, end: Math.min(start + run.count * g.pieceSize, g.contentLength) };
}
