/**
 * A server for the bench, in a process of its own: `serve.ts cloud|fastify [swarm store URL] [database URL] [peers that are in
 * its swarms already]`. Tells its URL by IPC.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JoinReply, JoinRequest } from '@sluice/protocol';
import { fastify } from 'fastify';
import { createCloud } from '../src/cloud.ts';
import { filledRegistry } from './fill.ts';
import { memberAt } from './fleet.ts';

const listen = { host: '127.0.0.1', port: 0 };
await using resources = new AsyncDisposableStack();
process.send!(process.argv[2] === 'cloud' ? await serveCloud() : await serveBare());
// Asked for its CPU time as often as wanted; anything else ends it.
for (;;) {
  const [message] = await once(process, 'message');
  if (message !== 'cpu') break;
  const { user, system } = process.cpuUsage();
  process.send!(user + system);
}
process.disconnect();

async function serveCloud(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  resources.defer(() => rm(dataDir, { recursive: true }));
  const requestsPerSecond = Number.POSITIVE_INFINITY;
  const [swarmStore, database, peers] = process.argv.slice(3);
  const registry = peers ? await filledRegistry(Number(peers), swarmStore) : undefined;
  const cloud = resources.use(
    await createCloud({
      ...{ dataDir, listen, requestsPerSecond },
      ...(swarmStore && { swarmStore }),
      ...(registry && { registry }),
      ...(database && { database }),
    }),
  );
  return cloud.url;
}

/** Answers what the cloud would, without doing anything for it. */
async function serveBare(): Promise<string> {
  const app = fastify();
  resources.defer(() => app.close());
  const Peers = Array.from({ length: 20 }, (_, n) => {
    const { peerId, localIp, port, left } = memberAt(n);
    return { PeerId: peerId, Ip: localIp!, Port: port, Type: 'LAN' as const, Left: left };
  });
  app.post<{ Body: JoinRequest }>(
    '/array/join/',
    async (): Promise<JoinReply> => ({
      Peers,
      NextJoinTimeIntervalInMs: 60_000,
      KeepAliveMs: 150_000,
    }),
  );
  return app.listen(listen);
}
