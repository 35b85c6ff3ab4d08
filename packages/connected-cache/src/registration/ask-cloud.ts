import { sluiceError } from '@sluice/protocol';

const timeoutMs = 30_000;
const maxReplyBytes = 16 * 1024 * 1024;

/**
 * Sends JSON to the cloud. @returns the JSON of its answer, unchecked
 * @throws ServiceUnreachable, ServiceRefused with the status, ServiceInvalidReply, Cancelled
 */
export async function askCloud(
  url: string,
  body: object,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const service = 'the cloud';
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(authorization !== undefined && { authorization }),
      },
      body: JSON.stringify(body),
      // A redirect could carry the key elsewhere.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const { status } = response;
    const text = await readText(response);
    if (!response.ok) throw sluiceError('ServiceRefused', { service, status, detail: '' });
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw sluiceError('ServiceInvalidReply', { service, detail: 'not JSON' }, { cause });
    }
  } catch (error) {
    if (signal.aborted) throw sluiceError('Cancelled', {}, { cause: error });
    if (error instanceof Error && ['TypeError', 'TimeoutError'].includes(error.name)) {
      const { message } = (error.cause ?? error) as Error;
      throw sluiceError('ServiceUnreachable', { service, url, detail: message }, { cause: error });
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
      throw sluiceError('ServiceInvalidReply', { service: 'the cloud', detail: 'too long' });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
