/** What is joined. */
interface Joined {
  /** When it was last joined: a time, or anything else that grows. */
  readonly joinedAt: number;
}

/**
 * Finds what was joined longest ago, in O(1) amortised: one look at all serves a hundredth of them, as whatever is
 * joined in between is later than what is not. To keep an order would cost something at every join, for what is
 * needed only where a limit is met.
 */
export class Oldest<T extends Joined> {
  /** The latest first. */
  #found: { one: T; joinedAt: number }[] = [];

  /** @param all not empty */
  of(all: ReadonlyMap<string, T>, keyOf: (one: T) => string): T {
    for (let next = this.#found.pop(); next; next = this.#found.pop()) {
      const { one, joinedAt } = next;
      if (all.get(keyOf(one)) === one && one.joinedAt === joinedAt) return one;
    }
    const times = Float64Array.from(all.values(), ({ joinedAt }) => joinedAt).sort();
    const latest = times[Math.floor(times.length / 100)]!;
    this.#found = Array.from(all.values())
      .filter(({ joinedAt }) => joinedAt <= latest)
      .map((one) => ({ one, joinedAt: one.joinedAt }))
      .reverse()
      .sort((a, b) => b.joinedAt - a.joinedAt);
    return this.#found.pop()!.one;
  }
}
