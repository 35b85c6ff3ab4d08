import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { blackHole } from './testing/addresses.test-kit.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from './testing/device.test-kit.ts';
import { FakeCloud } from './testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from './testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(12 * mib);
const phf = phfOf(bytes);

suite('a second agent in a data directory', () => {
  test('fails before it touches anything of the first', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const first = await device.agent({ persistent: true });
    source.limit = 2 * mib;
    const request = { Url: source.url(), Output: device.path('out') };
    const download = await first.download(request);
    await source.limitReached;
    const before = await snapshot(device.path('data'));
    for (const persistent of [true, false]) {
      await assert.rejects(device.agent({ persistent }), (error: Error & { exitCode: number }) => {
        assert.match(error.message, /an agent runs already in .*data/);
        assert.equal(error.exitCode, 7);
        return true;
      });
    }
    assert.deepEqual(await snapshot(device.path('data')), before);
    assert.equal(source.fetches, new Set(source.requests.map((r) => r.range)).size);
    source.limit = Number.POSITIVE_INFINITY;
    await assertDelivered(device, await download.finished, bytes);
    await first.close();
    await device.agent({ persistent: true });
  });
});

/** Names and contents of the small files in a folder, but those that a download under way goes on writing. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (e) => e.isFile() && e.name !== 'data' && e.name !== 'pieces.journal',
  );
  const texts = files.map(async ({ parentPath, name }) => {
    const path = `${parentPath}/${name}`;
    const content = await readFile(path);
    return [path, content.length < 10_000 ? content.toString('latin1') : ''] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

suite('an agent', () => {
  test('tells who it is and what it does', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const agent = await device.agent({ persistent: true, cloudUrl: source.origin });
    const { Version, Pid, PeerId, PeerPort, CloudUrl, Downloads } = agent.status();
    assert.match(Version, /^\d+\.\d+\.\d+/);
    assert.deepEqual([Pid, PeerId, CloudUrl], [process.pid, agent.peerId, source.origin]);
    assert.ok(PeerPort > 0);
    assert.deepEqual(Downloads, []);
    await agent.close();
    await agent.close();
    assert.equal((await device.agent()).peerId, PeerId);
  });

  test('takes nothing any more once it closes', async () => {
    await using device = await Device.create();
    const agent = await device.agent({ persistent: true });
    const closing = agent.close();
    const request = { Url: 'http://127.0.0.1:1/', Output: device.path('out') };
    await assert.rejects(agent.download(request), { code: 'Cancelled' });
    await closing;
    assert.deepEqual(agent.downloads(), []);
  });

  test('that cannot listen where it was told to does not start, and leaves nothing claimed', async () => {
    await using device = await Device.create();
    const first = await device.agent({ persistent: true });
    const dataDir = device.path('data-2');
    const taken = { dataDir, persistent: true, peerPort: first.peerPort };
    await assert.rejects(device.agent(taken), { code: 'ListenFailed', exitCode: 7 });
    await device.agent({ dataDir, persistent: true });
  });

  test('keeps the list of ended downloads short', async () => {
    await using device = await Device.create();
    const agent = await device.agent();
    const request = { Url: 'http://127.0.0.1:1/', Output: device.path('none/out') };
    for (let i = 0; i < 1_010; i++) await (await agent.download(request)).finished;
    assert.ok(agent.downloads().length <= 1_001, `${agent.downloads().length}`);
  });

  test('a watcher that fails harms nobody', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const agent = await device.agent();
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    download.subscribe(() => {
      throw new Error('watcher');
    });
    const states: string[] = [];
    const stop = download.subscribe(({ State }) => states.push(State));
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    assert.equal(states.at(-1), 'Finalized');
    assert.equal(states.filter((s) => s === 'Finalized').length, 1);
    stop();
  });
});

suite('closing an agent takes less than five seconds', () => {
  test('while a source stalls, with the cloud a black hole', async () => {
    await using cloud = await FakeCloud.start();
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phf);
    await using device = await Device.create();
    const agent = await device.agent({ persistent: true, cloudUrl: cloud.url });
    source.limit = 5 * mib;
    const download = await agent.download({ Url: source.url(), Output: device.path('out') });
    await source.limitReached;
    cloud.intercept = () => true;
    const startedAt = device.clock.now();
    await agent.close();
    assert.ok(device.clock.now() - startedAt < 5_000);
    assert.equal((await download.finished).State, 'Aborted');
    source.limit = Number.POSITIVE_INFINITY;
    cloud.intercept = () => false;
    const next = await device.agent({ persistent: true, cloudUrl: cloud.url });
    const status = await next.find(download.id)!.finished;
    await assertDelivered(device, status, bytes);
    assert.ok(status.ResumedBytes >= mib);
  });

  test('while it waits for a source, a cache host, a cloud that never answer', async () => {
    await using hole = await blackHole();
    await using device = await Device.create();
    const agent = await device.agent({
      cloudUrl: `http://${hole.host}`,
      cacheHosts: [hole.host],
    });
    const hash = { HashOfHashes: phf.hashOfHashes };
    for (const more of [{}, { Mode: 99 as const }, hash, { ...hash, Mode: 99 as const }]) {
      const Url = `http://${hole.host}/f`;
      const download = await agent.download({ Url, Output: device.path('out'), ...more });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(download.status().State, 'Transferring');
    }
    const startedAt = device.clock.now();
    await agent.close();
    assert.ok(device.clock.now() - startedAt < 5_000);
  });

  test('while many wait for their turn', async () => {
    await using source = await MisbehavingSource.start(bytes);
    await using device = await Device.create();
    const agent = await device.agent();
    source.limit = mib;
    const downloads = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        agent.download({ Url: source.url(), Output: device.path(`out-${i}`) }),
      ),
    );
    await source.limitReached;
    await agent.close();
    for (const download of downloads) assert.equal(download.status().State, 'Aborted');
    assert.deepEqual(await device.files(), []);
  });
});

suite('two agents and a cloud', () => {
  test('share a content, and bring the hash list to one that has nobody else to ask', async () => {
    await using cloud = await FakeCloud.start();
    await using source = await MisbehavingSource.start(bytes);
    cloud.publish(source.url(), phf);
    await using device = await Device.create();
    const cloudUrl = cloud.url;
    const seed = await device.agent({ dataDir: device.path('data-1'), cloudUrl });
    const request = { Url: source.url(), Output: device.path('data-out') };
    assert.equal((await (await seed.download(request)).finished).State, 'Finalized');
    // Neither the source nor the cloud's hash list can be had any more.
    const { bytesSent } = source;
    source.objects.clear();
    cloud.publish(source.url(), phf, 'gone');
    const agent = await device.agent({ dataDir: device.path('data-2'), cloudUrl });
    const download = await agent.download({ ...request, Output: device.path('out') });
    const status = await download.finished;
    await assertDelivered(device, status, bytes);
    const { BytesFromLanPeers, BytesFromPeers, PercentPeerCaching, Verified } = status;
    assert.deepEqual(
      [BytesFromLanPeers, BytesFromPeers, PercentPeerCaching, Verified],
      [bytes.length, bytes.length, 100, true],
    );
    assert.equal(source.bytesSent, bytesSent);
    assert.equal(seed.downloads()[0]?.status().BytesToLanPeers, bytes.length);
  });
});
