import type { FastifyRequest } from 'fastify';

const hostHeader =
  /^(?:[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?\.?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;

/**
 * The URL under which this caller reaches the cloud, without a slash at the end: what it put in
 * `Host`, or a trusted proxy says that it did, so that it works through names and forwarded ports; a `Host` that is no host gets `listenUrl`.
 * Replies built from it must not be cached: another caller has another `Host`.
 */
export function baseUrl(request: FastifyRequest, listenUrl: string): string {
  const host = request.host ?? '';
  const url = `${request.protocol === 'https' ? 'https' : 'http'}://${host}`;
  return hostHeader.test(host) && URL.canParse(url) ? url : listenUrl;
}
