import type { FileHandle } from 'node:fs/promises';
import type { RunSink } from '../source/index.ts';

const bufferBytes = 1 << 20;

/** Writes a stream to a file, behind the source: one buffer fills while the other is written. */
export class FileSink implements RunSink {
  readonly #file: FileHandle;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #filling = new Uint8Array(bufferBytes);
  #spare: Uint8Array<ArrayBuffer> | undefined = new Uint8Array(bufferBytes);
  #filled = 0;
  #position: number;
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param onBytes sees the bytes as they come; they are gone after the call.
   * @param start where in the file the first goes.
   */
  constructor(file: FileHandle, onBytes: (bytes: Uint8Array) => void, start = 0) {
    this.#file = file;
    this.#position = start;
    this.#onBytes = onBytes;
  }

  space(): Uint8Array | undefined {
    if (this.#filled === this.#filling.length && !this.#swap()) return undefined;
    return this.#filling.subarray(this.#filled);
  }

  filled(n: number): void {
    this.#onBytes(this.#filling.subarray(this.#filled, this.#filled + n));
    this.#filled += n;
  }

  /** @throws what the write threw. */
  ready(): Promise<void> {
    return this.#writing;
  }

  /** Writes what is left. @throws what a write threw. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#filled > 0) await this.#write(this.#filling.subarray(0, this.#filled));
  }

  /** Waits until nothing is being written, whether it went well or not. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => {
      // `ready` or `flush` has told it, or the source failed first.
    });
  }

  /** @returns false while the other buffer is still being written. */
  #swap(): boolean {
    const free = this.#spare;
    if (!free) return false;
    const full = this.#filling;
    this.#filling = free;
    this.#spare = undefined;
    this.#filled = 0;
    this.#writing = this.#write(full).then(() => {
      this.#spare = full;
    });
    this.#writing.catch(() => {
      // Whoever waits for it sees the fault; nobody may be waiting yet.
    });
    return true;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#position);
      at += bytesWritten;
      this.#position += bytesWritten;
    }
  }
}
