import { type Clock, sluiceError } from '@sluice/protocol';
import { systemClock } from '../clock/system-clock.ts';
import { performAside } from './perform-task.ts';
import type { PieceReply, PieceTask } from './piece-task.ts';
import { PromptDisk } from './prompt-disk.ts';
import {
  isWritten,
  type RunFetch,
  type RunProgress,
  restMs,
  ThreadWorker,
} from './thread-worker.ts';

/** What to write; see `PieceTask` for the fields. */
export type PieceWrite = Omit<PieceTask, 'id'>;

/** The threads that hash and write the pieces of all content entries of the process. */
export interface PieceWorker {
  /** What the event loop itself may do on the disk. */
  readonly disk: PromptDisk;
  /**
   * Checks the digest, writes the piece, then its journal record. The memory and both files must stay
   * as they are until it settles.
   * @returns false when the digest is wrong: nothing was written then.
   * @throws PieceWorkerLost when the thread ended meanwhile (it may or may not have written; the next
   *   write starts a new one); else the system error (`code`) of the write that failed.
   */
  write(piece: PieceWrite): Promise<boolean>;
  /** Whether a thread could begin with a run at once. */
  readonly takesRun: boolean;
  /**
   * Has a thread fetch and write a run of pieces by itself. Both files must stay as they are until it settles.
   * @returns when it has ended: all is there, or it failed, or `signal` is aborted.
   * @throws PieceWorkerLost when there is no such thread, or it ended meanwhile.
   */
  fetchRun(run: RunFetch, progress: RunProgress, signal: AbortSignal): Promise<void>;
  /** Starts threads for so many bytes that will come soon: that takes as long as 60 MiB to hash. */
  prepare(bytes: number): void;
  /** Ends the threads when all that was asked is done. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** More threads than this would only take turns on the inode's lock. */
const maxThreads = 2;
/** Runs at once in a thread: one would leave it idle between two requests. */
const maxRuns = 2;
/** Pieces that wait before one more thread is worth its start and its memory. */
const crowd = 2;
/**
 * So many bytes in a second need no thread, which takes 0.1 s of CPU time and 20 MB to have: hashing them is
 * 1 % of the loop's time.
 */
const trickleBytes = 16 << 20;
const trickleMs = 1_000;
/** While threads start the loop does what it can: so many pieces, up to so many bytes, at a time. */
const atOnceAside = 2;
const maxBytesAside = 2 << 20;
/** Bytes of a content that takes long enough for the start of threads not to matter, should the line be thin. */
const worthAThread = 1 << 30;

/**
 * A worker whose threads start when they are needed, and end when they have not been for a while: until then, or until
 * it is closed, they keep the process alive.
 */
export function createPieceWorker(options: PieceWorkerOptions = {}): PieceWorker {
  return new Crew(options);
}

export interface PieceWorkerOptions {
  /** Bytes a second up to which there are no threads. */
  trickleBytes?: number;
  clock?: Clock;
}

class Crew implements PieceWorker {
  readonly disk: PromptDisk;
  readonly #threads: ThreadWorker[];
  readonly #trickleBytes: number;
  readonly #clock: Clock;
  /** What is written without a thread. */
  readonly #aside = new Set<Promise<unknown>>();
  #trickle = { since: 0, bytes: 0 };
  /** When more than a trickle came last. */
  #neededAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor({ trickleBytes: bytes = trickleBytes, clock = systemClock }: PieceWorkerOptions) {
    this.#trickleBytes = bytes;
    this.#clock = clock;
    this.disk = new PromptDisk(clock);
    this.#threads = [new ThreadWorker(clock)];
  }

  write(piece: PieceWrite): Promise<boolean> {
    if (this.#closed) {
      return Promise.reject(sluiceError('PieceWorkerLost', { detail: 'it was closed' }));
    }
    this.#count(piece.length);
    if (!this.#areThreadsNeeded) return this.#writeAside(piece);
    const idlest = this.#idlest;
    if (this.#isBetterAside(piece.length)) {
      idlest.prepare();
      return this.#writeAside(piece);
    }
    if (idlest.pending < crowd || this.#threads.length === maxThreads) return idlest.write(piece);
    const added = new ThreadWorker(this.#clock);
    this.#threads.push(added);
    return added.write(piece);
  }

  get takesRun(): boolean {
    return !this.#closed && this.#areThreadsNeeded && this.#runner.runs < maxRuns;
  }

  async fetchRun(run: RunFetch, progress: RunProgress, signal: AbortSignal): Promise<void> {
    if (!this.takesRun) throw sluiceError('PieceWorkerLost', { detail: 'no thread takes a run' });
    const onBytes = (bytes: number) => {
      this.#count(bytes);
      progress.onBytes(bytes);
    };
    const onPiece = (result: PieceReply['result']) => progress.onPiece(result);
    await this.#runner.fetchRun(run, { onBytes, onPiece }, signal);
  }

  prepare(bytes: number): void {
    if (this.#closed || bytes < worthAThread) return;
    this.#neededAt = this.#clock.now();
    if (this.#threads.length < maxThreads) this.#threads.push(new ThreadWorker(this.#clock));
    for (const thread of this.#threads) thread.prepare();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#aside, ...this.#threads.map((thread) => thread.close())]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #idlest(): ThreadWorker {
    return this.#threads.reduce((a, b) => (loadOf(b) < loadOf(a) ? b : a));
  }

  /** Which thread has the fewest runs; one that is not there yet has no room. */
  get #runner(): ThreadWorker {
    return this.#threads.reduce((a, b) => (b.runs < a.runs ? b : a));
  }

  #count(bytes: number): void {
    const now = this.#clock.now();
    if (now - this.#trickle.since >= trickleMs) this.#trickle = { since: now, bytes: 0 };
    this.#trickle.bytes += bytes;
    if (this.#trickle.bytes > this.#trickleBytes) this.#neededAt = now;
  }

  /** More than a trickle comes, or did a while ago. */
  get #areThreadsNeeded(): boolean {
    return this.#clock.now() - this.#neededAt < restMs;
  }

  /** While no thread is there yet: they take as long to start as 60 MiB to come. */
  #isBetterAside(bytes: number): boolean {
    if (bytes > maxBytesAside || this.#aside.size >= atOnceAside) return false;
    return !this.#threads.some((thread) => thread.isReady);
  }

  #writeAside(piece: PieceWrite): Promise<boolean> {
    const work = performAside(piece, this.disk);
    this.#aside.add(work);
    void work.then(() => this.#aside.delete(work));
    return work.then(isWritten);
  }
}

/** Pieces that wait for it. One that is not there is better than those that are crowded, and worse than others. */
function loadOf(thread: ThreadWorker): number {
  return thread.exists ? thread.pending : crowd - 0.5;
}
