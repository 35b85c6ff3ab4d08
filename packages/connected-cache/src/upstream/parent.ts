import { Agent } from 'undici';
import { type Answer, exchange } from './exchange.ts';
import type { SourceQuestion } from './upstream.ts';

export interface ParentOptions {
  /** `http://host[:port]` of the parent node. */
  origin: string;
  /** How long it may take to accept a connection, ms: less than a source, which is the way out. */
  connectTimeoutMs: number;
  headersTimeoutMs: number;
  bodyTimeoutMs: number;
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
  readonly #agent: Agent;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(options: ParentOptions) {
    const { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs } = options;
    this.#options = options;
    this.#agent = new Agent({
      connect: { timeout: connectTimeoutMs },
      headersTimeout: headersTimeoutMs,
      bodyTimeout: bodyTimeoutMs,
      connections: 128,
      pipelining: 1,
    });
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
      const answer = await exchange(this.#agent, { origin, path: asked, method, headers }, signal);
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

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
