import { median } from '../measure/statistics.ts';

/**
 * How much a series grew: median of its last quarter ÷ median of its first. Undefined for less than
 * eight samples.
 */
export function growthOf(series: readonly number[]): number | undefined {
  const quarter = series.length >> 2;
  if (quarter < 2) return undefined;
  return median(series.slice(-quarter)) / median(series.slice(0, quarter));
}
