import { type ByteRange, sluiceError } from '@sluice/protocol';
import type { RunSink } from '../source/index.ts';

/** Content of one request message at most: long enough to be cheap, under the protocol's limit. */
export const maxRequestLength = 1 << 20;

/** One piece (or part) being asked of a peer, in blocks that must come in order. */
export class PeerFetch {
  readonly piece: number;
  readonly sink: RunSink;
  readonly done: Promise<void>;
  /** Offset in the piece of the next byte to come, of the last one. */
  #next: number;
  readonly #end: number;
  /** Bytes of a block whose head was seen and that have not gone to the sink. */
  #settle!: { resolve: () => void; reject: (error: unknown) => void };
  /** Set when the caller gave up: what comes for it is dropped. */
  abandoned = false;

  constructor(piece: number, within: ByteRange, sink: RunSink) {
    this.piece = piece;
    this.#next = within.start;
    this.#end = within.end;
    this.sink = sink;
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // The one who waits sees the rejection; without this a fetch nobody awaits yet would end the process.
    this.done.catch(() => {});
  }

  /** The requests to send for what is missing. */
  blocks(): { piece: number; offset: number; length: number }[] {
    const blocks = [];
    for (let offset = this.#next; offset < this.#end; offset += maxRequestLength) {
      const length = Math.min(maxRequestLength, this.#end - offset);
      blocks.push({ piece: this.piece, offset, length });
    }
    return blocks;
  }

  /** Whether a block may come now: the next one in order, and no longer than what was asked. */
  expects(offset: number, length: number): boolean {
    return offset === this.#next && length > 0 && offset + length <= this.#end;
  }

  /** Copies as much of `view` into the sink as it has room for. @returns how much. */
  place(view: Uint8Array): number {
    let at = 0;
    while (at < view.length) {
      const space = this.sink.space();
      if (!space) break;
      const n = Math.min(space.length, view.length - at);
      space.set(view.subarray(at, at + n));
      at += n;
      this.filled(n);
    }
    return at;
  }

  /** `n` bytes are in the sink's space. */
  filled(n: number): void {
    this.sink.filled(n);
    this.#next += n;
    if (this.#next === this.#end) this.#settle.resolve();
  }

  abandon(): void {
    this.abandoned = true;
    this.#settle.reject(sluiceError('Cancelled'));
  }

  fail(error: unknown): void {
    this.#settle.reject(error);
  }
}
