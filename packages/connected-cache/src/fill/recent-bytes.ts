import type { Block } from './block.ts';

interface Chunk {
  /** Offset in the object. */
  start: number;
  bytes: Uint8Array;
  block: Block;
  release: () => void;
}

/** Bytes kept although they are on disk already. */
const windowBytes = 1024 * 1024;

/**
 * The latest bytes of a fill, as the source sent them: all that are not on disk yet, and some before.
 * Whoever keeps up with the fill is served from here, without a copy.
 */
export class RecentBytes {
  /** Ascending, mostly one for each block; with gaps where the fill skips pieces that are there. */
  readonly #chunks: Chunk[] = [];
  #bytes = 0;

  /** `bytes` lie in `block`, right behind what was pushed of it before. */
  push(start: number, bytes: Uint8Array, block: Block): void {
    this.#bytes += bytes.length;
    const last = this.#chunks.at(-1);
    if (last?.block === block && last.start + last.bytes.length === start) {
      const from = last.bytes.byteOffset - block.bytes.byteOffset;
      last.bytes = block.bytes.subarray(from, from + last.bytes.length + bytes.length);
    } else {
      this.#chunks.push({ start, bytes, block, release: block.use() });
    }
  }

  /** The bytes from `offset` to the end of the block they are in; undefined when not here. */
  at(offset: number): { bytes: Uint8Array; block: Block } | undefined {
    const chunk = this.#chunks.findLast(({ start }) => start <= offset);
    if (!chunk) return undefined;
    const bytes = chunk.bytes.subarray(offset - chunk.start);
    return bytes.length > 0 ? { bytes, block: chunk.block } : undefined;
  }

  /** Lets go of the oldest blocks that lie before `written`, down to the window. */
  trim(written: number): void {
    while (this.#bytes > windowBytes) {
      const oldest = this.#chunks[0];
      if (!oldest || oldest.start + oldest.bytes.length > written) return;
      this.#drop();
    }
  }

  /** Lets go of everything. */
  clear(): void {
    while (this.#chunks.length > 0) this.#drop();
  }

  #drop(): void {
    const { bytes, release } = this.#chunks.shift()!;
    this.#bytes -= bytes.length;
    release();
  }
}
