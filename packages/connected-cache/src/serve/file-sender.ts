import { readSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { StoredRun } from '../fill/held-files.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import type { DataFile } from '../store/store-files.ts';
import { descriptorOf } from './descriptor.ts';
import type { Egress } from './egress.ts';
import type { Outlet } from './outlet.ts';

/** What one call sends: a client that takes everything must not keep the others waiting. */
const quantum = 1024 * 1024;
/** What Node writes between what the kernel sends. */
const fewBytes = 4096;
/** How much of a file on disk is read at once. */
const windowBytes = 2 * 1024 * 1024;

/** What it needs of the kernel. */
export type SendingKernel = Pick<KernelFiles, 'send' | 'inMemory' | 'prefetch'>;

interface Window {
  file: DataFile;
  start: number;
  end: number;
  read: Promise<unknown> | undefined;
}

/**
 * Sends one answer's bytes from their files, past all buffers of Node. The kernel takes what it has
 * room for; that it has room again is told by a few bytes that are written by Node after them.
 */
export class FileSender {
  readonly #response: ServerResponse;
  readonly #outlet: Outlet;
  readonly #kernel: SendingKernel;
  readonly #egress: Egress | undefined;
  readonly #turn: number;
  #few: Buffer | undefined;
  /** What was not in memory: the bytes being sent, and those after them. */
  #window: Window | undefined;
  #next: Window | undefined;

  constructor(
    response: ServerResponse,
    outlet: Outlet,
    kernel: SendingKernel,
    egress: Egress | undefined,
  ) {
    this.#response = response;
    this.#outlet = outlet;
    this.#kernel = kernel;
    this.#egress = egress;
    this.#turn = Math.min(quantum, egress?.turn ?? quantum);
  }

  /**
   * Sends a run, with nothing that was written before it waiting in Node any more.
   * @param sent hears of bytes that are on their way
   * @returns whether to go on with what is left of the run when all has left Node. If not, it must be
   *   sent in another way, or the client is gone
   */
  async send(run: StoredRun, sent: (length: number) => void): Promise<boolean> {
    const { file } = run;
    const end = run.offset + run.length;
    for (let at = run.offset; ; ) {
      const length = Math.min(this.#turn, end - at);
      await this.#inMemory(run, at, length);
      await this.#egress?.take(length, false, () => this.#outlet.closed);
      // Looked up anew each time: while we waited it may have been closed and be another's by now.
      const socket = descriptorOf(this.#response);
      if (socket === undefined || this.#response.writableLength > 0) return false;
      const taken = this.#kernel.send(socket, file.fd, at, length);
      at += taken;
      sent(taken);
      if (at === end) return true;
      if (taken === length) {
        if (!this.#egress) await nextTurn();
        continue;
      }
      this.#egress?.giveBack(length - taken);
      const few = this.#read(file, at, Math.min(fewBytes, end - at));
      if (!few) return false;
      sent(few.length);
      // Not waited for here: what a slow client reads must not be held on the disk meanwhile.
      this.#outlet.pass(few);
      return true;
    }
  }

  /** Undefined when it fails: whoever reads the usual way meets the error again, and deals with it. */
  #read(file: DataFile, at: number, length: number): Uint8Array | undefined {
    this.#few ??= Buffer.allocUnsafeSlow(fewBytes);
    try {
      const bytesRead = readSync(file.fd, this.#few, 0, length, at);
      return bytesRead > 0 ? this.#few.subarray(0, bytesRead) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Resolves when the bytes are in memory, as far as they can be read. */
  async #inMemory({ file, offset, length: all }: StoredRun, at: number, length: number) {
    const end = offset + all;
    if (this.#next && at >= this.#next.start) [this.#window, this.#next] = [this.#next, undefined];
    const window = this.#window;
    if (!window || window.file !== file || at < window.start || at >= window.end) {
      if (this.#kernel.inMemory(file.fd, at, length)) return;
      this.#next = undefined;
      this.#window = this.#prefetch(file, at, end);
    }
    await this.#window!.read;
    this.#next ??= this.#prefetch(file, this.#window!.end, end);
  }

  #prefetch(file: DataFile, start: number, last: number): Window {
    const end = Math.min(last, start + windowBytes);
    const read = end > start ? this.#kernel.prefetch(file.fd, start, end - start) : undefined;
    return { file, start, end, read };
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
