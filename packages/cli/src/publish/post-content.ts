import { type PublishReply, type PublishRequest, sluiceError } from '@sluice/protocol';
import { parseErrorReply, parsePublishReply } from '@sluice/protocol/schemas';
import { trustOwnCloud } from './trust-own-cloud.ts';

const service = 'the cloud';
const timeoutMs = 60_000;
const maxReplyBytes = 1024 ** 2;

/**
 * Registers a content: `POST /admin/content`.
 * @throws as `askAdmin`
 */
export async function postContent(
  cloudUrl: string,
  token: string,
  request: PublishRequest,
  signal: AbortSignal,
): Promise<PublishReply> {
  const asked = { method: 'POST', path: '/admin/content', body: request } as const;
  return parsePublishReply(await askAdmin(cloudUrl, token, asked, signal));
}

/**
 * Asks the admin API of a cloud.
 * @returns the JSON of its answer, unchecked; undefined when it has none.
 * @throws ServiceUnreachable, ServiceRefused, ServiceInvalidReply, Cancelled
 */
export async function askAdmin(
  cloudUrl: string,
  token: string,
  asked: AskedAdmin,
  signal: AbortSignal,
): Promise<unknown> {
  const body = await fetchAdmin(cloudUrl, token, asked, signal);
  const text = await readText(body);
  return text === '' ? undefined : parseJson(text);
}

interface AskedAdmin {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
}

/**
 * The same for answers of any length and kind.
 * @throws as `askAdmin`; so does reading the body
 */
export async function fetchAdmin(
  cloudUrl: string,
  token: string,
  { method, path, body }: AskedAdmin,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  await trustOwnCloud(cloudUrl);
  const failed = (error: unknown) => failure(error, cloudUrl, signal);
  try {
    const response = await fetch(`${cloudUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      // A redirect could carry the token elsewhere.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const chunks = chunksOf(response, failed);
    if (!response.ok) throw refusal(response.status, await readText(chunks));
    return chunks;
  } catch (error) {
    throw failed(error);
  }
}

async function* chunksOf(
  { body }: Response,
  failed: (error: unknown) => unknown,
): AsyncIterable<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    throw failed(error);
  }
}

function failure(error: unknown, url: string, signal: AbortSignal): unknown {
  if (signal.aborted) return sluiceError('Cancelled', {}, { cause: error });
  if (error instanceof Error && ['TypeError', 'TimeoutError'].includes(error.name)) {
    // What went wrong on the network is in the cause of fetch's error.
    const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException;
    const detail = message || code || error.message;
    return sluiceError('ServiceUnreachable', { service, url, detail }, { cause: error });
  }
  return error;
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxReplyBytes) {
      const detail = `longer than ${maxReplyBytes} bytes`;
      throw sluiceError('ServiceInvalidReply', { service, detail });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refusal(status: number, text: string): Error {
  try {
    const { Message } = parseErrorReply(parseJson(text));
    return sluiceError('ServiceRefused', { service, status, detail: Message });
  } catch (cause) {
    const detail = '(not in the words of a Sluice cloud)';
    return sluiceError('ServiceRefused', { service, status, detail }, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw sluiceError('ServiceInvalidReply', { service, detail: 'not JSON' }, { cause: error });
  }
}
