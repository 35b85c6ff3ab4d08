import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { maxBatchBytes, sluiceError } from '@sluice/protocol';
import type { FastifyRequest, RequestPayload } from 'fastify';

const unpack = promisify(gunzip);

/**
 * Unpacks a body of `Content-Encoding: gzip`. Neither what comes nor what comes out may be longer than a
 * batch: who sends a bomb is cut off there.
 * @throws RequestTooLarge, RequestInvalid
 */
export async function inflated(
  request: FastifyRequest,
  _reply: unknown,
  payload: RequestPayload,
): Promise<RequestPayload> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return payload;
  if (encoding !== 'gzip') {
    throw sluiceError('RequestInvalid', { detail: 'Content-Encoding: gzip, or none' });
  }
  const packed = await whole(payload);
  const plain: RequestPayload = Readable.from(await unpacked(packed));
  plain.receivedEncodedLength = packed.length;
  return plain;
}

async function whole(payload: RequestPayload): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBatchBytes) throw sluiceError('RequestTooLarge');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function unpacked(packed: Buffer): Promise<Buffer[]> {
  try {
    return [await unpack(packed, { maxOutputLength: maxBatchBytes })];
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw sluiceError('RequestTooLarge', {}, { cause });
    }
    throw sluiceError('RequestInvalid', { detail: 'the body is no gzip' }, { cause });
  }
}
