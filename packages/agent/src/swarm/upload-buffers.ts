import { maxBlockLength } from '@sluice/protocol';
import { maxRequestLength } from './peer-fetch.ts';

/** 16 MiB: enough for several peers at disk and network speed. */
const maxBuffers = 16;

/** Buffers for uploads, shared by all peers; who waits is served in order, so that all get their turn. */
export class UploadBuffers {
  readonly #free: Uint8Array[] = [];
  readonly #waiting: ((buffer: Uint8Array) => void)[] = [];
  #made = 0;

  /** @param length what it must hold, bytes, at most `maxBlockLength`. */
  async acquire(length: number): Promise<Uint8Array> {
    // Other clients may ask for longer blocks than ours do: rare, so not pooled.
    if (length > maxRequestLength) return new Uint8Array(Math.min(length, maxBlockLength));
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made < maxBuffers) {
      this.#made++;
      return Buffer.allocUnsafeSlow(maxRequestLength);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(buffer: Uint8Array): void {
    if (buffer.length !== maxRequestLength) return;
    const next = this.#waiting.shift();
    if (next) next(buffer);
    else this.#free.push(buffer);
  }
}
