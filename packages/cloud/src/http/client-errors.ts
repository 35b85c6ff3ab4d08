import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type SluiceError, sluiceError } from '@sluice/protocol';
import type { ConnectionError } from 'fastify';
import { errorReply } from './error-handling.ts';

/** Answers what Node could not read as a request: like all others, in the words of the catalogue. */
export function handleClientError(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // What came in front of it in the same piece is answered first.
  setImmediate(() => {
    if (socket.writable) socket.write(answerOf(...meaningOf(error.code)));
    socket.destroySoon();
  });
}

function meaningOf(code: string): [number, SluiceError] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return [408, sluiceError('RequestInvalid', { detail: 'it took too long to come' })];
  }
  if (code === 'HPE_HEADER_OVERFLOW') return [431, sluiceError('RequestTooLarge')];
  return [400, sluiceError('RequestInvalid', { detail: 'it is no HTTP request' })];
}

function answerOf(status: number, error: SluiceError): string {
  const body = JSON.stringify(errorReply(error));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: text/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
