import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type DownloadRequest, type DownloadWhy, formatPiecesHashFile } from '@sluice/protocol';
import type { AgentOptions } from '../agent-options.ts';
import { refusedHost } from '../testing/addresses.test-kit.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';

const bytes = bytesOf(3 * mib + 5);
const phf = phfOf(bytes);
const { hashOfHashes: HashOfHashes } = phf;

/** A cloud, a source whose file the cloud knows, and a device. */
async function world() {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  cloud.publish(source.url(), phf);
  const device = stack.use(await Device.create());
  const withCloud = { cloudUrl: cloud.url };
  return {
    cloud,
    source,
    device,
    /** Downloads to the end, and asks why. */
    async why(request: Partial<DownloadRequest> = {}, options: Partial<AgentOptions> = withCloud) {
      const agent = await device.agent(options);
      const Output = device.path('out');
      const download = await agent.download({ Url: source.url(), Output, ...request });
      await download.finished;
      return download.why();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type RuledOut = DownloadWhy['RuledOut'][0];

/** The one refusal by that rule, complete as people need it. */
function ruledOut({ RuledOut }: DownloadWhy, rule: string, affects = 'peers'): RuledOut {
  const found = RuledOut.filter((r) => r.Rule === rule);
  assert.equal(found.length, 1, `${rule} in ${JSON.stringify(RuledOut)}`);
  const [entry] = found;
  assert.ok(entry);
  assert.equal(entry.Affects, affects);
  assert.ok(entry.Actual !== '' && entry.Remedy.length > 10, JSON.stringify(entry));
  assert.doesNotMatch(JSON.stringify(entry), /\{\w+\}|undefined/);
  return entry;
}

suite('why there are no peers: mode, cloud and hash list', () => {
  test('mode 0 and mode 99, set by the request', async () => {
    for (const [Mode, name] of [
      [0, 'CdnOnly'],
      [99, 'Simple'],
    ] as const) {
      await using w = await world();
      const { SetBy, Actual } = ruledOut(await w.why({ Mode }), 'DODownloadMode');
      assert.deepEqual([SetBy, Actual], ['the request', name]);
    }
  });

  test('no cloud, and so no HashOfHashes', async () => {
    await using w = await world();
    const why = await w.why({}, {});
    ruledOut(why, 'Cloud');
    ruledOut(why, 'HashOfHashes');
    assert.equal(why.DownloadMode, 'Simple');
  });

  test('no cloud, but a HashOfHashes: only the cloud is missing', async () => {
    await using w = await world();
    w.source.objects.set('/file.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
    const why = await w.why({ HashOfHashes }, {});
    assert.deepEqual(
      why.RuledOut.map((r) => r.Rule),
      ['Cloud', 'DOCacheHost'],
    );
  });

  test('a PHF without its HashOfHashes', async () => {
    await using w = await world();
    const why = await w.why({ PhfUrl: w.source.url('/x.phf') }, {});
    assert.match(ruledOut(why, 'HashOfHashes').Actual, /proves nothing/);
  });

  test('a cloud that cannot be reached, and one that fails', async () => {
    await using w = await world();
    const why = await w.why({}, { cloudUrl: `http://${await refusedHost()}` });
    assert.match(ruledOut(why, 'ServiceUnreachable').Remedy, /--cloud/);
    await using other = await world();
    other.cloud.intercept = (_, response) => {
      response.writeHead(500).end('{}');
      return true;
    };
    ruledOut(await other.why(), 'ServiceRefused');
  });

  test('a content that the cloud does not know', async () => {
    await using w = await world();
    w.source.objects.set('/new', { content: bytes, etag: '"1"' });
    const why = await w.why({ Url: w.source.url('/new') });
    assert.match(ruledOut(why, 'ContentUnknown').Remedy, /sluice publish/);
    // A bad cache host, noted later, is not the reason of the mode.
    assert.match(why.DownloadModeReason, /knows no content/);
  });

  test('a content that only the caller knows does not rule out peers', async () => {
    await using w = await world();
    w.source.objects.set('/new', { content: bytes, etag: '"1"' });
    w.source.objects.set('/new.phf', { content: Buffer.from(formatPiecesHashFile(phf)) });
    const why = await w.why({ Url: w.source.url('/new'), HashOfHashes });
    assert.ok(!why.RuledOut.some((r) => r.Rule === 'ContentUnknown'));
    assert.equal(why.DownloadMode, 'Lan');
  });

  test('a hash list that does not verify, with the place', async () => {
    await using w = await world();
    w.cloud.publish(w.source.url(), phf, '{"not":"a PHF"}');
    const why = await w.why();
    const lists = why.RuledOut.filter((r) => r.Rule === 'HashList');
    assert.match(lists[0]!.Actual, /\/phf\/\d: the pieces hash file/);
    assert.equal(lists.at(-1)!.Actual, 'none that verifies');
    assert.ok(lists.every((r) => r.Affects === 'peers'));
  });
});

suite('why the cache host is not used', () => {
  test('none is known', async () => {
    await using w = await world();
    ruledOut(await w.why(), 'DOCacheHost', 'cache');
  });

  test('it is none, and the mode’s reason is still the mode’s', async () => {
    await using w = await world();
    const why = await w.why(
      { Url: w.source.url() },
      { cacheHosts: ['node:99999'], cloudUrl: `http://${await refusedHost()}` },
    );
    assert.match(ruledOut(why, 'DOCacheHost', 'cache').Actual, /node:99999/);
    assert.match(why.DownloadModeReason, /cannot be reached/);
  });

  test('nobody listens there: verified, and in simple mode', async () => {
    for (const options of [undefined, {}]) {
      await using w = await world();
      const host = await refusedHost();
      const why = await w.why({ CacheHosts: [host] }, options);
      const { Actual } = ruledOut(why, 'SourceRefused', 'cache');
      assert.match(Actual, new RegExp(host));
    }
  });

  test('it has another version', async () => {
    await using w = await world();
    await using cache = await MisbehavingSource.start(bytes);
    cache.object.etag = '"2"';
    const why = await w.why({ CacheHosts: [new URL(cache.origin).host] }, {});
    assert.match(ruledOut(why, 'CacheHost', 'cache').Actual, /another version/);
  });
});

suite('why HTTP is not used', () => {
  test('it was given up, and the download failed', async () => {
    await using w = await world();
    w.source.objects.delete('/file');
    const why = await w.why();
    assert.equal(why.State, 'Failed');
    assert.match(ruledOut(why, 'SourceNotFound', 'http').Actual, /gave it up/);
    const end = why.Decisions.find((d) => d.Type === 'givenUp');
    assert.deepEqual([end?.Source, end?.Because], ['http', 'SourceNotFound']);
    assert.deepEqual(
      why.Sources.map((s) => [s.Source, s.State]),
      [['http', 'Dead']],
    );
  });
});

suite('why peers that may be used are not', () => {
  const peer = { PeerId: 'a'.repeat(40), Ip: '127.0.0.1', Type: 'LAN' as const, Left: 0 };

  test('the array names nobody: what to do depends on the mode', async () => {
    await using w = await world();
    assert.match(ruledOut(await w.why(), 'NoPeers').Remedy, /public address/);
    await using other = await world();
    assert.match(ruledOut(await other.why({ Mode: 3 }), 'NoPeers').Remedy, /next device/);
  });

  test('the array cannot be reached', async () => {
    await using w = await world();
    w.cloud.intercept = (path, response) => {
      if (!path.startsWith('/array/')) return false;
      response.writeHead(503).end('{}');
      return true;
    };
    assert.match(ruledOut(await w.why(), 'ServiceRefused').Actual, /array refused: 503/);
  });

  test('they are named and refuse the connection: by code, with who', async () => {
    await using w = await world();
    const ports = [await refusedHost(), await refusedHost()].map((h) => Number(h.split(':')[1]));
    w.cloud.peers = ports.map((Port, i) => ({ ...peer, PeerId: `${i}`.repeat(40), Port }));
    const why = await w.why();
    const { Count, Subjects, Actual } = ruledOut(why, 'PeerRefused');
    assert.deepEqual([Count, Actual], [2, 'it refused the connection']);
    assert.deepEqual(Subjects.sort(), ports.map((port) => `127.0.0.1:${port}`).sort());
    assert.equal(why.NumPeers, 2);
    assert.ok(!why.RuledOut.some((r) => r.Rule === 'NoPeers'));
  });

  test('they speak another protocol', async () => {
    await using w = await world();
    await using web = await MisbehavingSource.start(bytes);
    w.cloud.peers = [{ ...peer, Port: Number(new URL(web.origin).port) }];
    // A web server answers our handshake by its own error page, or hangs up.
    const why = await w.why();
    const rules = why.RuledOut.filter((r) => r.Affects === 'peers').map((r) => r.Rule);
    assert.equal(rules.length, 1);
    assert.match(rules[0]!, /^(InvalidMessage|PeerLost)$/);
  });
});
