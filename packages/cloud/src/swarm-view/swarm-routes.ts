import { type Clock, type SwarmEntry, type SwarmView, sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { adminOf } from '../admin/access/caller.ts';
import { requireRole } from '../admin/access/require-role.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { contentIdParams } from '../http/param-schemas.ts';
import type { JoinSamples } from './join-samples.ts';
import { SwarmStreams } from './swarm-stream.ts';
import { swarmDevices } from './swarm-view.ts';

/** Streams at once. */
const maxStreams = 20;
/** Contents of the list. */
const listed = 50;

type ByContent = { Params: { contentId: string } };

/** The swarm view of the admin API (ours): who is at which content now, and how far, as the joins tell. */
export function swarmRoutes(
  app: FastifyInstance,
  { samples, catalogue, clock }: { samples: JoinSamples; catalogue: Catalogue; clock: Clock },
): void {
  const streams = new SwarmStreams(clock);
  // A stream would hold up the end of the cloud.
  app.addHook('preClose', async () => streams.close());
  const least = { onRequest: requireRole('viewer', 'tenant') };
  const ofContent = { schema: { params: contentIdParams }, ...least };
  const known = async (contentId: string) => {
    const content = await catalogue.byId(contentId);
    return { ContentLength: content?.contentLength ?? null, Urls: content?.urls ?? [] };
  };

  app.get('/admin/swarms', least, async (request) => {
    const { tenant } = adminOf(request);
    const contents = (await samples.contents(tenant)).slice(0, listed);
    const Swarms = await Promise.all(
      contents.map(async ({ contentId, at }): Promise<SwarmEntry> => {
        const devices = swarmDevices(await samples.devices(tenant, contentId));
        return {
          ContentId: contentId,
          ...(await known(contentId)),
          LastJoin: new Date(at).toISOString(),
          Devices: devices.length,
          Complete: devices.filter(({ Left }) => Left === 0).length,
          Sites: new Set(devices.map(({ Site }) => Site)).size,
          BytesFromHttp: sum(devices.map((d) => d.BytesFromHttp)),
          BytesFromCacheServer: sum(devices.map((d) => d.BytesFromCacheServer)),
          BytesFromPeers: sum(devices.map((d) => d.BytesFromPeers)),
        };
      }),
    );
    return { Swarms: Swarms.filter(({ Devices }) => Devices > 0), Next: null };
  });

  app.get<ByContent>('/admin/swarms/:contentId', ofContent, async (request): Promise<SwarmView> => {
    const { contentId } = request.params;
    const devices = await samples.devices(adminOf(request).tenant, contentId);
    return {
      ContentId: contentId,
      ...(await known(contentId)),
      Devices: swarmDevices(devices),
    };
  });

  app.get<ByContent>('/admin/swarms/:contentId/stream', ofContent, async (request, reply) => {
    if (streams.count >= maxStreams) throw sluiceError('TooManyRequests');
    const { tenant } = adminOf(request);
    const { contentId } = request.params;
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    streams.watch(reply.raw, async () => swarmDevices(await samples.devices(tenant, contentId)));
  });
}

function sum(numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
