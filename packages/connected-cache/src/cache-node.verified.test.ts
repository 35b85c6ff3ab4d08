import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { formatPiecesHashFile, PiecesHasher, type PiecesHashFile } from '@sluice/protocol';
import {
  assertBytes,
  filled,
  get,
  KiB,
  type Reply,
  randomBytesOf,
  sourceAndNode,
  until,
} from './testing/harness.ts';
import { type SourceObject, TestSource } from './testing/test-source.ts';

const tuning = { pieceSize: 64 * KiB };
const length = 10 * 64 * KiB + 5;

/** A source of the object that sends `bad` bytes instead the first `times` times that it sends piece 3. */
function damaged(bytes: Buffer, times: number): Partial<SourceObject> & { bytes: Buffer } {
  let left = times;
  return {
    bytes,
    headers: { etag: '"1"' },
    instead({ headers, method }, response) {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
      const [from, to] = [Number(start), Math.min(Number(end) + 1, bytes.length)];
      const at = 3 * 64 * KiB + 100;
      if (method !== 'GET' || start === undefined || from > at || to <= at || left === 0)
        return false;
      left--;
      const part = Buffer.from(bytes.subarray(from, to));
      part[at - from]! ^= 1;
      response.writeHead(206, {
        etag: '"1"',
        'content-length': part.length,
        'content-range': `bytes ${from}-${to - 1}/${bytes.length}`,
      });
      response.end(part);
      return true;
    },
  };
}

function hashListOf(bytes: Buffer): PiecesHashFile {
  const hasher = new PiecesHasher({ pieceSize: 64 * KiB });
  hasher.update(bytes);
  return hasher.finish();
}

/** Has the beginning fetched, so that the hash list is there before the rest is. */
async function begin(t: TestContext, times: number, trusted: boolean) {
  const cloud = await TestSource.start();
  t.after(() => cloud[Symbol.asyncDispose]());
  const bad: number[] = [];
  const { source, node } = await sourceAndNode(t, {
    tuning,
    hashLists: trusted
      ? { contentPolicyUri: `http://${cloud.host}/content/{contentId}/contentpolicy` }
      : { fromSource: true },
    badPiece: ({ piece }) => bad.push(piece),
  });
  const bytes = randomBytesOf(length);
  const phf = hashListOf(bytes);
  const list = Buffer.from(formatPiecesHashFile(phf));
  source.put('/file', damaged(bytes, times));
  if (trusted) {
    const policy = {
      ContentId: 'x',
      HashOfHashes: phf.hashOfHashes,
      PiecesHashFileCdnUrls: [`http://${cloud.host}/missing`, `http://${cloud.host}/list`],
      ContentCdnUrls: null,
      IsSecure: false,
      IsInternal: false,
      Policies: {
        ForegroundQosBps: 0,
        BackgroundQosBps: 0,
        MaxCacheAgeSecs: 0,
        ExpireAtSecsSinceEpoch: null,
        DownloadToExpire: 0,
      },
      Rank: 0,
    };
    cloud.put('/content//contentpolicy', { bytes: Buffer.from(JSON.stringify(policy)) });
    cloud.put('/list', { bytes: list });
  } else {
    source.put('/file.phf', { bytes: list });
  }
  await get(node, source, '/file', { headers: { range: 'bytes=0-9' } });
  await until(() => node.stats().HashLists === 1);
  await filled(node);
  return { source, node, bytes, bad, cloud };
}

/** Right, or cut: nothing else. */
async function rightOrCut(asking: Promise<Reply>, bytes: Buffer): Promise<boolean> {
  const reply = await asking.catch(() => undefined);
  if (reply?.status === 200) assertBytes(reply.body, bytes);
  return reply?.status === 200;
}

for (const trusted of [true, false]) {
  const whose = trusted ? 'the cloud names' : 'lies beside the object';
  test(`a piece that is not what the list says that ${whose} is fetched again, never kept`, async (t) => {
    const { source, node, bytes, bad, cloud } = await begin(t, 1, trusted);
    const replies = Array.from({ length: 5 }, () => rightOrCut(get(node, source, '/file'), bytes));
    await Promise.all(replies);
    assertBytes((await get(node, source, '/file')).body, bytes);
    await filled(node);
    assert.deepEqual(bad, [3]);
    assert.equal(node.stats().BadPieces, 1);
    const told = node.status().Issues.map(({ Type, Subject }) => [Type, Subject]);
    assert.deepEqual(told, [['Other', source.host]]);
    assert.equal(node.stats().CacheBytes, bytes.length);
    if (!trusted) return;
    const url = new URL(cloud.asked[0]!.url, 'http://x');
    assert.equal(url.searchParams.get('altCatalogId'), `http://${source.host}/file`);
  });
}

test('a source that sends nothing else is given up after three, the other pieces serve', async (t) => {
  const { source, node, bytes, bad } = await begin(t, Number.POSITIVE_INFINITY, true);
  for (let i = 0; i < 3; i++) {
    assert.equal(await rightOrCut(get(node, source, '/file'), bytes), false);
    await filled(node);
  }
  assert.ok(bad.length >= 3 && bad.every((piece) => piece === 3), `${bad}`);
  const after = await get(node, source, '/file', { headers: { range: `bytes=${4 * 64 * KiB}-` } });
  assertBytes(after.body, bytes.subarray(4 * 64 * KiB));
});

test('a list that nobody vouches for is given up when the source keeps to its bytes', async (t) => {
  const { source, node, bytes, bad } = await begin(t, Number.POSITIVE_INFINITY, false);
  for (let i = 0; i < 3; i++) await get(node, source, '/file').catch(() => undefined);
  assert.deepEqual(bad, [3, 3]);
  const { status, body } = await get(node, source, '/file');
  assert.deepEqual([status, body.length], [200, bytes.length]);
});

test('what was kept before the list was there is checked when it is', async (t) => {
  const { source, node } = await sourceAndNode(t, { tuning, hashLists: { fromSource: true } });
  const bytes = randomBytesOf(length);
  const list = Buffer.from(formatPiecesHashFile(hashListOf(bytes)));
  source.put('/file', damaged(bytes, 1));
  source.put('/file.phf', { bytes: list, heldAt: 0 });
  const middle = { headers: { range: `bytes=${2 * 64 * KiB}-${5 * 64 * KiB}` } };
  await get(node, source, '/file', middle);
  await filled(node);
  const before = node.stats().CacheBytes;
  source.allow('/file.phf');
  await until(() => node.stats().BadPieces === 1);
  assert.equal(node.stats().CacheBytes, before - 64 * KiB);
  assertBytes((await get(node, source, '/file')).body, bytes);
});
