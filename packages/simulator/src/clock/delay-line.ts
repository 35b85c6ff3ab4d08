/** What is on its way for the same time each: first in, first out, without a heap. */
class DelayLine {
  readonly delayMs: number;
  #at: number[] = [];
  #fns: (() => void)[] = [];
  #head = 0;

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  get nextAt(): number {
    return this.#at[this.#head] ?? Number.POSITIVE_INFINITY;
  }

  get waiting(): number {
    return this.#at.length - this.#head;
  }

  push(now: number, fn: () => void): void {
    this.#at.push(now + this.delayMs);
    this.#fns.push(fn);
  }

  fireDue(now: number): void {
    while (this.nextAt <= now) this.#fns[this.#head++]!();
    // Now and then: copying at each would cost more than it frees.
    if (this.#head < Math.max(64, this.#at.length / 2)) return;
    this.#at = this.#at.slice(this.#head);
    this.#fns = this.#fns.slice(this.#head);
    this.#head = 0;
  }
}

/**
 * Delays of which there are few different ones (latencies, the time to verify a piece) and very many
 * of each: a queue for each value, where a heap of all would cost a logarithm per message.
 */
export class DelayLines {
  readonly #lines = new Map<number, DelayLine>();

  /** Calls `fn` in `delayMs` from `now`; in order among those of the same delay. */
  after(now: number, delayMs: number, fn: () => void): void {
    let line = this.#lines.get(delayMs);
    if (!line) {
      line = new DelayLine(delayMs);
      this.#lines.set(delayMs, line);
    }
    line.push(now, fn);
  }

  /** When the next falls due, ms; Infinity when nothing is on its way. */
  get nextAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const line of this.#lines.values()) at = Math.min(at, line.nextAt);
    return at;
  }

  /** How many are on their way. */
  get waiting(): number {
    let n = 0;
    for (const line of this.#lines.values()) n += line.waiting;
    return n;
  }

  fireDue(now: number): void {
    for (const line of this.#lines.values()) line.fireDue(now);
  }
}
