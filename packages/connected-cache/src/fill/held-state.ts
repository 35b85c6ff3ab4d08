import type { ByteRange, PieceMap } from '@sluice/protocol';
import type { StoredObject } from '../store/stored-object.ts';

/** How much of what is asked for need not come from the source any more: all, nothing, or some. */
export type HeldState = 'HIT' | 'MISS' | 'PARTIAL';

export function heldState(
  pieces: PieceMap,
  object: StoredObject,
  ranges: readonly ByteRange[],
): HeldState {
  let held = false;
  let missing = false;
  for (const { start, end } of ranges) {
    const [first, last] = [object.pieceAt(start), object.pieceAt(end - 1)];
    const set = pieces.nextSet(first);
    const clear = pieces.nextClear(first);
    held ||= set >= 0 && set <= last;
    missing ||= clear >= 0 && clear <= last;
  }
  if (!missing) return 'HIT';
  return held ? 'PARTIAL' : 'MISS';
}
