import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type DownloadWhy, encodeHandshake, encodeMessage, PieceMap } from '@sluice/protocol';
import type { Download } from '../download/download.ts';
import { RawPeer } from '../swarm/testing/raw-peer.ts';
import { until } from '../swarm/testing/until.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(9 * mib + 77);
const phf = phfOf(bytes);

async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  cloud.publish(source.url(), phf);
  const device = stack.use(await Device.create());
  return { cloud, source, device, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const sum = (rows: { Bytes: number }[]) => rows.reduce((n, r) => n + r.Bytes, 0);

/** The record must say the same as the counters of the status. */
function assertAddsUp(download: Download): DownloadWhy {
  const why = download.why();
  const status = download.status();
  const from = (name: string) => sum(why.Bytes.filter((b) => b.Source === name));
  assert.equal(from('http'), status.BytesFromHttp - status.BytesFromCacheServer);
  assert.equal(from('cache'), status.BytesFromCacheServer);
  assert.equal(from('Lan'), status.BytesFromLanPeers);
  assert.equal(sum(why.Bytes) + why.ResumedBytes, status.FileSize);
  return why;
}

suite('the record of why', () => {
  test('adds up to the counters, from HTTP, cache and peer', async () => {
    await using w = await world();
    await using cache = await MisbehavingSource.start(bytes);
    const options = { cloudUrl: w.cloud.url, cacheHosts: [new URL(cache.origin).host] };
    const first = await w.device.agent(options);
    const one = await first.download({ Url: w.source.url(), Output: w.device.path('out') });
    await one.finished;
    const why = assertAddsUp(one);
    assert.deepEqual([why.State, why.DownloadMode], ['Finalized', 'Lan']);
    assert.ok(why.Bytes.every((b) => b.Reason !== 'peer'));
    // The first shares it now: all comes from there.
    const dataDir = w.device.path('data-2');
    const second = await w.device.agent({ cloudUrl: w.cloud.url, dataDir });
    const two = await second.download({ Url: w.source.url(), Output: w.device.path('out-2') });
    await two.finished;
    const whyTwo = assertAddsUp(two);
    const [peers] = whyTwo.Bytes.filter((b) => b.Source === 'Lan' && b.Reason === 'peer');
    assert.ok(peers && peers.Bytes > 0, JSON.stringify(whyTwo.Bytes));
    const peer = whyTwo.Sources.find((s) => s.Source === 'Lan');
    assert.match(peer!.Label, /^127\.0\.0\.1:\d+$/);
    assert.equal(peer!.Bytes, sum(whyTwo.Bytes.filter((b) => b.Source === 'Lan')));
    assert.equal(whyTwo.NumPeers, 1);
    // Closed to HTTP while peers were looked for.
    const held = whyTwo.Decisions.find((d) => d.Type === 'originHeld');
    assert.ok(held && whyTwo.Decisions.some((d) => d.Type === 'originFreed'));
  });

  test('adds up in simple mode: in pieces, anew after a change, and in one stream', async () => {
    await using w = await world();
    const agent = await w.device.agent();
    const get = async () => {
      const download = await agent.download({
        Url: w.source.url(),
        Output: w.device.path('out'),
      });
      await download.finished;
      return download;
    };
    assertAddsUp(await get());
    let changed = false;
    w.source.misbehave = () => {
      if (!changed && w.source.bytesSent > bytes.length + 2 * mib) {
        changed = true;
        w.source.object.etag = '"2"';
      }
      return undefined;
    };
    assertAddsUp(await get());
    w.source.misbehave = () => ({ chunked: true, noRanges: true });
    const why = assertAddsUp(await get());
    assert.deepEqual(
      why.Bytes.map((b) => [b.Source, b.Reason, b.Pieces, b.Bytes]),
      [['http', 'stream', 0, bytes.length]],
    );
  });

  test('stays with the ended download, shorter, whatever happens to the content later', async () => {
    await using w = await world();
    const agent = await w.device.agent({ cloudUrl: w.cloud.url });
    const request = { Url: w.source.url(), Output: w.device.path('out') };
    w.source.limit = 3 * mib;
    const download = await agent.download(request);
    await w.source.limitReached;
    const running = download.why();
    assert.equal(running.State, 'Transferring');
    assert.deepEqual(
      running.Sources.map((s) => [s.Source, s.State]),
      [['http', 'Ready']],
    );
    w.source.limit = Number.POSITIVE_INFINITY;
    await download.finished;
    const ended = assertAddsUp(download);
    await using peer = await joinAs(agent.peerPort);
    await until(() => download.status().LanConnectionCount === 1);
    assert.deepEqual(download.why(), ended);
    await peer.close();
    // The same content again: nothing is fetched, and nothing is made up.
    const again = await agent.download({ ...request, Output: w.device.path('out-2') });
    await again.finished;
    const why = again.why();
    assert.deepEqual([why.Bytes, why.Decisions, why.ResumedBytes], [[], [], bytes.length]);
  });

  test('names a peer that sent bad pieces, and why it is not used', async () => {
    await using w = await world();
    const agent = await w.device.agent({ cloudUrl: w.cloud.url });
    w.source.limit = 0;
    const download = await agent.download({ Url: w.source.url(), Output: w.device.path('out') });
    await until(() => w.cloud.joins.length > 0);
    await using peer = await joinAs(agent.peerPort);
    const bits = PieceMap.full(phf.digests.length / 32).toBitfield();
    await peer.write(encodeMessage({ type: 'bitfield', bits }));
    await peer.say({ type: 'unchoke' });
    let answered = 0;
    while (!peer.isOver) {
      const request = requests(peer)[answered];
      if (request) {
        answered++;
        const { piece, offset, length } = request;
        await peer.give(piece, offset, Buffer.alloc(length));
      } else await until(() => peer.isOver || requests(peer).length > answered);
    }
    w.source.limit = Number.POSITIVE_INFINITY;
    await download.finished;
    const why = assertAddsUp(download);
    const banned = why.Decisions.find((d) => d.Type === 'banned');
    assert.deepEqual([banned?.Source, banned?.Because], ['Lan', 'badPieces']);
    const [entry] = why.RuledOut.filter((r) => r.Rule === 'PeerBanned');
    assert.deepEqual(entry?.Subjects, [banned?.Label]);
    assert.match(entry!.Actual, /several bad pieces/);
    assert.equal(why.Sources.find((s) => s.Source === 'Lan')?.State, 'Gone');
  });
});

function requests(peer: RawPeer) {
  return peer.messages.flatMap((m) => (m.type === 'request' ? [m] : []));
}

/** A stranger that knows the content's hash. */
async function joinAs(port: number): Promise<RawPeer> {
  const peer = await RawPeer.connect(port);
  const swarmHash = Buffer.from(phf.hashOfHashes, 'base64');
  await peer.write(
    encodeHandshake({ contentLength: bytes.length, swarmHash, peerId: 'e'.repeat(40) }),
  );
  await until(() => peer.greeted || peer.isOver);
  return peer;
}
