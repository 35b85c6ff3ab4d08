import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sluiceError } from '@sluice/protocol';
import { performAside } from './perform-task.ts';
import type { PieceReply, PieceTask } from './piece-task.ts';

/** What to write; see `PieceTask` for the fields. */
export type PieceWrite = Omit<PieceTask, 'id'>;

/** The threads that hash and write the pieces of all content entries of the process. */
export interface PieceWorker {
  /**
   * Checks the digest, writes the piece, then its journal record. The memory and both files must stay
   * as they are until it settles.
   * @returns false when the digest is wrong: nothing was written then.
   * @throws PieceWorkerLost when the thread ended meanwhile (it may or may not have written; the next
   *   write starts a new one); else the system error (`code`) of the write that failed.
   */
  write(piece: PieceWrite): Promise<boolean>;
  /** Starts threads for so many bytes that will come soon: that takes as long as 60 MiB to hash. */
  prepare(bytes: number): void;
  /** Ends the threads when all that was asked is done. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** More threads than this would only take turns on the inode's lock. */
const maxThreads = 2;
/** Pieces that wait before one more thread is worth its start and its memory. */
const crowd = 2;
/**
 * So many bytes in a second need no thread, which takes 0.1 s of CPU time and 8 MB to have: hashing them is
 * 1 % of the loop's time.
 */
const trickleBytes = 16 << 20;
const trickleMs = 1_000;
/** While threads start the loop does what it can: so many pieces, up to so many bytes, at a time. */
const atOnceAside = 2;
const maxBytesAside = 2 << 20;
/** Bytes of a content that will keep all threads busy. */
const worthAThread = 256 << 20;

/** A worker whose threads start when they are needed and do not keep the process alive when idle. */
export function createPieceWorker(options: PieceWorkerOptions = {}): PieceWorker {
  return new Crew(options);
}

export interface PieceWorkerOptions {
  /** Bytes a second up to which there are no threads. */
  trickleBytes?: number;
  /** Milliseconds. */
  now?: () => number;
}

class Crew implements PieceWorker {
  readonly #threads = [new ThreadWorker()];
  readonly #trickleBytes: number;
  readonly #now: () => number;
  /** What is written without a thread. */
  readonly #aside = new Set<Promise<unknown>>();
  #trickle = { since: 0, bytes: 0 };
  #closed = false;

  constructor({
    trickleBytes: bytes = trickleBytes,
    now = () => performance.now(),
  }: PieceWorkerOptions) {
    this.#trickleBytes = bytes;
    this.#now = now;
  }

  write(piece: PieceWrite): Promise<boolean> {
    if (this.#closed) {
      return Promise.reject(sluiceError('PieceWorkerLost', { detail: 'it was closed' }));
    }
    if (this.#isTrickle(piece.length)) return this.#writeAside(piece);
    const idlest = this.#threads.reduce((a, b) => (b.pending < a.pending ? b : a));
    if (this.#isBetterAside(piece.length)) {
      idlest.prepare();
      return this.#writeAside(piece);
    }
    if (idlest.pending < crowd || this.#threads.length === maxThreads) return idlest.write(piece);
    const added = new ThreadWorker();
    this.#threads.push(added);
    return added.write(piece);
  }

  prepare(bytes: number): void {
    if (this.#closed || bytes < worthAThread) return;
    if (this.#threads.length < maxThreads) this.#threads.push(new ThreadWorker());
    for (const thread of this.#threads) thread.prepare();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#aside, ...this.#threads.map((thread) => thread.close())]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** While there is no thread, and not much comes. */
  #isTrickle(bytes: number): boolean {
    if (this.#threads.some((thread) => thread.runs)) return false;
    const now = this.#now();
    if (now - this.#trickle.since >= trickleMs) this.#trickle = { since: now, bytes: 0 };
    this.#trickle.bytes += bytes;
    return this.#trickle.bytes <= this.#trickleBytes;
  }

  /** While no thread is there yet: they take as long to start as 60 MiB to come. */
  #isBetterAside(bytes: number): boolean {
    if (bytes > maxBytesAside || this.#aside.size >= atOnceAside) return false;
    return !this.#threads.some((thread) => thread.isOnline);
  }

  #writeAside(piece: PieceWrite): Promise<boolean> {
    const work = performAside(piece);
    this.#aside.add(work);
    void work.then(() => this.#aside.delete(work));
    return work.then(isWritten);
  }
}

/** A thread makes little garbage; by itself it would take 14 MB, not 5. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };

interface Pending {
  resolve(written: boolean): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  pending: Map<number, Pending>;
  isOnline: boolean;
  ended: Promise<void>;
}

/** One thread, begun anew when it is lost. */
class ThreadWorker {
  #thread: Thread | undefined;
  #nextId = 0;
  #closed = false;

  get pending(): number {
    return this.#thread?.pending.size ?? 0;
  }

  get runs(): boolean {
    return this.#thread !== undefined;
  }

  get isOnline(): boolean {
    return this.#thread?.isOnline === true;
  }

  prepare(): void {
    if (this.#thread) return;
    this.#thread = this.#start();
    this.#thread.worker.unref();
  }

  write(piece: PieceWrite): Promise<boolean> {
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

  #start(): Thread {
    const script = new URL(`./piece-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(script, { execArgv: [], resourceLimits });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const thread: Thread = { worker, pending: new Map(), isOnline: false, ended };
    worker.on('online', () => {
      thread.isOnline = true;
    });
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
    try {
      waiting?.resolve(isWritten(result));
    } catch (error) {
      waiting?.reject(error as Error);
    }
  }
}

/** @throws the system error that the result tells of. */
function isWritten(result: PieceReply['result']): boolean {
  if (typeof result === 'string') return result === 'written';
  throw Object.assign(new Error(result.message), { code: result.code });
}
