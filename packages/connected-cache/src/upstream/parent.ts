import { connect } from 'node:net';
import { ConnectionPool } from './connection-pool.ts';
import type { Answer } from './exchange.ts';
import type { SourceQuestion } from './upstream.ts';
import type { Patience } from './wire/source-connection.ts';

export interface ParentOptions extends Patience {
  /** `http://host[:port]` of the parent node. */
  origin: string;
  /** How long it may take to accept a connection, ms: less than a source, which is the way out. */
  connectTimeoutMs: number;
  /** Monotonic ms. */
  now(): number;
  /** Hears why the parent was passed by. */
  failed(error: unknown): void;
}

/** For how long a parent that cannot be reached is not asked. */
const restMs = 30_000;

/** What a parent says that the source might say too; all else it says of itself. */
const ofTheSource = new Set([200, 206, 304, 404, 410, 412, 416]);

/** The next node on the way to the sources (a nested node's UPSTREAM_HOST, connected-cache.md §14). */
export class Parent {
  readonly #options: ParentOptions;
  readonly #pool: ConnectionPool;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(options: ParentOptions) {
    this.#options = options;
    this.#pool = new ConnectionPool(
      ({ hostname, port }, onread) =>
        connect({
          host: hostname.replace(/^\[|\]$/g, ''),
          port: Number(port || 80),
          noDelay: true,
          onread,
        }),
      options,
    );
  }

  /** Its answer; undefined when the source is to be asked instead. @throws Cancelled */
  async ask({
    source,
    path,
    method,
    headers,
    signal,
  }: SourceQuestion): Promise<Answer | undefined> {
    const { origin, now, failed } = this.#options;
    if (now() < this.#restsUntil) return undefined;
    const mark = path.includes('?') ? '&' : '?';
    // Percent-encoded, an IPv6 address and its port stay one value of the query.
    const asked = `${path}${mark}cacheHostOrigin=${encodeURIComponent(source.label)}`;
    try {
      const answer = await this.#pool.ask({ origin, path: asked, method, headers }, origin, signal);
      if (ofTheSource.has(answer.status)) return answer;
      answer.body.abort();
      failed(new Error(`the upstream node answered ${answer.status} for ${source.label}`));
    } catch (error) {
      if (signal?.aborted) throw error;
      this.#restsUntil = now() + restMs;
      failed(error);
    }
    return undefined;
  }

  close(): void {
    this.#pool.close();
  }
}
