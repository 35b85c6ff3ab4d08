import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Clock, sluiceError } from '@sluice/protocol';
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

/** One that was not needed for so long is worth its memory (20 MB) no more, ms. */
export const restMs = 30_000;

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
  isReady: boolean;
  ended: Promise<void>;
  /** Lets it go on resting: it is not ended then. */
  cancelRest(): void;
}

/** One thread, ended when it has had nothing to do for a while, and begun anew when it is needed or lost. */
export class ThreadWorker {
  readonly #clock: Clock;
  #thread: Thread | undefined;
  /** Resolves when no thread is left of those that were not needed any more. */
  #retired: Promise<void> = Promise.resolve();
  #nextId = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get pending(): number {
    return this.#thread?.pending.size ?? 0;
  }

  get exists(): boolean {
    return this.#thread !== undefined;
  }

  /** How many it is at; Infinity while it cannot begin with one. */
  get runs(): number {
    return this.isReady ? this.#thread!.runs.size : Number.POSITIVE_INFINITY;
  }

  get isReady(): boolean {
    return this.#thread?.isReady === true;
  }

  prepare(): void {
    if (this.#thread) return;
    this.#thread = this.#start();
    this.#rest(this.#thread);
  }

  write(piece: PieceWrite): Promise<boolean> {
    this.#thread ??= this.#start();
    const { worker, pending } = this.#thread;
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.#thread.cancelRest();
    worker.ref();
    pending.set(id, { resolve, reject });
    worker.postMessage({ ...piece, id } satisfies PieceTask);
    return promise;
  }

  async fetchRun(run: RunFetch, progress: RunProgress, signal: AbortSignal): Promise<void> {
    const { worker, runs, cancelRest } = this.#thread!;
    const id = this.#nextId++;
    const { promise, resolve: ended, reject: lost } = Promise.withResolvers<void>();
    cancelRest();
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
    if (thread && isIdle(thread)) this.#retire(thread);
    await Promise.all([this.#retired, thread?.ended]);
  }

  #start(): Thread {
    const script = new URL(`./piece-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(script, { execArgv: [], resourceLimits });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const thread: Thread = {
      ...{ worker, pending: new Map(), runs: new Map() },
      ...{ isReady: false, ended, cancelRest() {} },
    };
    let cause: unknown;
    worker.on('message', (replies: PieceReply[] | RunReply) => {
      thread.isReady = true;
      if (!Array.isArray(replies)) this.#goOn(thread, replies);
      else for (const reply of replies) this.#settle(thread, reply);
    });
    worker.on('error', (error) => {
      cause = error;
    });
    // Not on 'error': until the exit the thread may still write to a file that is closed next.
    worker.on('exit', (code) => {
      thread.cancelRest();
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

  /** Nothing is left to do: it ends soon, unless there is something before that. */
  #rest(thread: Thread): void {
    if (!isIdle(thread)) return;
    thread.worker.unref();
    if (this.#closed) this.#retire(thread);
    else thread.cancelRest = this.#clock.setTimer(restMs, () => this.#retire(thread));
  }

  #retire(thread: Thread): void {
    thread.cancelRest();
    if (this.#thread === thread) this.#thread = undefined;
    void thread.worker.terminate();
    this.#retired = Promise.all([this.#retired, thread.ended]).then(() => {});
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
