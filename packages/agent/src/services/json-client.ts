import { isSluiceError, sluiceError } from '@sluice/protocol';
import type { Agent, Dispatcher } from 'undici';

/** Replies of the services are small; more is refused. */
const maxReplyBytes = 1 << 20;
/** Callers have deadlines of their own; this only keeps a forgotten one from waiting for ever. */
const timeoutMs = 30_000;

export interface JsonReply {
  status: number;
  json: unknown;
}

/** Asks services, over connections that it keeps for the next question. */
export class JsonClient {
  #agent: Promise<Agent> | undefined;
  #closed = false;

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
    const hasBody = options.body !== undefined;
    try {
      const agent = await this.#open();
      const { origin, pathname, search } = new URL(url);
      const reply = await agent.request({
        origin,
        path: pathname + search,
        method: hasBody ? 'POST' : 'GET',
        signal: options.signal,
        headers: {
          accept: 'text/json, application/json',
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { body: JSON.stringify(options.body) } : {}),
      });
      const text = await readText(service, reply.body);
      return { status: reply.statusCode, json: parseJson(service, reply.statusCode, text) };
    } catch (error) {
      if (isSluiceError(error)) throw error;
      throw unreachable(service, url, error);
    }
  }

  /** Ends what is under way, and all connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#agent)?.destroy();
  }

  #open(): Promise<Agent> {
    if (this.#closed) throw new Error('closed');
    this.#agent ??= openAgent();
    return this.#agent;
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

/** Loaded when there is a service to ask: it takes longer than a small download. */
async function openAgent(): Promise<Agent> {
  const { Agent } = await import('undici');
  return new Agent({
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
}

/** Attempts on several addresses come in one error without a text. */
function detailOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  return first instanceof Error ? first.message || first.name : String(first);
}

async function readText(service: string, body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
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
