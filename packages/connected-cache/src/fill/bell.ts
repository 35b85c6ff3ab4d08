/** Those who wait for the next time that something happens. */
export class Bell {
  #waiting: (() => void)[] = [];

  /** Calls `fn` once, the next time. */
  wait(fn: () => void): void {
    this.#waiting.push(fn);
  }

  tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const fn of waiting) fn();
  }
}
