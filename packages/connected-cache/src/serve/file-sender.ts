import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { StoredRun } from '../fill/object-reading.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import { descriptorOf } from './descriptor.ts';
import type { Outlet } from './outlet.ts';

/** What one call sends: a client that takes everything must not keep the others waiting. */
const quantum = 1024 * 1024;
/** What Node writes between what the kernel sends. */
const fewBytes = 4096;
/** How much a cold file is read ahead. */
const window = 4 * 1024 * 1024;

/**
 * Sends one answer's bytes from their files, past all buffers of Node. The kernel takes what it has
 * room for; that it has room again is told by a few bytes that are written by Node after them.
 */
export class FileSender {
  readonly #response: ServerResponse;
  readonly #outlet: Outlet;
  readonly #kernel: KernelFiles;
  #few: Buffer | undefined;
  /** Which file is read ahead, and up to where. */
  #ahead: { fd: number; end: number } | undefined;

  constructor(response: ServerResponse, outlet: Outlet, kernel: KernelFiles) {
    this.#response = response;
    this.#outlet = outlet;
    this.#kernel = kernel;
  }

  /**
   * Sends a run, with nothing that was written before it waiting in Node any more.
   * @param sent hears of bytes that are on their way
   * @returns false when the rest of it must be sent in another way, or the client is gone
   */
  async send(run: StoredRun, sent: (length: number) => void): Promise<boolean> {
    const { file } = run;
    const end = run.offset + run.length;
    for (let at = run.offset; ; ) {
      const length = Math.min(quantum, end - at);
      if (!(await this.#inMemory(run, at, length))) return false;
      // Looked up anew each time: while we waited it may have been closed and be another's by now.
      const socket = descriptorOf(this.#response);
      if (socket === undefined || this.#response.writableLength > 0) return false;
      const taken = this.#kernel.send(socket, file.fd, at, length);
      at += taken;
      sent(taken);
      if (at === end) return true;
      if (taken === length) {
        await nextTurn();
        continue;
      }
      const few = this.#read(file, at, Math.min(fewBytes, end - at));
      if (!few) return false;
      at += few.length;
      sent(few.length);
      await this.#outlet.pass(few);
      if (at === end) return true;
    }
  }

  /** Undefined when it fails: whoever reads the usual way meets the error again, and deals with it. */
  #read(file: FileHandle, at: number, length: number): Uint8Array | undefined {
    this.#few ??= Buffer.allocUnsafeSlow(fewBytes);
    try {
      const bytesRead = readSync(file.fd, this.#few, 0, length, at);
      return bytesRead > 0 ? this.#few.subarray(0, bytesRead) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Brings the bytes into memory if they are not. @returns false when they cannot be read */
  async #inMemory({ file, offset, length: all }: StoredRun, at: number, length: number) {
    if (this.#kernel.inMemory(file.fd, at, length)) return true;
    const { fd } = file;
    const end = this.#ahead?.fd === fd ? this.#ahead.end : 0;
    if (at + length + window / 2 > end) {
      const from = Math.max(at, end);
      const to = Math.min(offset + all, at + window);
      this.#ahead = { fd, end: to };
      if (to > from) await this.#kernel.prefetch(fd, from, to - from);
    }
    try {
      const { bytesRead } = await file.read(Buffer.allocUnsafe(1), 0, 1, at + length - 1);
      return bytesRead > 0;
    } catch {
      return false;
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
