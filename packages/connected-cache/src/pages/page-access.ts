import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface PageAccess {
  /** Everybody may see `/summary`, as with the IoT node's IS_SUMMARY_PUBLIC. */
  summaryPublic?: boolean | undefined;
  /** Who gives it, as `?apiKey=` or as bearer token, may see all pages from anywhere. */
  apiKey?: string | undefined;
}

/**
 * Whether the caller may see the node's own pages: from this machine, or with the key. The check takes
 * the same time wherever a key differs.
 */
export function mayRead(message: IncomingMessage, { apiKey }: PageAccess): boolean {
  if (isLoopback(message.socket.remoteAddress)) return true;
  const given = keyIn(message);
  return apiKey !== undefined && given !== undefined && sameSecret(given, apiKey);
}

export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function keyIn({ headers, url = '' }: IncomingMessage): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  const cut = url.indexOf('?');
  return (
    bearer ?? new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1)).get('apiKey') ?? undefined
  );
}

function isLoopback(address: string | undefined): boolean {
  return /^(?:127\.|::1$|::ffff:127\.)/.test(address ?? '');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
