import { after, before, describe } from 'node:test';
import type { Cluster, Redis } from 'ioredis';
import { openValkey } from '../registry/valkey/open-valkey.ts';
import { noValkey, startValkey } from '../testing/valkey-server.test-support.ts';
import { joinSamplesContract } from './join-samples.contract.ts';
import { MemorySamples } from './memory-samples.ts';
import { ValkeySamples } from './valkey-samples.ts';

joinSamplesContract('memory', async ({ wallTime }) => ({
  samples: new MemorySamples(wallTime),
  settle: async () => {},
}));

describe('Valkey', { skip: noValkey }, () => {
  let server: { url: string; stop(): Promise<void> };
  let store: Redis | Cluster;
  before(async () => {
    server = await startValkey();
    store = await openValkey(server.url);
  });
  after(async () => {
    store.disconnect();
    await server.stop();
  });
  joinSamplesContract('Valkey', async ({ clock, wallTime }) => {
    for (const node of 'nodes' in store ? store.nodes('master') : [store]) await node.flushall();
    const samples = new ValkeySamples(store, { clock, wallTime, logger: undefined });
    const settle = async () => {
      clock.advance(1_000);
      await samples.sent;
    };
    return { samples, settle };
  });
});
