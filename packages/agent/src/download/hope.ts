/** For how long a transfer that nobody connected can bring to its end has waited for somebody new. */
export class Hope {
  #since: number | undefined;

  /** @param hopeMs how long peers may yet come, ms. @returns whether it is in vain to wait on. */
  isOver(isStuck: boolean, now: number, hopeMs: () => number): boolean {
    if (!isStuck) {
      this.#since = undefined;
      return false;
    }
    this.#since ??= now;
    return now - this.#since >= hopeMs();
  }
}
