import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { type DownloadStatus, formatPiecesHashFile } from '@sluice/protocol';
import type { Agent } from '../agent.ts';
import { assertDelivered, bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(12 * mib + 100);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
  const device = stack.use(await Device.create());
  return { cloud, source, device, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
type World = Awaited<ReturnType<typeof world>>;

/** Runs a download until 7 MiB have come, has it ended by `end`, and lets the source go on. */
async function interrupted(
  { source }: World,
  agent: Agent,
  request: Parameters<Agent['download']>[0],
  end: (id: string) => Promise<void>,
): Promise<DownloadStatus> {
  source.limit = 7 * mib;
  const download = await agent.download(request);
  await source.limitReached;
  await end(download.id);
  source.limit = Number.POSITIVE_INFINITY;
  return await download.finished;
}

/** Bytes of the content that were sent since `before`. */
function assertResumed(status: DownloadStatus, first: DownloadStatus, sent: number): void {
  assert.ok(first.FileSizeInCache >= 2 * mib, `${first.FileSizeInCache} bytes at first`);
  assert.equal(status.ResumedBytes, first.FileSizeInCache);
  assert.equal(status.TotalBytesDownloaded, bytes.length);
  // What had been on its way is asked again, and the first MiB of a source that is opened.
  assert.ok(sent <= bytes.length - first.FileSizeInCache + mib, `${sent} bytes were sent again`);
}

const kinds = [
  { kind: 'with a PHF', hash: { HashOfHashes } },
  { kind: 'in simple mode', hash: {} },
];

for (const { kind, hash } of kinds) {
  suite(`a download that was ended goes on, ${kind}`, () => {
    test('in the same agent', async () => {
      await using w = await world();
      const agent = await w.device.agent();
      const request = { Url: w.source.url(), Output: w.device.path('out'), ...hash };
      const first = await interrupted(w, agent, request, (id) => agent.find(id)!.abort());
      assert.deepEqual([first.State, first.Status], ['Aborted', 'Paused']);
      assert.equal(first.Error?.Code, 'Cancelled');
      assert.deepEqual(await w.device.files(), []);
      const sent = w.source.bytesSent;
      const again = await agent.download(request);
      const status = await again.finished;
      await assertDelivered(w.device, status, bytes);
      assertResumed(status, first, w.source.bytesSent - sent);
    });

    test('by the same request after the agent was closed', async () => {
      await using w = await world();
      const agent = await w.device.agent();
      const request = { Url: w.source.url(), Output: w.device.path('out'), ...hash };
      const first = await interrupted(w, agent, request, () => agent.close());
      const sent = w.source.bytesSent;
      const status = await w.device.get(request);
      await assertDelivered(w.device, status, bytes);
      assertResumed(status, first, w.source.bytesSent - sent);
    });

    test('by itself when a lasting agent starts again', async () => {
      await using w = await world();
      const request = { Url: w.source.url(), Output: w.device.path('out'), ...hash };
      const agent = await w.device.agent({ persistent: true });
      const first = await interrupted(w, agent, request, () => agent.close());
      const sent = w.source.bytesSent;
      const next = await w.device.agent({ persistent: true });
      const download = next.find(first.Id);
      assert.ok(download, 'under the same id');
      const status = await download.finished;
      await assertDelivered(w.device, status, bytes);
      assertResumed(status, first, w.source.bytesSent - sent);
      await next.close();
      assert.deepEqual(await readdir(w.device.path('data/jobs')), [], 'the job is done');
    });
  });
}

suite('a lasting agent', () => {
  test('resumes verified without cloud and hash list, both of which are gone', async () => {
    await using w = await world();
    w.cloud.publish(w.source.url(), phf);
    w.source.objects.delete('/file.phf');
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    const options = { persistent: true, cloudUrl: w.cloud.url };
    const agent = await w.device.agent(options);
    const first = await interrupted(w, agent, request, () => agent.close());
    w.cloud.intercept = (_, response) => {
      response.destroy();
      return true;
    };
    const next = await w.device.agent(options);
    const status = await next.find(first.Id)!.finished;
    await assertDelivered(w.device, status, bytes);
    assert.deepEqual([status.Verified, status.ResumedBytes], [true, first.FileSizeInCache]);
  });

  test('shares again what it delivered, fetching nothing, cloud or not', async () => {
    await using w = await world();
    w.cloud.publish(w.source.url(), phf);
    const options = { persistent: true, cloudUrl: w.cloud.url };
    const agent = await w.device.agent(options);
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    const done = await (await agent.download(request)).finished;
    await assertDelivered(w.device, done, bytes);
    assert.equal(done.Status, 'Caching');
    await agent.close();
    assert.equal(w.cloud.leaves.length, 1);
    await rm(w.device.path('out'));
    const { bytesSent } = w.source;
    const [joins] = [w.cloud.joins.length];
    const next = await w.device.agent(options);
    const status = await next.find(done.Id)!.finished;
    assert.deepEqual(
      [status.State, status.Status, status.Verified],
      ['Finalized', 'Caching', true],
    );
    assert.equal(status.FileSizeInCache, bytes.length);
    assert.deepEqual(await w.device.files(), [], 'it is not delivered twice');
    assert.equal(w.source.bytesSent, bytesSent);
    while (w.cloud.joins.length === joins) await w.cloud.nextRequest();
    assert.equal(w.cloud.joins.at(-1)?.Left, '0');
    await next.close();
    const alone = await w.device.agent({ persistent: true });
    assert.equal((await alone.find(done.Id)!.finished).State, 'Finalized');
    await alone.close();
    const back = await w.device.agent(options);
    assert.equal((await back.find(done.Id)!.finished).Status, 'Caching');
  });

  test('forgets what it delivered when the store has lost it, and does not fetch it again', async () => {
    await using w = await world();
    w.cloud.publish(w.source.url(), phf);
    const options = { persistent: true, cloudUrl: w.cloud.url };
    const agent = await w.device.agent(options);
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    const done = await (await agent.download(request)).finished;
    await agent.close();
    await rm(w.device.path('data/content'), { recursive: true });
    const { bytesSent } = w.source;
    const next = await w.device.agent(options);
    const status = await next.find(done.Id)!.finished;
    assert.deepEqual([status.State, status.Error?.Code], ['Failed', 'ContentChanged']);
    assert.equal(w.source.bytesSent, bytesSent);
    await next.close();
    assert.deepEqual(await readdir(w.device.path('data/jobs')), []);
  });

  test('forgets a download that failed, and one that was removed', async () => {
    await using w = await world();
    const agent = await w.device.agent({ persistent: true });
    const Output = w.device.path('out');
    const failing = await agent.download({ Url: w.source.url('/nothing'), Output });
    assert.equal((await failing.finished).State, 'Failed');
    const request = { Url: w.source.url(), Output };
    const removed = await interrupted(w, agent, request, (id) => agent.remove(id));
    assert.equal(removed.State, 'Aborted');
    assert.deepEqual(
      agent.downloads().map((d) => d.id),
      [failing.id],
    );
    await assert.rejects(agent.remove(removed.Id), { code: 'DownloadUnknown' });
    await agent.close();
    assert.deepEqual(await readdir(w.device.path('data/jobs')), []);
    const next = await w.device.agent({ persistent: true });
    assert.deepEqual(next.downloads(), []);
  });
});
