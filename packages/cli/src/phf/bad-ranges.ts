import { type ByteRange, type PieceGeometry, runRange } from '@sluice/protocol';

interface BadRange extends ByteRange {
  /** For people: `pieces 3-5 are bad (bytes 3145728-6291455)`. */
  text: string;
}

/** Bad pieces in a row as one range each. @param badPieces ascending. */
export function badRanges(g: PieceGeometry, badPieces: readonly number[]): BadRange[] {
  const runs: { first: number; count: number }[] = [];
  for (const piece of badPieces) {
    const last = runs.at(-1);
    if (last && piece === last.first + last.count) last.count++;
    else runs.push({ first: piece, count: 1 });
  }
  return runs.map((run) => {
    const { start, end } = runRange(g, run);
    const pieces =
      run.count === 1
        ? `piece ${run.first} is bad`
        : `pieces ${run.first}-${run.first + run.count - 1} are bad`;
    return { start, end, text: `${pieces} (bytes ${start}-${end - 1})` };
  });
}
