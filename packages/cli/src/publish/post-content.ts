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
  {
    method,
    path,
    body,
  }: { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string; body?: object },
  signal: AbortSignal,
): Promise<unknown> {
  await trustOwnCloud(cloudUrl);
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
    const text = await readText(response);
    if (!response.ok) throw refusal(response.status, text);
    return response.status === 204 ? undefined : parseJson(text);
  } catch (error) {
    if (signal.aborted) throw sluiceError('Cancelled', {}, { cause: error });
    if (error instanceof Error && ['TypeError', 'TimeoutError'].includes(error.name)) {
      // What went wrong on the network is in the cause of fetch's error.
      const { message, code } = (error.cause ?? error) as NodeJS.ErrnoException;
      const detail = message || code || error.message;
      throw sluiceError('ServiceUnreachable', { service, url: cloudUrl, detail }, { cause: error });
    }
    throw error;
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
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
