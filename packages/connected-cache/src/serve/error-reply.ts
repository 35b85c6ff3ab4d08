import type { ServerResponse } from 'node:http';
import { type SluiceError, toSluiceError } from '@sluice/protocol';

/** The HTTP status that tells a client of an error. */
export function statusOf({ code, params }: SluiceError): number {
  switch (code) {
    case 'CacheRequestInvalid':
      return typeof params.status === 'number' ? params.status : 400;
    case 'CacheHostNotAllowed':
    case 'CacheAddressNotAllowed':
      return 403;
    case 'CacheLoop':
      return 508;
    case 'CacheSourceStalled':
      return 504;
    case 'CacheSourceRefused':
      return typeof params.status === 'number' && params.status < 500 ? params.status : 502;
    case 'CacheSourceFailed':
    case 'CacheSourceInvalid':
    case 'CacheObjectChanged':
      return 502;
    case 'DiskFull':
    case 'DiskUnwritable':
    case 'DiskFailed':
      return 503;
    default:
      return 500;
  }
}

/** Answers with the error and what can be done about it, or cuts an answer that has begun. */
export function replyError(response: ServerResponse, cause: unknown): SluiceError {
  const error = toSluiceError(cause);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return error;
  }
  const text = Buffer.from(`${error.message}\n${error.remedy}\n`);
  const { retryAfter } = error.params;
  response.writeHead(statusOf(error), {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': text.length,
    'cache-control': 'no-store',
    ...(typeof retryAfter === 'string' && { 'retry-after': retryAfter }),
    ...(error.params.status === 405 && { allow: 'GET, HEAD' }),
    ...(error.params.close === true && { connection: 'close' }),
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
  return error;
}
