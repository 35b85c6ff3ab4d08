/** Who has what is missing and sends nothing of it for so long, for whatever reason, is no hope, ms. */
const barrenMs = 300_000;

/** How a transfer stands. */
export interface Prospects {
  /** HTTP or a cache host may bring the rest. */
  hasOrigin: boolean;
  /** Nobody connected has what is missing. */
  isStuck: boolean;
  /** Bytes that came so far. */
  received: number;
}

/** For how long a transfer that nobody connected brings to its end has waited for somebody new. */
export class Hope {
  #since: number | undefined;
  #received = -1;
  #cameAt = 0;

  /** @param hopeMs how long peers may yet come, ms. @returns whether it is in vain to wait on. */
  isOver({ hasOrigin, isStuck, received }: Prospects, now: number, hopeMs: () => number): boolean {
    if (hasOrigin || received !== this.#received) {
      this.#received = received;
      this.#cameAt = now;
    }
    if (hasOrigin || !(isStuck || now - this.#cameAt >= barrenMs)) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= now;
    return now - this.#since >= hopeMs();
  }
}
