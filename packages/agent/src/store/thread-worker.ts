import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sluiceError } from '@sluice/protocol';
import type { PieceReply, PieceTask } from './piece-task.ts';
import type { PieceWrite } from './piece-worker.ts';
import type { RunCancel, RunReply, RunTask } from './run-task.ts';

/** What to fetch; see `RunTask` for the fields. */
export type RunFetch = Omit<RunTask, 'id'>;

/** Told of a run as it goes on. What it throws ends the process: it must not. */
export interface RunProgress {
  /** That came; those of a piece before the piece. */
  onBytes(bytes: number): void;
  /** The next piece of the run, as `PieceWorker.write`. */
  onPiece(result: PieceReply['result']): void;
}

/** A thread makes little garbage; by itself it would take 14 MB, not 5. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };

interface Pending {
  resolve(written: boolean): void;
  reject(error: Error): void;
}

interface PendingRun {
  progress: RunProgress;
  ended(): void;
  lost(error: Error): void;
}

interface Thread {
  worker: Worker;
  pending: Map<number, Pending>;
  runs: Map<number, PendingRun>;
  isOnline: boolean;
  ended: Promise<void>;
}

/** One thread, begun anew when it is lost. */
export class ThreadWorker {
  #thread: Thread | undefined;
  #nextId = 0;
  #closed = false;

  get pending(): number {
    return this.#thread?.pending.size ?? 0;
  }

  get exists(): boolean {
    return this.#thread !== undefined;
  }

  /** How many it is at; Infinity while it cannot begin with one. */
  get runs(): number {
    return this.isOnline ? this.#thread!.runs.size : Number.POSITIVE_INFINITY;
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
    worker.ref();
    pending.set(id, { resolve, reject });
    worker.postMessage({ ...piece, id } satisfies PieceTask);
    return promise;
  }

  async fetchRun(run: RunFetch, progress: RunProgress, signal: AbortSignal): Promise<void> {
    const { worker, runs } = this.#thread!;
    const id = this.#nextId++;
    const { promise, resolve: ended, reject: lost } = Promise.withResolvers<void>();
    worker.ref();
    runs.set(id, { progress, ended, lost });
    worker.postMessage({ ...run, id } satisfies RunTask);
    const cancel = () => worker.postMessage({ cancel: id } satisfies RunCancel);
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    if (!thread) return;
    if (isIdle(thread)) await thread.worker.terminate();
    await thread.ended;
  }

  #start(): Thread {
    const script = new URL(`./piece-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(script, { execArgv: [], resourceLimits });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const thread: Thread = {
      ...{ worker, pending: new Map(), runs: new Map() },
      ...{ isOnline: false, ended },
    };
    worker.on('online', () => {
      thread.isOnline = true;
    });
    let cause: unknown;
    worker.on('message', (replies: PieceReply[] | RunReply) => {
      if (!Array.isArray(replies)) this.#goOn(thread, replies);
      else for (const reply of replies) this.#settle(thread, reply);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    // Not on 'error': until the exit the thread may still write to a file that is closed next.
    worker.on('exit', (code) => {
      if (this.#thread === thread) this.#thread = undefined;
      const detail = cause instanceof Error ? cause.message : `exit code ${code}`;
      const lost = () => sluiceError('PieceWorkerLost', { detail }, { cause });
      for (const { reject } of thread.pending.values()) reject(lost());
      for (const run of thread.runs.values()) run.lost(lost());
      thread.pending.clear();
      thread.runs.clear();
      end();
    });
    return thread;
  }

  #goOn(thread: Thread, { run, bytes, pieces, ended }: RunReply): void {
    const known = thread.runs.get(run);
    if (!known) return;
    if (bytes > 0) known.progress.onBytes(bytes);
    for (const result of pieces) known.progress.onPiece(result);
    if (!ended) return;
    thread.runs.delete(run);
    known.ended();
    this.#rest(thread);
  }

  /** It keeps the process alive no longer when nothing is left to do. */
  #rest(thread: Thread): void {
    if (!isIdle(thread)) return;
    thread.worker.unref();
    if (this.#closed) void thread.worker.terminate();
  }

  #settle(thread: Thread, { id, result }: PieceReply): void {
    const waiting = thread.pending.get(id);
    thread.pending.delete(id);
    this.#rest(thread);
    try {
      waiting?.resolve(isWritten(result));
    } catch (error) {
      waiting?.reject(error as Error);
    }
  }
}

/** Nothing that was asked of it is under way. */
function isIdle({ pending, runs }: Thread): boolean {
  return pending.size === 0 && runs.size === 0;
}

/** @throws the system error that the result tells of. */
export function isWritten(result: PieceReply['result']): boolean {
  if (typeof result === 'string') return result === 'written';
  throw Object.assign(new Error(result.message), { code: result.code });
}
