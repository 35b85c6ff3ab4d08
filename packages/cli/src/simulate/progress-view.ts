import type { Progress, Scenario } from '@sluice/simulator';
import { formatElapsed } from '../terminal/format.ts';
import type { ProgressView } from '../terminal/progress-line.ts';

const defaultPieceBytes = 1 << 20;

/** How far the whole fleet is; in place of a rate, the virtual time. */
export function progressView(progress: Progress, { content }: Scenario): ProgressView {
  const { pieceBytes = defaultPieceBytes } = content;
  return {
    done: progress.pieces * pieceBytes,
    total: progress.ofPieces * pieceBytes,
    rate: 0,
    shares: [],
    state: `${formatElapsed(progress.nowMs)}, ${progress.complete} of ${progress.devices} complete`,
  };
}
