import { type JobRange, sluiceError } from '@sluice/protocol';
import type { WantedRange } from '../download/fetch-ranges.ts';

const maxParts = 10_000;

/** The parts in order. @param before those that the job has already. @throws JobRangesInvalid, JobRangesOverlap. */
export function wantedRanges(ranges: readonly JobRange[], before: readonly WantedRange[] = []) {
  const parts: WantedRange[] = ranges.map(({ Offset, Length }) => ({
    start: Offset,
    end: Length === undefined ? Number.POSITIVE_INFINITY : Offset + Length,
    done: 0,
  }));
  const all = [...before, ...parts].sort((a, b) => a.start - b.start);
  if (all.length > maxParts) {
    throw sluiceError('JobRangesInvalid', { detail: `more than ${maxParts} parts` });
  }
  for (const [i, { end }] of all.entries()) {
    const next = all[i + 1];
    if (next && next.start < end) throw sluiceError('JobRangesOverlap', { offset: next.start });
  }
  return all;
}
