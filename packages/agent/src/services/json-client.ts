import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { isSluiceError, sluiceError } from '@sluice/protocol';

/** Replies of the services are small; more is refused. */
const maxReplyBytes = 1 << 20;
/** Callers have deadlines of their own; this only keeps a forgotten one from waiting for ever. */
const silenceMs = 30_000;
/** Many servers close what is idle for five seconds: a question must not meet with that. */
const idleMs = 4_000;
const kept = { keepAlive: true, timeout: idleMs };

export interface JsonReply {
  status: number;
  json: unknown;
}

/**
 * Asks services, over connections that it keeps for the next question. By Node's own client: the one that
 * HTTP sources use takes 20 MB, of every device that only waits.
 */
export class JsonClient {
  readonly #closing = new AbortController();
  #plain: Agent | undefined;
  #tls: TlsAgent | undefined;

  /**
   * GET, or POST when there is a body. Redirects are not followed: an endpoint that moved says so in
   * key-value.
   * @throws ServiceUnreachable (also when `signal` aborts), ServiceInvalidReply (too large, not JSON).
   */
  async ask(
    service: string,
    url: string,
    options: { signal: AbortSignal; body?: unknown },
  ): Promise<JsonReply> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    try {
      signal.throwIfAborted();
      const reply = await this.#send(new URL(url), options.body, signal);
      const status = reply.statusCode ?? 0;
      return { status, json: parseJson(service, status, await readText(service, reply)) };
    } catch (error) {
      if (isSluiceError(error)) throw error;
      throw unreachable(service, url, signal.aborted ? signal.reason : error);
    }
  }

  /** Ends what is under way, and all connections. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'));
    this.#plain?.destroy();
    this.#tls?.destroy();
  }

  /** Resolves when the reply begins. */
  #send(url: URL, body: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    // It would be sent as credentials.
    url.username = '';
    url.password = '';
    const hasBody = body !== undefined;
    const options = {
      method: hasBody ? 'POST' : 'GET',
      signal,
      timeout: silenceMs,
      headers: {
        accept: 'text/json, application/json',
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
      },
    };
    return new Promise((resolve, reject) => {
      const asked = this.#request(url, options);
      asked.on('response', resolve).on('error', reject);
      asked.on('timeout', () => asked.destroy(new Error(`silent for ${silenceMs / 1000} s`)));
      asked.end(hasBody ? JSON.stringify(body) : undefined);
    });
  }

  #request(url: URL, options: RequestOptions): ClientRequest {
    if (url.protocol === 'https:') {
      this.#tls ??= new TlsAgent(kept);
      return tlsRequest(url, { ...options, agent: this.#tls });
    }
    this.#plain ??= new Agent(kept);
    return request(url, { ...options, agent: this.#plain });
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
