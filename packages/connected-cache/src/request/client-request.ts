import type { IncomingMessage } from 'node:http';
import { parseTraceparent, sluiceError } from '@sluice/protocol';
import type { AllowedSource, AllowList } from '../sources/allow-list.ts';
import { bracketed } from '../sources/source-name.ts';
import { Aliases } from './aliases.ts';
import { type ReuseWish, requestControl, reuseWishOf } from './reuse-wish.ts';
import { parseTarget } from './target.ts';

/** A request that the node may answer. */
export interface ClientRequest {
  method: 'GET' | 'HEAD';
  source: AllowedSource;
  /** Path and query for the source. */
  path: string;
  /** The key of the object: the source's origin, or its canonical one, and the path. */
  url: string;
  headers: IncomingMessage['headers'];
  /** The nodes that the request has passed, this one included. */
  via: string;
  /** The trace that it is part of; undefined without one, or one that is wrong. */
  traceparent: string | undefined;
  /** What the client says of kept answers. */
  reuse: ReuseWish;
  /** It names a user: only what is said to be for all may be used, and nothing kept. */
  authorized: boolean;
  /** Whether nothing that is kept may be used, or kept. */
  personal: boolean;
}

/**
 * Checks a request and reads what it asks for.
 * @param self the node's name in Via
 * @throws CacheRequestInvalid, CacheHostNotAllowed, CacheLoop
 */
export function readRequest(
  message: IncomingMessage,
  allow: AllowList,
  self: string,
  aliases = new Aliases(),
): ClientRequest {
  const { method, headers } = message;
  if (method !== 'GET' && method !== 'HEAD') {
    throw sluiceError('CacheRequestInvalid', {
      detail: 'only GET and HEAD',
      status: 405,
      close: true,
    });
  }
  checkFraming(message);
  const { source: name, path } = parseTarget(message.url ?? '', headers.host);
  const resolved = aliases.resolve(name, allow);
  if (!resolved) {
    const host = bracketed(name.host) + (name.port === undefined ? '' : `:${name.port}`);
    throw sluiceError('CacheHostNotAllowed', { host });
  }
  const control = requestControl(headers);
  return {
    method,
    source: resolved.source,
    path,
    url: resolved.origin + path,
    headers,
    via: viaWith(headers.via, self),
    traceparent: parseTraceparent(headers.traceparent) && `${headers.traceparent}`,
    reuse: reuseWishOf(control),
    authorized: headers.authorization !== undefined,
    personal: control.has('no-store'),
  };
}

/** The Via header with this node at its end (RFC 9110 §7.6.3). @throws CacheLoop if it was there */
function viaWith(via: string | undefined, self: string): string {
  if (via === undefined) return `1.1 ${self}`;
  if (via.split(/[\s,]+/).includes(self)) throw sluiceError('CacheLoop');
  return `${via}, 1.1 ${self}`;
}

/**
 * Of the nodes that a request has passed, those of ours: all that a source hears when its answer is for
 * everybody. What else a client wrote there it must not be able to change that answer by.
 */
export function ownNodes(via: string): string {
  return via
    .split(',')
    .map((node) => node.trim())
    .filter((node) => /^1\.[01] sluice-[0-9a-f]{12}$/.test(node))
    .slice(-maxNodes)
    .join(', ');
}

/** Nodes one above the other; a longer chain ends as a ring does. */
const maxNodes = 16;

/** A body, or doubt where one ends, is how requests are smuggled past a proxy. */
function checkFraming({ headers, rawHeaders, httpVersion }: IncomingMessage): void {
  const refuse = (detail: string) => sluiceError('CacheRequestInvalid', { detail, close: true });
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    throw refuse('a request with a body');
  }
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw refuse('neither HTTP/1.1 nor 1.0');
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1) throw refuse('more than one Host header');
  if (hosts === 0 && httpVersion !== '1.0') throw refuse('no Host header');
}
