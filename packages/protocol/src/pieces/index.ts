export {
  type ByteRange,
  formatContentRange,
  formatRange,
  parseContentRange,
  parseRange,
} from './byte-range.ts';
export {
  type PieceGeometry,
  type PieceRun,
  pieceCount,
  pieceLength,
  pieceRange,
  runRange,
} from './geometry.ts';
export { PieceMap } from './piece-map.ts';
