import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { formatPiecesHashFile } from '@sluice/protocol';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(8 * mib + 100);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
  cloud.publish(source.url(), phf);
  const device = stack.use(await Device.create());
  return { cloud, source, device, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const kinds = [
  { kind: 'in simple mode', request: { Mode: 99 as const }, keep: true },
  { kind: 'verified, not shared', request: { Mode: 99 as const, HashOfHashes }, keep: true },
  { kind: 'shared and kept', request: {}, keep: true },
  { kind: 'shared and not kept', request: {}, keep: false },
];

for (const { kind, request, keep } of kinds) {
  suite(`downloads of one content in one agent, ${kind}`, () => {
    test('at once: one fetches, the others find it in the store', async () => {
      await using w = await world();
      const agent = await w.device.agent({ cloudUrl: w.cloud.url });
      const outputs = ['out-1', 'out-2', 'out-3'].map((name) => w.device.path(name));
      const downloads = await Promise.all(
        outputs.map((Output) =>
          agent.download({ Url: w.source.url(), Output, ...request }, { keep }),
        ),
      );
      const statuses = await Promise.all(downloads.map((d) => d.finished));
      for (const [i, status] of statuses.entries()) {
        assert.equal(status.State, 'Finalized', status.Error?.Message);
        assert.ok((await readFile(outputs[i]!)).equals(bytes));
        assert.equal(status.FileSizeInCache, bytes.length);
      }
      const fetched = statuses.map((s) => s.TotalBytesDownloaded - s.ResumedBytes);
      assert.deepEqual(fetched.sort((a, b) => a - b).filter((n) => n > 0).length, 1);
      // A source that is opened may have sent some of its first MiB.
      assert.ok(w.source.bytesSent < bytes.length + 4 * mib, `${w.source.bytesSent}`);
      await agent.close();
      const left = await readdir(w.device.path('data/content'));
      assert.equal(left.length, keep && kind.startsWith('shared') ? 1 : 0);
    });

    test('the first is aborted, the second goes on where it was', async () => {
      await using w = await world();
      const agent = await w.device.agent({ cloudUrl: w.cloud.url });
      w.source.limit = 5 * mib;
      const Output = w.device.path('out');
      const one = { Url: w.source.url(), Output: w.device.path('out-1'), ...request };
      const first = await agent.download(one, { keep });
      const second = await agent.download({ ...one, Output }, { keep });
      await w.source.limitReached;
      await first.abort();
      w.source.limit = Number.POSITIVE_INFINITY;
      await assertDelivered(w.device, await second.finished, bytes);
      assert.equal(first.status().State, 'Aborted');
    });

    test('one that waits is aborted at once', async () => {
      await using w = await world();
      const agent = await w.device.agent({ cloudUrl: w.cloud.url });
      w.source.limit = 3 * mib;
      const Output = w.device.path('out');
      const one = { Url: w.source.url(), Output, ...request };
      const first = await agent.download(one, { keep });
      await w.source.limitReached;
      const second = await agent.download({ ...one, Output: w.device.path('out-2') }, { keep });
      await second.abort();
      assert.equal(second.status().State, 'Aborted');
      w.source.limit = Number.POSITIVE_INFINITY;
      await assertDelivered(w.device, await first.finished, bytes);
    });
  });
}

suite('a content that stays shared', () => {
  test('is not disturbed by later downloads of it that fail', async () => {
    await using w = await world();
    const agent = await w.device.agent({ cloudUrl: w.cloud.url });
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    const first = await agent.download(request);
    await assertDelivered(w.device, await first.finished, bytes);
    const wrongs = [
      { Output: w.device.path('none/out') },
      { Output: w.device.path('out-2'), Sha256: '0'.repeat(64) },
    ];
    for (const wrong of wrongs) {
      const failed = await (await agent.download({ ...request, ...wrong })).finished;
      assert.equal(failed.State, 'Failed');
      const { Status, FileSizeInCache } = first.status();
      assert.deepEqual([Status, FileSizeInCache], ['Caching', bytes.length]);
    }
    assert.equal(w.cloud.leaves.length, 0);
  });

  test('is used by a download that shares nothing', async () => {
    await using w = await world();
    const agent = await w.device.agent({ cloudUrl: w.cloud.url });
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    const first = await agent.download(request);
    await first.finished;
    const { bytesSent } = w.source;
    const second = await agent.download({ ...request, Mode: 0 });
    await assertDelivered(w.device, await second.finished, bytes);
    // What the object is was asked before the cloud had told.
    assert.ok(w.source.bytesSent <= bytesSent + 4_096);
    assert.deepEqual([second.status().Status, first.status().Status], ['Complete', 'Caching']);
  });

  test('stays so until the last download of it is removed', async () => {
    await using w = await world();
    const agent = await w.device.agent({ cloudUrl: w.cloud.url });
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    const first = await agent.download(request);
    const second = await agent.download({ ...request, Output: w.device.path('out-2') });
    await Promise.all([first.finished, second.finished]);
    await agent.remove(first.id);
    assert.equal(second.status().Status, 'Caching');
    assert.equal(w.cloud.leaves.length, 0);
    await agent.remove(second.id);
    assert.equal(w.cloud.leaves.length, 1);
    assert.deepEqual(agent.downloads(), []);
    const again = await agent.download(request);
    const status = await again.finished;
    assert.equal(status.ResumedBytes, bytes.length);
  });

  test('removal and a new download at the same moment', async () => {
    await using w = await world();
    const agent = await w.device.agent({ cloudUrl: w.cloud.url });
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    let download = await agent.download(request);
    await download.finished;
    for (let i = 0; i < 10; i++) {
      const [next] = await Promise.all([agent.download(request), agent.remove(download.id)]);
      const status = await next.finished;
      assert.equal(status.State, 'Finalized', status.Error?.Message);
      assert.equal(status.Status, 'Caching');
      download = next;
    }
  });
});
