import { sluiceError } from '@sluice/protocol';
import type { FastifyRequest } from 'fastify';

/** Whether it may change something. */
export function isUnsafe(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

/**
 * What the browser says of where a request comes from (Fetch Metadata, and `Origin` of browsers and addresses that
 * have none: it is sent over TLS and to this machine only). 'unsaid' when it is no browser.
 */
function originOf(request: FastifyRequest): 'same' | 'other' | 'unsaid' {
  const { 'sec-fetch-site': site, origin } = request.headers;
  if (site !== undefined) return site === 'same-origin' ? 'same' : 'other';
  if (origin === undefined) return 'unsaid';
  // The host alone: behind a proxy that ends TLS the scheme is not known here.
  return URL.parse(origin)?.host === request.host ? 'same' : 'other';
}

/** For what needs no cookie. @throws CrossSiteRequest */
export function refuseOtherOrigins(request: FastifyRequest): void {
  if (originOf(request) === 'other') throw sluiceError('CrossSiteRequest');
}

/**
 * For what a cookie lets in, which browsers add to what any page has them ask.
 * @throws CrossSiteRequest
 */
export function onlyOwnOrigin(request: FastifyRequest): void {
  if (isUnsafe(request.method) && originOf(request) !== 'same') {
    throw sluiceError('CrossSiteRequest');
  }
}
