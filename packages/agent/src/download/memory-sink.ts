import { sluiceError } from '@sluice/protocol';
import type { RunSink } from '../source/index.ts';

/** Collects a small body in memory. */
export class MemorySink implements RunSink {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(64 * 1024);
  #size = 0;

  /** @param maxBytes what is taken at most; more throws PhfTooLarge. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  space(): Uint8Array {
    if (this.#size === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes.subarray(this.#size);
  }

  filled(n: number): void {
    this.#size += n;
    if (this.#size > this.#maxBytes) {
      throw sluiceError('PhfTooLarge', { detail: `more than ${this.#maxBytes} bytes` });
    }
  }

  async ready(): Promise<void> {}
}
