import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { startCloud } from '../cloud.test-support.ts';
import { SwarmStreams } from './swarm-stream.ts';

const peerId = (n: number) => n.toString(16).padStart(40, '0');

test('the swarms that joins tell of: who, from where, how fast; only for admins', async (t) => {
  const { join, admin, ask, publish, clock } = await startCloud(t);
  await publish({ ContentId: 'c' });
  assert.deepEqual((await admin('/admin/swarms')).json, { Swarms: [], Next: null });
  await join({ PeerId: peerId(1), Left: '0', Scope: '1' });
  await join({ PeerId: peerId(2), Left: '244530', Scope: '1' });
  await join({ PeerId: peerId(3), Left: '1', Scope: '0' });
  clock.advance(2_000);
  const counts = { Downloaded: '3000', DownloadedCdn: '1000', DownloadedDoinc: '500' };
  await join({ PeerId: peerId(2), Left: '241530', Uploaded: '400', ...counts });
  const { Swarms } = (await admin('/admin/swarms')).json;
  const { LastJoin, ...swarm } = Swarms[0];
  assert.ok(LastJoin);
  assert.deepEqual(swarm, {
    ContentId: 'c',
    ContentLength: 244_530,
    Urls: ['http://source/file.bin'],
    Devices: 2,
    Complete: 1,
    Sites: 1,
    BytesFromHttp: 1_000,
    BytesFromCacheServer: 500,
    BytesFromPeers: 1_500,
  });
  const { Devices } = (await admin('/admin/swarms/c')).json;
  assert.deepEqual(
    Devices.map((d: { PeerId: string; Rates: unknown }) => [d.PeerId, d.Rates]),
    [
      [peerId(1), null],
      [peerId(2), { Http: 500, CacheServer: 250, Peers: 750, Upload: 200 }],
    ],
  );
  await ask('/array/leave/', { body: { ContentId: 'c', PeerId: peerId(2) } });
  await join({ PeerId: peerId(1), JoinRequestEvent: 'stopped', Left: '0' });
  assert.deepEqual((await admin('/admin/swarms/c')).json.Devices, []);
  for (const path of ['/admin/swarms', '/admin/swarms/c', '/admin/swarms/c/stream']) {
    assert.equal((await ask(path)).status, 401);
  }
});

test('the stream: all devices, then what changes; twenty at the most; the cloud ends them', async (t) => {
  const { join, cloud, token, clock } = await startCloud(t);
  const open = async () => {
    const response = await fetch(`${cloud.url}/admin/swarms/c/stream`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.status !== 200) return response.status;
    return response.body!.pipeThrough(new TextDecoderStream()).getReader();
  };
  await join({ PeerId: peerId(1), Left: '9' });
  const reader = await open();
  assert.ok(typeof reader !== 'number');
  const next = async () => {
    const { value, done } = await reader.read();
    return done ? undefined : JSON.parse(/data: (.*)/.exec(value)![1]!);
  };
  const first = await next();
  assert.deepEqual([first.Devices[0].PeerId, first.Gone], [peerId(1), []]);
  await join({ PeerId: peerId(2), Left: '7' });
  await join({ PeerId: peerId(1), JoinRequestEvent: 'stopped', Left: '9' });
  clock.advance(1_000);
  const second = await next();
  assert.deepEqual([second.Devices.length, second.Devices[0].Left], [1, 7]);
  assert.deepEqual(second.Gone, [peerId(1)]);
  for (let n = 2; n <= 20; n++) assert.notEqual(await open(), 429);
  assert.equal(await open(), 429);
  await cloud.close();
  assert.equal(await next(), undefined);
});

test('a stream holds no place for who has gone, nor a connection for who does not read', async () => {
  const clock = new ManualClock();
  const streams = new SwarmStreams(clock);
  const gone = new PassThrough();
  gone.destroy();
  streams.watch(gone as unknown as ServerResponse, async () => []);
  assert.equal(streams.count, 0);
  const stalled = new PassThrough({ highWaterMark: 1 });
  streams.watch(stalled as unknown as ServerResponse, async () => []);
  for (let s = 0; s <= 600; s++) {
    // Each look is over before the next.
    await new Promise(setImmediate);
    clock.advance(1_000);
  }
  await new Promise(setImmediate);
  assert.deepEqual([streams.count, stalled.destroyed], [0, true]);
});
