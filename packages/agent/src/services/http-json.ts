import { sluiceError } from '@sluice/protocol';
import type { Dispatcher } from 'undici';

/** Replies of the services are small; more is refused. */
const maxReplyBytes = 1 << 20;

export interface JsonReply {
  status: number;
  json: unknown;
}

/** Loads the HTTP client, once, so that no deadline has to count that. */
export async function loadRequests(): Promise<void> {
  await import('undici');
}

/**
 * Asks a service. Redirects are not followed: an endpoint that moved says so in key-value.
 * @throws ServiceUnreachable, ServiceInvalidReply (too large, not JSON), Cancelled.
 */
export async function requestJson(
  service: string,
  url: string,
  options: { signal: AbortSignal; body?: unknown },
): Promise<JsonReply> {
  const hasBody = options.body !== undefined;
  // Loaded when there is a service to ask: it takes longer than a small download.
  const { request } = await import('undici');
  try {
    const reply = await request(url, {
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
    if (error instanceof Error && error.name === 'SluiceError') throw error;
    const detail = error instanceof Error ? error.message || error.name : String(error);
    throw sluiceError('ServiceUnreachable', { service, url, detail }, { cause: error });
  }
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
