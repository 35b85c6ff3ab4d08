import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sluiceError } from '@sluice/protocol';
import type { PieceReply, PieceTask } from './piece-task.ts';

/** What to write; see `PieceTask` for the fields. */
export type PieceWrite = Omit<PieceTask, 'id'>;

/** One thread that hashes and writes the pieces of all content entries of the process. */
export interface PieceWorker {
  /**
   * Checks the digest, writes the piece, then its journal record. The memory and both files must stay
   * as they are until it settles.
   * @returns false when the digest is wrong: nothing was written then.
   * @throws PieceWorkerLost when the thread ended meanwhile (it may or may not have written; the next
   *   write starts a new one); else the system error (`code`) of the write that failed.
   */
  write(piece: PieceWrite): Promise<boolean>;
  /** Ends the thread when all that was asked is done. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A worker whose thread starts with the first write and does not keep the process alive when idle. */
export function createPieceWorker(): PieceWorker {
  return new ThreadWorker();
}

interface Pending {
  resolve(written: boolean): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  pending: Map<number, Pending>;
  ended: Promise<void>;
}

class ThreadWorker implements PieceWorker {
  #thread: Thread | undefined;
  #nextId = 0;
  #closed = false;

  write(piece: PieceWrite): Promise<boolean> {
    if (this.#closed) {
      return Promise.reject(sluiceError('PieceWorkerLost', { detail: 'it was closed' }));
    }
    this.#thread ??= this.#start();
    const { worker, pending } = this.#thread;
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    if (pending.size === 0) worker.ref();
    pending.set(id, { resolve, reject });
    worker.postMessage({ ...piece, id } satisfies PieceTask);
    return promise;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    if (!thread) return;
    if (thread.pending.size === 0) await thread.worker.terminate();
    await thread.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(): Thread {
    const script = new URL(`./piece-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(script, { execArgv: [] });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const thread: Thread = { worker, pending: new Map(), ended };
    let cause: unknown;
    worker.on('message', (replies: PieceReply[]) => {
      for (const reply of replies) this.#settle(thread, reply);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    // Not on 'error': until the exit the thread may still write to a file that is closed next.
    worker.on('exit', (code) => {
      if (this.#thread === thread) this.#thread = undefined;
      const detail = cause instanceof Error ? cause.message : `exit code ${code}`;
      for (const { reject } of thread.pending.values()) {
        reject(sluiceError('PieceWorkerLost', { detail }, { cause }));
      }
      thread.pending.clear();
      end();
    });
    return thread;
  }

  #settle(thread: Thread, { id, result }: PieceReply): void {
    const waiting = thread.pending.get(id);
    thread.pending.delete(id);
    if (thread.pending.size === 0) {
      thread.worker.unref();
      if (this.#closed) void thread.worker.terminate();
    }
    if (result === 'written' || result === 'mismatch') waiting?.resolve(result === 'written');
    else waiting?.reject(Object.assign(new Error(result.message), { code: result.code }));
  }
}
