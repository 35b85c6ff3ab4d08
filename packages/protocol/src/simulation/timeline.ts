import type { Clock } from '../clock/index.ts';

interface Timer {
  at: number;
  seq: number;
  fn: (() => void) | undefined;
}

/** A virtual clock with its timers in a heap; those of one moment fire in the order they were set. */
export class Timeline implements Clock {
  #now = 0;
  #seq = 0;
  readonly #heap: Timer[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, ms), seq: this.#seq++, fn };
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    return () => {
      timer.fn = undefined;
    };
  }

  /** When the next timer falls due, ms; Infinity without timers. */
  get nextAt(): number {
    while (this.#heap[0] && !this.#heap[0].fn) this.#pop();
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  moveTo(at: number): void {
    this.#now = at;
  }

  /** Fires what is due. Timers see the time of now, not their own: the steps are the grain. */
  fireDue(): void {
    while (this.nextAt <= this.#now) this.#pop().fn?.();
  }

  #pop(): Timer {
    const top = this.#heap[0]!;
    const last = this.#heap.pop()!;
    if (last !== top) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return top;
  }

  #up(from: number): void {
    for (let i = from; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfBefore(i, parent)) return;
      i = parent;
    }
  }

  #down(from: number): void {
    for (let i = from; ; ) {
      const left = 2 * i + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const child = right < this.#heap.length && this.#before(right, left) ? right : left;
      if (!this.#swapIfBefore(child, i)) return;
      i = child;
    }
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a]!, this.#heap[b]!];
    return x.at < y.at || (x.at === y.at && x.seq < y.seq);
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    if (!this.#before(lower, upper)) return false;
    const timer = this.#heap[lower]!;
    this.#heap[lower] = this.#heap[upper]!;
    this.#heap[upper] = timer;
    return true;
  }
}
