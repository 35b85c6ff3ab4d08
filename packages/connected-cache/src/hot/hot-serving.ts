import { closeSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { WallTime } from '../clock.ts';
import { descriptorOfSocket } from '../serve/descriptor.ts';
import type { Egress } from '../serve/egress.ts';
import type { ConnectionServer } from '../serve/http-server.ts';
import type { AccessLogOptions } from '../watch/access-log.ts';
import { type Loads, LoadWatch } from '../watch/load-watch.ts';
import type { Watch } from '../watch/watch.ts';
import { answerLine, endedAnswer } from './answer-record.ts';
import { HotCounts } from './hot-counts.ts';
import { HotFront } from './hot-front.ts';
import { HotThreads, type ThreadsHost } from './hot-threads.ts';
import { LeaseTable } from './lease-table.ts';
import { Leases, type LeasesDeps } from './leases.ts';

export interface HotServingDeps extends Omit<LeasesDeps, 'table'> {
  /** 1 = the loop of the node itself serves. */
  workers: number;
  clock: Clock;
  wallTime: WallTime;
  egress: Egress | undefined;
  clientStallMs: number;
  keepAliveMs: number;
  maxConnections: number;
  log: AccessLogOptions | undefined;
  watch: Watch;
  logger: Logger | undefined;
}

/** What serves connections: the threads, or the one front on the node's own loop. */
type Fronts = Pick<HotThreads, 'take' | 'drain' | 'cut'>;

/**
 * Has what is hot served by the shortest way, on as many cores as wished: it takes the connections that a
 * server accepts, and gives back to it those that want more than that.
 */
export class HotServing {
  readonly counts: HotCounts;
  readonly #deps: HotServingDeps;
  readonly #table: LeaseTable;
  readonly #leases: Leases;
  readonly #host: ThreadsHost;
  /** Those that the HTTP server has, and whether it was given one whole head and no more of each. */
  readonly #handedOver = new Map<Socket, boolean>();
  #fronts: Fronts | undefined;
  #threads: HotThreads | undefined;
  #loadWatch: LoadWatch | undefined;
  #serveHttp: (socket: Socket) => void = (socket) => socket.destroy();

  constructor(deps: HotServingDeps) {
    this.#deps = deps;
    this.counts = new HotCounts(deps.workers);
    this.#table = new LeaseTable(deps.workers);
    this.#leases = new Leases({ ...deps, table: this.#table });
    this.#host = this.#hostOf(deps);
  }

  /** From now on takes all connections of the server, which listens at this URL. */
  start(server: ConnectionServer, nodeUrl: string): void {
    const { kernel, workers, clientStallMs, keepAliveMs, log } = this.#deps;
    const { counts } = this;
    const [host, table] = [this.#host, this.#table];
    if (workers > 1) {
      const start = { clientStallMs, keepAliveMs, log, nodeUrl };
      this.#threads = new HotThreads({ host, table, counts, start });
      this.#fronts = this.#threads;
    } else {
      const common = { host, kernel, table, clientStallMs, keepAliveMs };
      const [row] = counts.rows;
      this.#fronts = new HotFront({ ...common, thread: 0, counts: row!, nodeUrl: () => nodeUrl });
    }
    this.#serveHttp = server.divert((socket) => this.#accept(socket));
    const loads = this.#threads ? () => this.#threads!.loads() : ownLoad();
    const { clock, watch } = this.#deps;
    this.#loadWatch = new LoadWatch(clock, watch.issues, loads, availableParallelism());
  }

  /**
   * The HTTP server has answered: the next request on that connection may be for what is hot, if all that
   * came before was this one.
   */
  answered({ method, socket }: IncomingMessage, response: ServerResponse): void {
    if (!this.#handedOver.get(socket) || socket.bytesRead > 0 || method !== 'GET') return;
    const { statusCode, shouldKeepAlive, writableFinished } = response;
    if (statusCode !== 200 && statusCode !== 206) return;
    if (!shouldKeepAlive || !writableFinished || socket.writableLength > 0) return;
    this.#pass(socket);
  }

  /** Resolves when no connection is left in the fronts: those that are idle are ended at once. */
  async drain(): Promise<void> {
    await this.#fronts?.drain();
  }

  /** Ends all connections of the fronts. */
  cut(): void {
    this.#fronts?.cut();
  }

  /** After `drain`. */
  async close(): Promise<void> {
    this.#loadWatch?.close();
    await this.#threads?.close();
    for (const i of this.counts.rows.keys()) this.#table.forget(i);
    this.#leases.close();
  }

  #accept(socket: Socket): void {
    const all = this.counts.sum('Connections') + this.#handedOver.size;
    if (all >= this.#deps.maxConnections) socket.destroy();
    else this.#pass(socket);
  }

  /** To the fronts, as a descriptor: this socket object goes. */
  #pass(socket: Socket): void {
    const descriptor = descriptorOfSocket(socket);
    try {
      if (descriptor !== undefined) this.#fronts?.take(this.#deps.kernel.duplicate(descriptor));
    } catch (error) {
      this.#host.failed(error);
    }
    socket.destroy();
  }

  #handOver(descriptor: number, bytes: Uint8Array): void {
    const all = { readable: true, writable: true, allowHalfOpen: true };
    let socket: Socket;
    try {
      socket = new Socket({ fd: descriptor, ...all });
    } catch (error) {
      closeSync(descriptor);
      this.#host.failed(error);
      return;
    }
    const end = Buffer.from(bytes).indexOf('\r\n\r\n');
    this.#handedOver.set(socket, end >= 0 && end === bytes.length - 4);
    socket.once('close', () => this.#handedOver.delete(socket));
    if (bytes.length > 0) socket.unshift(bytes);
    this.#serveHttp(socket);
  }

  #hostOf({ clock, wallTime, egress, watch, logger, log }: HotServingDeps): ThreadsHost {
    return {
      clock,
      wallTime,
      egress,
      ask: (asked) => this.#leases.ask(asked),
      handOver: (descriptor, bytes) => this.#handOver(descriptor, bytes),
      used: (...use) => this.#leases.used(...use),
      answered(answer) {
        const now = clock.now();
        watch.traffic.add(endedAnswer(answer), answer.status, now);
        if (log) watch.writeLines([answerLine(log, answer, now, wallTime())]);
      },
      recorded: ({ uses, traffic, lines }) => {
        for (const use of uses) this.#leases.used(...use);
        watch.traffic.merge(traffic);
        watch.writeLines(lines);
      },
      failed: (error) => {
        logger?.warn({ err: error }, 'a connection was cut');
        return undefined;
      },
      died(thread, cause) {
        const detail = cause instanceof Error ? cause.message : 'it ended by itself';
        watch.issues.begin('Other', `worker ${thread + 1}`, detail);
        logger?.error({ err: cause, worker: thread + 1 }, 'a worker ended and is started again');
      },
      back: (thread) => watch.issues.end('Other', `worker ${thread + 1}`),
    };
  }
}

/** Of this loop. */
function ownLoad(): Loads {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return [utilization];
  };
}
