/** The longest answer head that is taken, in bytes. */
export const maxHeadLength = 65_536;

/**
 * The one buffer of a connection: answer heads land here, with the body bytes that came in the
 * same read, and so does the first read after a pause.
 */
export class ReadAhead {
  readonly #bytes = new Uint8Array(maxHeadLength);
  #start = 0;
  #end = 0;

  /** The room behind the unread bytes. Empty when there is none. */
  get tail(): Uint8Array {
    return this.#bytes.subarray(this.#end);
  }

  /** All of it: only for a read that cannot happen before every unread byte is consumed. */
  get whole(): Uint8Array {
    return this.#bytes;
  }

  /** What landed and was not consumed. */
  get unread(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  get size(): number {
    return this.#end - this.#start;
  }

  /** Whether `buffer` was handed out by `tail` or `whole`. */
  owns(buffer: Uint8Array): boolean {
    return buffer.buffer === this.#bytes.buffer;
  }

  /** `n` bytes came to the start of `buffer`, which `tail` or `whole` gave. */
  landed(buffer: Uint8Array, n: number): void {
    if (this.size === 0) this.#start = buffer.byteOffset;
    this.#end = buffer.byteOffset + n;
  }

  consume(n: number): void {
    this.#start += n;
    if (this.#start >= this.#end) {
      this.#start = 0;
      this.#end = 0;
    }
  }
}
