import type { PooledBuffer } from '../store/buffer-pool.ts';

/** A pooled buffer that several use: it goes back when the last of them has let go. */
export class Block {
  readonly bytes: Buffer;
  readonly #buffer: PooledBuffer;
  #users = 0;

  constructor(buffer: PooledBuffer) {
    this.#buffer = buffer;
    this.bytes = buffer.bytes;
  }

  /** @returns what lets go; calling it again does nothing */
  use(): () => void {
    this.#users++;
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#users--;
      if (this.#users === 0) this.#buffer.release();
    };
  }
}
