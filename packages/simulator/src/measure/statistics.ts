/** The value that a part of the sorted values does not exceed (nearest rank); NaN of none. */
export function percentile(sorted: readonly number[], part: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
}

/** Jain's fairness index: 1 when all are equal, 1/n when one has everything; 1 of nothing. */
export function jainIndex(values: readonly number[]): number {
  let sum = 0;
  let squares = 0;
  for (const v of values) {
    sum += v;
    squares += v * v;
  }
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}
