import type { GeoReply } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CacheNodes } from '../cache-nodes/cache-nodes.ts';
import { type KeyValueParts, keyValueReply } from '../key-value/key-value-routes.ts';
import type { Regions } from './regions.ts';

/** Of the shape of the reply, for clients that keep it. */
const version = '1';

type GeoParts = KeyValueParts & { cacheNodes: CacheNodes; regions: Regions };

/** Geo (wire.md §3.1): tells a device its external address and where the settings are. */
export function geoRoutes(app: FastifyInstance, parts: GeoParts): void {
  const geo = async (request: FastifyRequest): Promise<GeoReply> => ({
    ExternalIpAddress: request.callerIp,
    CountryCode: '',
    Version: version,
    CompactVersion: version,
    CacheId: '',
    ContentCert: false,
    DownloadModeFailSafe: '',
    isVpn: false,
    ...nonceOf(request),
    ...(await keyValueOf(request, parts)),
    ...(await cacheHosts(request.callerIp)),
  });
  const cacheHosts = async (ip: string) => {
    const hosts = await parts.cacheNodes.hostsFor(ip);
    return hosts.length > 0 && { CacheHost: hosts.join(',') };
  };
  app.get('/geo', geo);
  app.get('/geoversion', geo);
}

/** Where key-value is for this caller, and here what it would answer: another region's has its own. */
async function keyValueOf(request: FastifyRequest, parts: GeoParts) {
  const here = parts.serviceUrls.of('key-value', request);
  const region = parts.regions.of(request.callerIp);
  const base = region?.serviceUrl ?? here;
  return {
    KeyValue_EndpointFullUri: `${base}/all`,
    ...(region && { Region: region.name }),
    ...(base === here && { KeyValue: await keyValueReply(request, parts) }),
  };
}

/** Shows that the reply is to this very question: neither a captive portal's nor one that was kept. */
function nonceOf(request: FastifyRequest): Pick<GeoReply, 'EchoesNonce' | 'Nonce'> {
  const { nonce } = request.query as { nonce?: unknown };
  const isNonce = typeof nonce === 'string' && /^[\w-]{1,128}$/.test(nonce);
  return { EchoesNonce: true, ...(isNonce && { Nonce: nonce }) };
}
