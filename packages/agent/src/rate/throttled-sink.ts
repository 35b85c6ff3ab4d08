import type { RunSink } from '../source/index.ts';
import type { Throttle } from './throttle.ts';

/** A limit as one fetch meets it. */
export interface Gate {
  /** Undefined while there is none. */
  readonly throttle: Throttle | undefined;
  /** See `RunSink.window`. */
  readonly window: number;
  /** Bytes passed. */
  received(bytes: number): void;
}

/**
 * A sink that has no more room than a limit allows. So the source stops reading its socket, the
 * window of the connection closes, and the far side sends no faster: for any kind of source.
 */
export class ThrottledSink implements RunSink {
  readonly #inner: RunSink;
  readonly #gate: Gate;
  readonly #signal: AbortSignal;
  /** Bytes that were taken from a limit and have not come yet. */
  #credit = 0;
  /** From which. */
  #creditor: Throttle | undefined;
  /** Ends a wait at a limit that may hold no longer. */
  #turn: { change: AbortController; signal: AbortSignal } | undefined;
  #wanted = 0;

  constructor(inner: RunSink, gate: Gate, signal: AbortSignal) {
    this.#inner = inner;
    this.#gate = gate;
    this.#signal = signal;
  }

  space(): Uint8Array | undefined {
    const space = this.#inner.space();
    this.#wanted = space?.length ?? 0;
    const { throttle } = this.#gate;
    if (!space || !throttle || throttle.isOpen) return space;
    if (this.#credit === 0) this.#owe(throttle, throttle.tryTake(space.length));
    if (this.#credit === 0) return undefined;
    return this.#credit < space.length ? space.subarray(0, this.#credit) : space;
  }

  filled(n: number): void {
    this.#credit = Math.max(0, this.#credit - n);
    this.#gate.received(n);
    this.#inner.filled(n);
  }

  window(): number {
    return Math.min(this.#gate.window, this.#inner.window?.() ?? Number.POSITIVE_INFINITY);
  }

  async ready(): Promise<void> {
    // What was missing is waited for, and only that: a buffer that is held must not be waited for again.
    if (this.#wanted === 0) return this.#inner.ready();
    const { throttle } = this.#gate;
    if (!throttle || this.#credit > 0) return;
    const { change, signal } = this.#wait();
    try {
      this.#owe(throttle, await throttle.take(this.#wanted, signal));
    } catch (error) {
      // Another limit holds now: there is room again as far as it is known, so that it is asked.
      if (this.#signal.aborted || !change.signal.aborted) throw error;
    }
  }

  /** The gate may have another throttle now: who waits asks that. */
  changed(): void {
    this.#turn?.change.abort();
    this.#turn = undefined;
  }

  /** Nothing more comes: others may have what was taken for it. */
  end(): void {
    this.#creditor?.giveBack(this.#credit);
    this.#credit = 0;
  }

  #owe(throttle: Throttle, bytes: number): void {
    this.#credit = bytes;
    this.#creditor = throttle;
  }

  /** The same for all waits between two changes. */
  #wait(): { change: AbortController; signal: AbortSignal } {
    if (!this.#turn) {
      const change = new AbortController();
      this.#turn = { change, signal: AbortSignal.any([this.#signal, change.signal]) };
    }
    return this.#turn;
  }
}
