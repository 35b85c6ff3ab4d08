import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { BadRequest } from './refusal.ts';

/** Bytes of a body. Certificates are in it, too. */
export const maxBodyBytes = 128 * 1024;

/** The path in its segments, each decoded once and by itself: no spelling of a slash adds one. @throws BadRequest */
export function targetOf(target: string): { segments: string[]; query: object } {
  const end = target.indexOf('?');
  const path = end < 0 ? target : target.slice(0, end);
  try {
    const segments = path.split('/').map(decodeURIComponent);
    return { segments, query: end < 0 ? {} : parse(target.slice(end + 1)) };
  } catch (error) {
    throw new BadRequest(400, 'the path is not UTF-8', { cause: error });
  }
}

/** @returns undefined when there is no body. @throws BadRequest */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'];
  const bytes = await readBytes(request);
  if (bytes.length === 0 && type === undefined) return undefined;
  if (!/^application\/json *(;|$)/i.test(type ?? '')) {
    throw new BadRequest(415, 'the body is not application/json');
  }
  try {
    return JSON.parse(bytes.toString('utf8'), withoutPrototypes);
  } catch (error) {
    throw new BadRequest(400, 'the body is not JSON', { cause: error });
  }
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const tooLarge = () => reject(new BadRequest(413, `a body has ${maxBodyBytes} bytes at most`));
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) tooLarge();
    const chunks: Uint8Array[] = [];
    let size = 0;
    // To leave a loop over it would close the connection before the caller is told.
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= maxBodyBytes) chunks.push(chunk);
      else tooLarge();
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** What is copied key by key must not change what the copy inherits. */
function withoutPrototypes(key: string, value: unknown): unknown {
  const isEvil =
    key === '__proto__' ||
    (key === 'constructor' &&
      typeof value === 'object' &&
      value !== null &&
      Object.hasOwn(value, 'prototype'));
  if (isEvil) throw new SyntaxError(`a key is ${key}`);
  return value;
}
