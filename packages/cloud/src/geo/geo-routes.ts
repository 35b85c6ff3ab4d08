import type { GeoReply } from '@sluice/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CacheNodes } from '../cache-nodes/cache-nodes.ts';
import { baseUrl } from '../http/base-url.ts';

/** Of the shape of the reply, for clients that keep it. */
const version = '1';

/** Geo (wire.md §3.1): tells a device its external address and where the settings are. */
export function geoRoutes(
  app: FastifyInstance,
  { listenUrl, cacheNodes }: { listenUrl: () => string; cacheNodes: CacheNodes },
): void {
  const geo = async (request: FastifyRequest): Promise<GeoReply> => ({
    ExternalIpAddress: request.callerIp,
    CountryCode: '',
    KeyValue_EndpointFullUri: `${baseUrl(request, listenUrl())}/all`,
    Version: version,
    CompactVersion: version,
    CacheId: '',
    ContentCert: false,
    DownloadModeFailSafe: '',
    isVpn: false,
    ...(await cacheHosts(request.callerIp)),
  });
  const cacheHosts = async (ip: string) => {
    const hosts = await cacheNodes.hostsFor(ip);
    return hosts.length > 0 && { CacheHost: hosts.join(',') };
  };
  app.get('/geo', geo);
  app.get('/geoversion', geo);
}
