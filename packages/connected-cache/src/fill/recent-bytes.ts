interface Chunk {
  /** Offset in the object. */
  start: number;
  bytes: Uint8Array;
}

/** Bytes and chunks kept although they are on disk already. */
const windowBytes = 1024 * 1024;
const windowChunks = 256;

/**
 * The latest bytes of a fill, as the source sent them: all that are not on disk yet, and some before.
 * Whoever keeps up with the fill is served from here, without a copy.
 */
export class RecentBytes {
  /** Ascending; with gaps where the fill skips pieces that are there. */
  readonly #chunks: Chunk[] = [];
  #first = 0;
  #bytes = 0;

  push(start: number, bytes: Uint8Array): void {
    this.#chunks.push({ start, bytes });
    this.#bytes += bytes.length;
  }

  /** The bytes from `offset` to the end of the chunk they came in; undefined when not here. */
  at(offset: number): Uint8Array | undefined {
    let low = this.#first;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#chunks[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low];
    if (!chunk || low > high) return undefined;
    const skip = offset - chunk.start;
    return skip >= 0 && skip < chunk.bytes.length ? chunk.bytes.subarray(skip) : undefined;
  }

  /** Lets go of the oldest chunks that lie before `written`, down to the window. */
  trim(written: number): void {
    while (this.#bytes > windowBytes || this.#chunks.length - this.#first > windowChunks) {
      const oldest = this.#chunks[this.#first];
      if (!oldest || oldest.start + oldest.bytes.length > written) break;
      this.#bytes -= oldest.bytes.length;
      // The slot must not hold the bytes until the array is cut.
      this.#chunks[this.#first++] = { start: oldest.start, bytes: oldest.bytes.subarray(0, 0) };
    }
    if (this.#first > windowChunks) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
