import type { ServerResponse } from 'node:http';
import type { StoredRun } from '../fill/object-reading.ts';
import type { KernelFiles } from '../store/kernel-files.ts';

/** What one call sends: a client that takes everything must not keep the others waiting. */
const quantum = 512 * 1024;
/** How much a cold file is read ahead. */
const window = 4 * 1024 * 1024;

/** Sends one answer's bytes from their files, past all buffers of Node. */
export class FileSender {
  readonly #response: ServerResponse;
  readonly #kernel: KernelFiles;
  readonly #oneByte = Buffer.allocUnsafe(1);
  /** Which file is read ahead, and up to where. */
  #ahead: { fd: number; end: number } | undefined;

  constructor(response: ServerResponse, kernel: KernelFiles) {
    this.#response = response;
    this.#kernel = kernel;
  }

  /**
   * Sends what the client takes now; nothing when earlier bytes still wait in Node.
   * @param sent hears of each few bytes
   * @returns whether the client took all. If not, write some bytes by the response: when it calls
   *   back, the client takes more
   */
  async send(run: StoredRun, sent: (length: number) => void): Promise<boolean> {
    const end = run.offset + run.length;
    for (let at = run.offset; ; ) {
      const length = Math.min(quantum, end - at);
      if (!(await this.#inMemory(run, at, length))) return false;
      // Looked up anew each time: while we waited it may have been closed and be another's by now.
      const socket = descriptorOf(this.#response);
      if (socket === undefined) return false;
      const taken = this.#kernel.send(socket, run.file.fd, at, length);
      sent(taken);
      at += taken;
      if (at === end) return true;
      if (taken < length) return false;
      await nextTurn();
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
      const { bytesRead } = await file.read(this.#oneByte, 0, 1, at + length - 1);
      return bytesRead > 0;
    } catch {
      // Whoever reads the bytes the usual way meets the same error, and deals with it.
      return false;
    }
  }
}

/**
 * The socket of a response as long as it is open, plain, and has been given everything that was
 * written. Node has no public way to it; where there is none, all goes the usual way.
 */
function descriptorOf(response: ServerResponse): number | undefined {
  const { socket } = response;
  if (!socket || socket.destroyed || 'encrypted' in socket || response.writableLength > 0) {
    return undefined;
  }
  const { _handle: handle } = socket as { _handle?: { fd?: unknown } | null };
  const fd = handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
