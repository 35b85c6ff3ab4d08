import type { GeoReply } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CacheNodes } from '../cache-nodes/cache-nodes.ts';
import { type KeyValueParts, keyValueReply } from '../key-value/key-value-routes.ts';

/** Of the shape of the reply, for clients that keep it. */
const version = '1';

/** Geo (wire.md §3.1): tells a device its external address and where the settings are. */
export function geoRoutes(
  app: FastifyInstance,
  parts: KeyValueParts & { cacheNodes: CacheNodes },
): void {
  const geo = async (request: FastifyRequest): Promise<GeoReply> => ({
    ExternalIpAddress: request.callerIp,
    CountryCode: '',
    KeyValue_EndpointFullUri: `${parts.serviceUrls.of('key-value', request)}/all`,
    Version: version,
    CompactVersion: version,
    CacheId: '',
    ContentCert: false,
    DownloadModeFailSafe: '',
    isVpn: false,
    KeyValue: await keyValueReply(request, parts),
    ...(await cacheHosts(request.callerIp)),
  });
  const cacheHosts = async (ip: string) => {
    const hosts = await parts.cacheNodes.hostsFor(ip);
    return hosts.length > 0 && { CacheHost: hosts.join(',') };
  };
  app.get('/geo', geo);
  app.get('/geoversion', geo);
}
