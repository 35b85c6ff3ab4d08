import { sluiceError } from '@sluice/protocol';
import { Agent } from 'undici';
import type { AllowedSource, AllowList } from '../sources/allow-list.ts';
import { type ConnectOptions, guardedConnect } from '../sources/guarded-connect.ts';
import { type Answer, discard, exchange, type Question } from './exchange.ts';
import { single } from './headers.ts';
import type { Parent } from './parent.ts';
import { isReset, sourceError } from './source-error.ts';

export interface UpstreamOptions extends ConnectOptions {
  /** How long a source may take to begin its answer, ms. */
  headersTimeoutMs: number;
  /** How long it may pause within it, ms. */
  bodyTimeoutMs: number;
  /** A node to ask first. */
  parent?: Parent | undefined;
}

export interface SourceQuestion {
  source: AllowedSource;
  /** Path and query. */
  path: string;
  method: 'GET' | 'HEAD';
  headers: Record<string, string>;
  /** Sent to this source only, not to where it redirects. */
  credentials?: Record<string, string>;
  signal?: AbortSignal;
}

const maxRedirects = 10;
const connectionsPerSource = 128;

/** Asks sources: only listed ones, by any number of redirects up to ten, without cookies. */
export class Upstream {
  readonly #allow: AllowList;
  readonly #agent: Agent;
  readonly #parent: Parent | undefined;

  constructor(allow: AllowList, options: UpstreamOptions) {
    this.#allow = allow;
    this.#parent = options.parent;
    this.#agent = new Agent({
      connect: guardedConnect(allow, options),
      connections: connectionsPerSource,
      headersTimeout: options.headersTimeoutMs,
      bodyTimeout: options.bodyTimeoutMs,
      pipelining: 1,
    });
  }

  /**
   * The head of the final answer; its body waits. A redirect to a host that is not listed is
   * given back as it is.
   * @throws CacheSourceFailed, CacheSourceStalled, CacheSourceInvalid (redirect loop),
   *   CacheAddressNotAllowed, Cancelled
   */
  async ask(question: SourceQuestion): Promise<Answer> {
    const { path, method, signal } = question;
    // What is one caller's own is no business of another node.
    const fromParent = question.credentials ? undefined : await this.#parent?.ask(question);
    if (fromParent) return fromParent;
    let { source } = question;
    let headers = { ...question.headers, ...question.credentials };
    let next: Question = { origin: source.origin, path, method, headers };
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = await this.#once(source, next, signal);
      const target = redirectTarget(answer, next);
      const allowed = target && this.#allow.permits(target);
      if (!allowed) return answer;
      discard(answer.body);
      if (allowed.origin !== source.origin) headers = question.headers;
      source = allowed;
      next = { origin: source.origin, path: target.pathname + target.search, method, headers };
    }
    const detail = `more than ${maxRedirects} redirects`;
    throw sluiceError('CacheSourceInvalid', { host: question.source.label, detail });
  }

  /** Ends every exchange at once. */
  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#parent?.close()]);
  }

  async #once(source: AllowedSource, question: Question, signal?: AbortSignal): Promise<Answer> {
    try {
      return await exchange(this.#agent, question, signal).catch((error) => {
        // The source may close a kept-alive connection just as it is used again: ask once more.
        if (!isReset(error)) throw error;
        return exchange(this.#agent, question, signal);
      });
    } catch (error) {
      throw sourceError(error, source.label);
    }
  }
}

function redirectTarget(answer: Answer, asked: Question): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  const location = single(answer.headers, 'location');
  if (location === undefined) return undefined;
  const base = asked.origin + asked.path;
  return URL.canParse(location, base) ? new URL(location, base) : undefined;
}
