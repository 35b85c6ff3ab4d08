/**
 * Finds what has the earliest time, where times only grow, in O(1) amortised: one look at all serves a hundredth of
 * them, as whatever is joined in between is later than what is not. To keep an order would cost something at every
 * join, for what is needed only where a limit is met.
 */
export class Oldest<T> {
  /** Those whose times were not after `#latest`, the latest first. */
  #found: { one: T; joinedAt: number }[] = [];
  #latest = Number.NEGATIVE_INFINITY;

  /** @param all not empty @param joinedAtOf its time now, or anything else that grows */
  of(
    all: { get(key: string): T | undefined; values(): Iterable<T> },
    keyOf: (one: T) => string,
    joinedAtOf: (one: T) => number,
  ): T {
    for (let last = this.#found.at(-1); last; last = this.#found.at(-1)) {
      const { one } = last;
      const joinedAt = all.get(keyOf(one)) === one ? joinedAtOf(one) : Number.POSITIVE_INFINITY;
      if (joinedAt === last.joinedAt) return one;
      this.#found.pop();
      if (joinedAt > this.#latest) continue;
      const at = this.#found.findLastIndex((other) => other.joinedAt >= joinedAt) + 1;
      this.#found.splice(at, 0, { one, joinedAt });
    }
    const times = Float64Array.from(all.values(), joinedAtOf).sort();
    this.#latest = times[Math.floor(times.length / 100)]!;
    this.#found = Array.from(all.values(), (one) => ({ one, joinedAt: joinedAtOf(one) }))
      .filter(({ joinedAt }) => joinedAt <= this.#latest)
      .reverse()
      .sort((a, b) => b.joinedAt - a.joinedAt);
    return this.#found.at(-1)!.one;
  }
}
