import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Tracer } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';
import type { CacheStats } from '../stats.ts';
import type { DriveIssue } from '../store/drive-issue.ts';
import type { AccessLog } from './access-log.ts';
import { beginNote } from './answer-note.ts';
import { History } from './history.ts';
import { Issues } from './issues.ts';
import { traced } from './traced.ts';
import { Traffic } from './traffic.ts';

export interface WatchOptions {
  clock: Clock;
  wallTime: WallTime;
  stats: () => CacheStats;
  log: AccessLog | undefined;
  driveIssues: () => readonly DriveIssue[];
}

/** Sees every answer of the node, for metrics, pages and the access log. */
export class Watch {
  readonly traffic = new Traffic();
  readonly history: History;
  readonly issues: Issues;
  /** Wall time of the start, ms since 1970. */
  readonly startedAt: number;
  /** Undefined: nobody wants traces. */
  tracer: Tracer | undefined;
  readonly #options: WatchOptions;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.history = new History(options.clock, options.stats);
    this.issues = new Issues(options.wallTime, options.driveIssues);
    this.startedAt = options.wallTime();
  }

  /** Wall time, ms since 1970. */
  get now(): number {
    return this.#options.wallTime();
  }

  /** Runs `answer`, which must not throw, and writes down what became of it. */
  async run(
    message: IncomingMessage,
    response: ServerResponse,
    answer: () => Promise<void>,
  ): Promise<void> {
    const { clock, wallTime, log } = this.#options;
    const { tracer } = this;
    const note = beginNote(response, clock);
    // Gone with the connection.
    const client = message.socket.remoteAddress;
    await (tracer ? traced(tracer, message, response, answer) : answer());
    const now = clock.now();
    // As nginx says it: the client left before there was an answer.
    const status = response.headersSent ? response.statusCode : 499;
    this.traffic.add(note, status, now);
    log?.write({ message, client, status, note, wallMs: wallTime(), ms: now - note.began });
  }

  /** Lines of answers that nobody else writes. */
  writeLines(lines: readonly string[]): void {
    if (lines.length > 0) this.#options.log?.append(lines);
  }

  async close(): Promise<void> {
    this.history.close();
    await this.#options.log?.close();
    await this.tracer?.flush();
  }
}
