type Call = (target: never, value: never) => void;

/** What is on its way for the same time each: first in, first out, without a heap; a ring of calls to be made. */
export class DelayLine {
  readonly delayMs: number;
  #at = new Float64Array(64);
  #calls: Call[] = [];
  #targets: unknown[] = [];
  #values: unknown[] = [];
  #head = 0;
  waiting = 0;

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  get nextAt(): number {
    return this.waiting === 0 ? Number.POSITIVE_INFINITY : this.#at[this.#head]!;
  }

  /**
   * Calls `call(target, value)` in `delayMs` from `now`. With a `call` that is made once for all, a message on its way
   * is no object of its own.
   */
  after<T, V>(now: number, call: (target: T, value: V) => void, target: T, value: V): void {
    if (this.waiting === this.#at.length) this.#grow();
    const k = (this.#head + this.waiting++) % this.#at.length;
    this.#at[k] = now + this.delayMs;
    this.#calls[k] = call;
    this.#targets[k] = target;
    this.#values[k] = value;
  }

  fireDue(now: number): void {
    while (this.nextAt <= now) {
      const k = this.#head;
      this.#head = (k + 1) % this.#at.length;
      this.waiting--;
      this.#calls[k]!(this.#targets[k] as never, this.#values[k] as never);
    }
  }

  #grow(): void {
    const inOrder = <T>(ring: T[]) => [...ring.slice(this.#head), ...ring.slice(0, this.#head)];
    const at = inOrder([...this.#at]);
    this.#at = new Float64Array(2 * at.length);
    this.#at.set(at);
    this.#calls = inOrder(this.#calls);
    this.#targets = inOrder(this.#targets);
    this.#values = inOrder(this.#values);
    this.#head = 0;
  }
}

/**
 * Delays of which there are few different ones (latencies, the time to verify a piece) and very many
 * of each: a queue for each value, where a heap of all would cost a logarithm per message.
 */
export class DelayLines {
  readonly #lines = new Map<number, DelayLine>();

  /** All that is on its way for so long goes over the same line, ms. */
  of(delayMs: number): DelayLine {
    let line = this.#lines.get(delayMs);
    if (!line) {
      line = new DelayLine(delayMs);
      this.#lines.set(delayMs, line);
    }
    return line;
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
