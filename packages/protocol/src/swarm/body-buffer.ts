/** Bytes to start with, and to keep between messages. */
const smallSize = 4096;

/**
 * Puts together a body that came in several chunks. Grows with what came, not with what was announced,
 * so that a peer pays in bytes for the memory it takes; gives a large buffer back after use.
 */
export class BodyBuffer {
  #bytes = new Uint8Array(smallSize);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends a copy of `part`. @param limit bytes the whole body will have. */
  append(part: Uint8Array, limit: number): void {
    const needed = this.#length + part.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(limit, this.#bytes.length * 2)));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#length);
    this.#length = needed;
  }

  /** All that was appended, and starts over. The view holds until the next `append`. */
  take(): Uint8Array {
    const body = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > smallSize) this.#bytes = new Uint8Array(smallSize);
    return body;
  }
}
