import type { ByteRange } from '@sluice/protocol';
import type { RunSink } from '../source/index.ts';
import type { Block } from './block-requests.ts';

/** Content of one request message at most: long enough to be cheap, under the protocol's limit. */
export const maxRequestLength = 1 << 20;

/** A range being asked of a peer, in blocks that must come in order. */
export class PeerFetch {
  readonly sink: RunSink;
  /** Settles when all is in the sink, or it failed. */
  readonly done: Promise<void>;
  readonly #settle: PromiseWithResolvers<void>;
  readonly #end: number;
  /** Offset in the content of the next byte to come, to be asked for. */
  #next: number;
  #ask: number;
  #over = false;

  constructor(range: ByteRange, sink: RunSink) {
    this.sink = sink;
    this.#next = range.start;
    this.#ask = range.start;
    this.#end = range.end;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
  }

  /** Offset in the content of the next byte to come. */
  get position(): number {
    return this.#next;
  }

  /** Whether the sink gets nothing more. */
  get over(): boolean {
    return this.#over;
  }

  /** The next block to ask for; undefined when all were. */
  nextBlock(pieceSize: number): Block | undefined {
    if (this.#ask === this.#end) return undefined;
    const piece = Math.floor(this.#ask / pieceSize);
    const offset = this.#ask - piece * pieceSize;
    const length = Math.min(maxRequestLength, this.#end - this.#ask, pieceSize - offset);
    this.#ask += length;
    return { piece, offset, length };
  }

  /** Copies of `view` into the sink what it has room for. @returns how much. @throws what it throws. */
  place(view: Uint8Array): number {
    let at = 0;
    while (at < view.length && !this.#over) {
      const space = this.sink.space();
      if (!space) break;
      const n = Math.min(space.length, view.length - at);
      space.set(view.subarray(at, at + n));
      at += n;
      this.filled(n);
    }
    return at;
  }

  /** `n` bytes are in the sink's space. @throws what the sink throws. */
  filled(n: number): void {
    this.#next += n;
    this.sink.filled(n);
    if (this.#next === this.#end && !this.#over) {
      this.#over = true;
      this.#settle.resolve();
    }
  }

  /** Nothing more goes to the sink. Its memory may be in use still: `fail` is to follow. */
  stop(): void {
    this.#over = true;
  }

  /** Ends it; what its sink gave out is no longer used. */
  fail(error: unknown): void {
    this.#over = true;
    this.#settle.reject(error);
  }
}
