import { type IncomingMessage, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { promisify } from 'node:util';
import { isSluiceError, type Span, sluiceError } from '@sluice/protocol';
import { retryAfterMs } from '../source/http/retry-after.ts';
import type { Route, Routes } from '../source/proxy/index.ts';
import { ProxiedAgents } from './proxied-agents.ts';

/** Replies of the services are small; more is refused. */
const maxReplyBytes = 1 << 20;
/** Callers have deadlines of their own; this only keeps a forgotten one from waiting for ever. */
const silenceMs = 30_000;
/** Many servers close what is idle for five seconds: a question must not meet with that. */
const idleMs = 4_000;
const kept = { keepAlive: true, timeout: idleMs };
const direct: Routes = async () => ['direct'];

export interface JsonReply {
  status: number;
  json: unknown;
  /** What `Retry-After` asks for. */
  retryAfterMs?: number;
}

interface Question {
  body?: unknown;
  gzip?: boolean;
  authorization?: string;
  /** The question is one of its trace. */
  span?: Span | undefined;
}

/**
 * Asks services, over connections that it keeps for the next question. By Node's own client: the one that
 * HTTP sources use takes 20 MB, of every device that only waits.
 */
export class JsonClient {
  readonly #closing = new AbortController();
  readonly #agents: ProxiedAgents;
  readonly #routes: Routes;

  /**
   * @param routes the ways to a URL: proxies; straight there if not given.
   * @param trust in whom, for https: an authority in place of the system's; or anybody.
   */
  constructor(routes = direct, trust: { ca?: string; rejectUnauthorized?: false } = {}) {
    this.#agents = new ProxiedAgents({ ...kept, ...trust });
    this.#routes = routes;
  }

  /**
   * GET, or POST when there is a body, compressed if asked. Redirects are not followed: an endpoint that
   * moved says so in key-value.
   * @throws ServiceUnreachable (also when `signal` aborts), ServiceInvalidReply (too large, not JSON).
   */
  async ask(
    service: string,
    url: string,
    options: { signal: AbortSignal } & Question,
  ): Promise<JsonReply> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const span = options.span?.child(service, 'client');
    try {
      signal.throwIfAborted();
      const reply = await this.#sendByAny(new URL(url), { ...options, span }, signal);
      const status = reply.statusCode ?? 0;
      span?.set('http.response.status_code', status);
      const json = parseJson(service, status, await readText(service, reply));
      const wait = waitOf(reply);
      return { status, json, ...(wait !== undefined && { retryAfterMs: wait }) };
    } catch (error) {
      span?.end('it failed');
      if (isSluiceError(error)) throw error;
      throw unreachable(service, url, signal.aborted ? signal.reason : error);
    } finally {
      span?.end();
    }
  }

  /** Ends what is under way, and all connections. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    this.#agents.close();
  }

  /** By the first way that leads there. */
  async #sendByAny(url: URL, question: Question, signal: AbortSignal): Promise<IncomingMessage> {
    // It would be sent as credentials.
    url.username = '';
    url.password = '';
    let fault: unknown;
    for (const route of await this.#routes(url, signal)) {
      try {
        return await this.#send(url, route, question, signal);
      } catch (error) {
        signal.throwIfAborted();
        fault ??= error;
      }
    }
    throw fault;
  }

  /** Resolves when the reply begins. */
  async #send(
    url: URL,
    route: Route,
    { body, gzip = false, authorization, span }: Question,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const hasBody = body !== undefined;
    const bytes = hasBody ? await encoded(body, gzip) : undefined;
    const options = {
      method: hasBody ? 'POST' : 'GET',
      signal,
      timeout: silenceMs,
      agent: this.#agents.of(route, url.protocol),
      headers: {
        accept: 'text/json, application/json',
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...(authorization !== undefined && { authorization }),
        ...(gzip && { 'content-encoding': 'gzip' }),
        ...(span && { traceparent: span.traceparent }),
      },
    };
    const send = url.protocol === 'https:' ? tlsRequest : request;
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = send(url, options);
      asked.on('response', resolve).on('error', reject);
      asked.on('timeout', () => asked.destroy(new Error(`silent for ${silenceMs / 1000} s`)));
      asked.end(bytes);
    });
    if (route !== 'direct' && reply.statusCode === 407) {
      reply.destroy();
      throw new Error(`the proxy ${route.url.origin} wants a user name and a password`);
    }
    return reply;
  }
}

/** That a service did not answer. */
export function unreachable(service: string, url: string, cause: unknown): Error {
  // The query tells what this device downloads, credentials of signed URLs among it.
  const shown = URL.parse(url);
  const params = {
    service,
    url: shown ? shown.origin + shown.pathname : 'no URL',
    detail: detailOf(cause),
  };
  return sluiceError('ServiceUnreachable', params, { cause });
}

/** Attempts on several addresses come in one error without a text. */
function detailOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  return first instanceof Error ? first.message || first.name : String(first);
}

async function encoded(body: unknown, isCompressed: boolean): Promise<Uint8Array | string> {
  const text = JSON.stringify(body);
  // Few questions are large enough for it.
  return isCompressed ? promisify(process.getBuiltinModule('node:zlib').gzip)(text) : text;
}

function waitOf({ headers }: IncomingMessage): number | undefined {
  const { date, 'retry-after': after } = headers;
  if (after === undefined) return undefined;
  return retryAfterMs(
    new Map([['retry-after', after], ...(date ? [['date', date] as const] : [])]),
  );
}

async function readText(service: string, reply: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxReplyBytes) {
      throw sluiceError('ServiceInvalidReply', { service, detail: 'the reply is too large' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(service: string, status: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = /^\s*</.test(text) ? 'HTML in place of JSON' : `not JSON (status ${status})`;
    throw sluiceError('ServiceInvalidReply', { service, detail }, { cause: error });
  }
}
