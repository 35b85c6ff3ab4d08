import type { Expectations } from '../scenario/schema.ts';
import type { Report } from './report.ts';

/** A limit of the scenario, and how the run stands to it. */
export interface Verdict {
  name: keyof Expectations;
  limit: number;
  value: number;
  isMet: boolean;
}

const values: Record<keyof Expectations, (report: Report) => number> = {
  p50Ratio: (r) => r.ratio.p50,
  p95Ratio: (r) => r.ratio.p95,
  p99Ratio: (r) => r.ratio.p99,
  p999Ratio: (r) => r.ratio.p999,
  lastRatio: (r) => r.ratio.last,
  lastSeconds: (r) => r.times.last,
  sourceCopies: (r) => r.sourceCopies,
  siteCopies: (r) => r.siteCopies.most,
  duplicates: (r) => r.duplicates,
  toHttpAlone: (r) => r.toHttpAlone,
  minPeerShare: (r) => r.peerShare,
  minCacheShare: (r) => r.cacheShare,
  minFairness: (r) => r.fairness,
  incomplete: (r) => r.incomplete,
};

/** Holds a run to what its scenario expects; that all are complete goes without saying. */
export function judge(expect: Expectations | undefined, report: Report): Verdict[] {
  const limits = { incomplete: 0, ...expect };
  return Object.entries(limits).flatMap(([key, limit]) => {
    const name = key as keyof Expectations;
    const value = values[name](report);
    const isMet = name.startsWith('min') ? value >= limit : value <= limit;
    return [{ name, limit, value, isMet }];
  });
}
