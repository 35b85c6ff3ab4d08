import { extname } from 'node:path';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { HotCounts } from './hot-counts.ts';
import type { HotHost } from './hot-host.ts';
import type { LeaseTable } from './lease-table.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';

/** The node as the keeper of threads sees it. */
export interface ThreadsHost extends HotHost {
  /** Answers that ended in a thread. */
  recorded(record: Extract<FromThread, { kind: 'record' }>): void;
  /** A thread has ended by itself, or is back. */
  died(thread: number, cause: unknown): void;
  back(thread: number): void;
}

export interface ThreadsDeps {
  host: ThreadsHost;
  table: LeaseTable;
  counts: HotCounts;
  start: Omit<ThreadStart, 'thread' | 'threads' | 'leases' | 'counts' | 'turn' | 'wallMs'>;
  /** For tests: what a thread runs. */
  script?: URL;
}

/** Thousands of connections live long, their requests do not: little room for what is young keeps a thread small. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };
/** A thread that dies again and again is not started faster than this. */
const restartMs = 1000;

/** The threads that serve what is hot, each with its share of the connections. */
export class HotThreads {
  readonly #deps: ThreadsDeps;
  readonly #workers: (Worker | undefined)[];
  readonly #marks = new WeakMap<Worker, EventLoopUtilization>();
  readonly #drained = new Map<number, () => void>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  #next = 0;
  #closing = false;

  constructor(deps: ThreadsDeps) {
    this.#deps = deps;
    this.#workers = deps.counts.rows.map((_, i) => this.#start(i));
  }

  /** Gives a connection to the next thread; the descriptor is the thread's from now on. */
  take(descriptor: number): void {
    for (let tried = 0; tried < this.#workers.length; tried++) {
      this.#next = (this.#next + 1) % this.#workers.length;
      if (!this.#workers[this.#next]) continue;
      this.#tell(this.#next, { kind: 'take', descriptor });
      return;
    }
    this.#deps.host.handOver(descriptor, Buffer.alloc(0));
  }

  /** How busy each thread has been since this was asked last, 0 to 1. */
  loads(): number[] {
    return this.#workers.flatMap((worker) => {
      if (!worker) return [];
      const { performance } = worker;
      const now = performance.eventLoopUtilization();
      const before = this.#marks.get(worker);
      this.#marks.set(worker, now);
      return [performance.eventLoopUtilization(now, before).utilization];
    });
  }

  /** Resolves when all answers in threads have ended. */
  async drain(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    const each = this.#workers.map(
      (worker, i) =>
        worker &&
        new Promise<void>((resolve) => {
          this.#drained.set(i, resolve);
          this.#tell(i, { kind: 'drain' });
        }),
    );
    await Promise.all(each);
  }

  cut(): void {
    for (const i of this.#workers.keys()) this.#tell(i, { kind: 'cut' });
  }

  /** Ends the threads. After `drain`. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#workers.map((worker) => worker?.terminate()));
  }

  #start(thread: number): Worker {
    const { start, table, counts, host } = this.#deps;
    const own = new URL(`./hot-thread${extname(import.meta.url)}`, import.meta.url);
    const workerData: ThreadStart = {
      ...start,
      thread,
      threads: counts.rows.length,
      leases: table.shared,
      counts: counts.shared,
      turn: host.egress?.turn,
      wallMs: host.wallTime(),
    };
    const worker = new Worker(this.#deps.script ?? own, {
      execArgv: [],
      workerData,
      resourceLimits,
    });
    let cause: unknown;
    worker.on('message', (message: FromThread) => this.#hear(thread, worker, message));
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => this.#ended(thread, cause));
    return worker;
  }

  #ended(thread: number, cause: unknown): void {
    const { table, counts, host } = this.#deps;
    this.#workers[thread] = undefined;
    table.forget(thread);
    counts.rows[thread]!.forgetActive();
    this.#drained.get(thread)?.();
    if (this.#closing) return;
    host.died(thread, cause);
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#workers[thread] = this.#start(thread);
      this.#workers[thread].once('online', () => host.back(thread));
    }, restartMs);
    this.#restarts.add(timer);
  }

  #hear(thread: number, worker: Worker, message: FromThread): void {
    const { host } = this.#deps;
    const reply = (to: ToThread) => worker.postMessage(to);
    switch (message.kind) {
      case 'ask':
        host.ask(message.asked).then(
          (grant) => reply({ kind: 'granted', id: message.id, grant }),
          (error) => {
            host.failed(error);
            reply({ kind: 'granted', id: message.id, grant: undefined });
          },
        );
        break;
      case 'handOver':
        host.handOver(message.descriptor, message.bytes);
        break;
      case 'record':
        host.recorded(message);
        break;
      case 'egress': {
        const { id, bytes, begins } = message;
        const gone = () => this.#workers[thread] !== worker;
        host.egress?.take(bytes, begins, gone).then(() => reply({ kind: 'go', id }));
        break;
      }
      case 'giveBack':
        host.egress?.giveBack(message.bytes);
        break;
      case 'failed':
        host.failed(message.error);
        break;
      case 'drained':
        this.#drained.get(thread)?.();
    }
  }

  #tell(thread: number, message: ToThread): void {
    this.#workers[thread]?.postMessage(message);
  }
}
