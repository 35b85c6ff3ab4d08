/** Upper bounds of the buckets, ms: from what a warm answer takes to what a cold source may. */
export const bucketsMs = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000];

/** A `Histogram` as it comes out of another thread. */
export type CountedTimes = Pick<Histogram, 'counts' | 'sum' | 'count'>;

/** How long things took. */
export class Histogram {
  /** By bucket, the last one for what took longer than all bounds. */
  readonly counts: number[] = new Array(bucketsMs.length + 1).fill(0);
  sum = 0;
  count = 0;

  add(ms: number): void {
    const at = bucketsMs.findIndex((bound) => ms <= bound);
    this.counts[at < 0 ? bucketsMs.length : at]!++;
    this.sum += ms;
    this.count++;
  }

  merge({ counts, sum, count }: CountedTimes): void {
    for (const [i, n] of counts.entries()) this.counts[i]! += n;
    this.sum += sum;
    this.count += count;
  }

  /** The bound below which this share of them lies; 0 when there are none. */
  quantile(share: number): number {
    let left = share * this.count;
    for (const [i, count] of this.counts.entries()) {
      left -= count;
      if (count > 0 && left <= 0) return bucketsMs[i] ?? Number.POSITIVE_INFINITY;
    }
    return 0;
  }
}
