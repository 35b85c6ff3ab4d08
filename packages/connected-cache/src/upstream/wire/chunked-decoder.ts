/** The longest line of a chunk's size with its extensions, and all trailers together. */
const maxLine = 4096;
const maxTrailers = 16_384;
const lineEnd = Buffer.from('\r\n');

/** Reads the chunked coding (RFC 9112 §7.1) from bytes as they come; trailers are passed over. */
export class ChunkedDecoder {
  #state: 'size' | 'data' | 'after' | 'trailers' | 'end' = 'size';
  #left = 0;
  #line = '';
  #trailers = 0;

  /** All of the body has been read. */
  get ended(): boolean {
    return this.#state === 'end';
  }

  /**
   * Takes what it can of `bytes`.
   * @returns how many bytes were used up, and the part of them that is body, if any
   * @throws Error when they are not chunked coding
   */
  take(bytes: Uint8Array): { used: number; data: Uint8Array | undefined } {
    if (this.#state === 'data') {
      const data = bytes.subarray(0, this.#left);
      this.#left -= data.length;
      if (this.#left === 0) this.#state = 'after';
      return { used: data.length, data };
    }
    const { used, line } = this.#takeLine(bytes);
    if (line !== undefined) this.#onLine(line);
    return { used, data: undefined };
  }

  /** The last `n` bytes of the data that was taken could not be used: they will come again. */
  putBack(n: number): void {
    this.#left += n;
    this.#state = 'data';
  }

  #onLine(line: string): void {
    if (this.#state === 'after') {
      if (line !== '') throw new Error('a chunk is longer than it says');
      this.#state = 'size';
    } else if (this.#state === 'size') {
      const size = /^([0-9a-f]{1,12})[ \t]*(;[\t\x20-\x7e\x80-\xff]*)?$/i.exec(line)?.[1];
      if (size === undefined) throw new Error('a chunk without a size');
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    } else if (line === '') {
      this.#state = 'end';
    } else {
      this.#trailers += line.length;
      if (this.#trailers > maxTrailers) throw new Error('trailers without end');
    }
  }

  #takeLine(bytes: Uint8Array): { used: number; line: string | undefined } {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    // The end of line may be cut in two.
    if (this.#line.endsWith('\r') && view[0] === 0x0a) return this.#finish('', 1);
    const end = view.indexOf(lineEnd);
    if (end >= 0) return this.#finish(view.toString('latin1', 0, end), end + 2);
    this.#line += view.toString('latin1');
    if (this.#line.length > maxLine) throw new Error('a line of a chunk is too long');
    return { used: bytes.length, line: undefined };
  }

  #finish(rest: string, used: number): { used: number; line: string } {
    const line = rest === '' && used === 1 ? this.#line.slice(0, -1) : this.#line + rest;
    this.#line = '';
    if (line.length > maxLine) throw new Error('a line of a chunk is too long');
    return { used, line };
  }
}
