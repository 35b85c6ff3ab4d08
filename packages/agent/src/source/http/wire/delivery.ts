import { sluiceError } from '@sluice/protocol';
import type { RunSink } from '../../source.ts';

/** Body bytes on their way into one sink: counts them, never asks for a byte too many, settles once. */
export class Delivery {
  readonly #sink: RunSink;
  readonly #want: number;
  readonly #outcome = Promise.withResolvers<number>();
  #moved = 0;
  #settled = false;

  /** @param want bytes; Infinity = until the body ends. */
  constructor(sink: RunSink, want: number) {
    this.#sink = sink;
    this.#want = want;
  }

  /** The number of bytes moved, once all is there. */
  get promise(): Promise<number> {
    return this.#outcome.promise;
  }

  /** All wanted bytes are in the sink. */
  get complete(): boolean {
    return this.#moved === this.#want;
  }

  /** It is over, in order or not: the sink gets nothing more. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Where to read the next bytes to; undefined when the sink has no room. */
  space(): Uint8Array | undefined {
    const space = this.#sink.space();
    if (space === undefined) return undefined;
    // A read into nothing looks like a broken connection.
    if (space.length === 0) throw sluiceError('Internal', { detail: 'a sink gave empty space' });
    const left = this.#want - this.#moved;
    return space.length > left ? space.subarray(0, left) : space;
  }

  /** `n` bytes were read to the last `space()`. */
  placed(n: number): void {
    this.#moved += n;
    this.#sink.filled(n);
  }

  /** Copies what is wanted and fits. @returns how many bytes of `chunk` that were. */
  copy(chunk: Uint8Array): number {
    let done = 0;
    // A sink may end the fetch out of its own `filled`.
    while (done < chunk.length && !this.complete && !this.#settled) {
      const space = this.space();
      if (!space) break;
      const n = Math.min(space.length, chunk.length - done);
      space.set(chunk.subarray(done, done + n));
      this.placed(n);
      done += n;
    }
    return done;
  }

  /** Calls `go` when the sink has room again, unless the delivery is over by then. */
  whenReady(go: () => void, failed: (error: unknown) => void): void {
    this.#sink
      .ready()
      .then(() => {
        if (!this.#settled) go();
      })
      .catch((error: unknown) => {
        if (!this.#settled) failed(error);
      });
  }

  finish(): void {
    this.#settled = true;
    this.#outcome.resolve(this.#moved);
  }

  fail(error: unknown): void {
    this.#settled = true;
    this.#outcome.reject(error);
  }
}
