import type { IncomingMessage, ServerResponse } from 'node:http';
import { sluiceError } from '@sluice/protocol';
import { hasMarker } from '../request/target.ts';
import type { CacheStats } from '../stats.ts';

const path = '/_sluice/stats';

/** Whether the request is for the node's own figures and not for a source. */
export function isStatsRequest({ url = '' }: IncomingMessage): boolean {
  return url.split('?', 1)[0] === path && !hasMarker(url);
}

/** Answers with the figures as JSON, on this machine only. @throws CacheRequestInvalid */
export function replyStats(
  { socket, method }: IncomingMessage,
  response: ServerResponse,
  stats: CacheStats,
): void {
  if (!isLoopback(socket.remoteAddress)) {
    throw sluiceError('CacheRequestInvalid', {
      detail: `${path} from another machine`,
      status: 403,
    });
  }
  const text = `${JSON.stringify(stats)}\n`;
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(method === 'HEAD' ? undefined : text);
}

function isLoopback(address: string | undefined): boolean {
  return /^(?:127\.|::1$|::ffff:127\.)/.test(address ?? '');
}
