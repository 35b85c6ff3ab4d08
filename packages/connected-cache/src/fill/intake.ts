import type { BufferPool } from '../store/buffer-pool.ts';
import type { Segment } from '../store/segment.ts';
import { Block } from './block.ts';
import type { RecentBytes } from './recent-bytes.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** Bytes of one read from the source, and of one write to the disk, at most. */
const blockSize = 256 * 1024;

/** Where a fill reads its bytes to: pooled blocks, which those who keep up read from, and the disk is written from. */
export class Intake {
  readonly #pool: BufferPool;
  readonly #writer: SegmentWriter;
  readonly #recent: RecentBytes;
  #block: Block | undefined;
  #release: () => void = () => {};
  #filled = 0;
  #flushed = 0;

  constructor(pool: BufferPool, writer: SegmentWriter, recent: RecentBytes) {
    this.#pool = pool;
    this.#writer = writer;
    this.#recent = recent;
  }

  /** Where the next bytes go, of `left` that are still to come in a row; the same until some have come. */
  space(left: number): Uint8Array {
    if (!this.#block) {
      this.#block = new Block(this.#pool.take(Math.min(blockSize, left)));
      this.#release = this.#block.use();
      this.#filled = 0;
      this.#flushed = 0;
    }
    return this.#block.bytes.subarray(this.#filled, this.#filled + left);
  }

  /** It is time to flush. */
  get full(): boolean {
    return this.#block !== undefined && this.#filled === this.#block.bytes.length;
  }

  /** `part`, the beginning of the space, was filled with the bytes at `position` of the object. */
  take(position: number, part: Uint8Array): void {
    this.#recent.push(position, part, this.#block!);
    this.#filled += part.length;
  }

  /** Gives all that is not yet with the writer to it: bytes of `segment` that end at `end` of the object. */
  flush(segment: Segment, end: number): void {
    const block = this.#block!;
    const bytes = block.bytes.subarray(this.#flushed, this.#filled);
    this.#writer.push(segment, end - bytes.length, bytes, block.use());
    this.#flushed = this.#filled;
    if (!this.full) return;
    this.#block = undefined;
    this.#release();
  }

  /** Lets go of everything. */
  clear(): void {
    this.#recent.clear();
    this.#block = undefined;
    this.#release();
  }
}
