import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import {
  assertBytes,
  filled,
  get,
  KiB,
  MiB,
  randomBytesOf,
  sourceAndNode,
  take,
  until,
} from './testing/harness.ts';

test('fifty clients at once cost the source one copy', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(8 * MiB);
  source.put('/file', { bytes, heldAt: 1 });
  const asking = Promise.all(Array.from({ length: 50 }, () => get(node, source, '/file')));
  await until(() => node.stats().ActiveAnswers === 50);
  source.allow('/file');
  const replies = await asking;
  for (const { status, body } of replies) {
    assert.equal(status, 200);
    assertBytes(body, bytes);
  }
  assert.equal(source.asked.length, 1);
  assert.equal(source.sent, bytes.length);
  const stats = node.stats();
  assert.equal(stats.Coalesced, 49);
  assert.equal(stats.FillRequests, 1);
  assert.equal(stats.EgressBytes, 50 * bytes.length);
});

test('who comes later gets the bytes of a fill under way, not after the piece is whole', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(2 * MiB);
  source.put('/slow', { bytes, heldAt: 1000 });
  const url = `${node.url}/slow?cacheHostOrigin=${source.host}`;
  const first = await request(url);
  const early = await take(first.body, 1000);
  const second = await request(url);
  assertBytes(await take(second.body, 1000), early);
  source.allow('/slow', 1001);
  assertBytes(await take(first.body, 1), bytes.subarray(1000, 1001));
  assertBytes(await take(second.body, 1), bytes.subarray(1000, 1001));
  source.allow('/slow');
  for (const { body } of [first, second]) {
    assertBytes(await take(body, bytes.length - 1001), bytes.subarray(1001));
  }
  assert.equal(source.asked.length, 1);
});

test('different ranges wait for the head only, then each is fetched by itself', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(4 * MiB);
  source.put('/file', { bytes, heldAt: 100 });
  const first = get(node, source, '/file', { headers: { range: `bytes=0-${MiB - 1}` } });
  await until(() => source.asked.length === 1);
  const other = get(node, source, '/file', { headers: { range: `bytes=${2 * MiB}-` } });
  await until(() => source.asked.length === 2);
  assert.equal(source.asked[1]!.headers.range, `bytes=${2 * MiB}-${4 * MiB - 1}`);
  source.allow('/file');
  assertBytes((await first).body, bytes.subarray(0, MiB));
  assertBytes((await other).body, bytes.subarray(2 * MiB));
  assert.equal(source.sent, 3 * MiB);
});

test('who waits for the first bytes does not stand in line behind what others have fetched', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(24 * MiB);
  source.put('/file', { bytes, heldAt: 100 });
  const clients = Array.from({ length: 12 }, async (_, i) => {
    const start = i * 2 * MiB;
    const headers = { range: `bytes=${start}-${start + MiB - 1}` };
    const { status, body } = await get(node, source, '/file', { headers });
    assert.equal(status, 206);
    assertBytes(body, bytes.subarray(start, start + MiB));
  });
  await until(() => source.asked.length === clients.length);
  source.allow('/file');
  await Promise.all(clients);
  assert.equal(source.sent, clients.length * MiB);
});

test('a long object comes in few requests, and pieces that are there are left out', async (t) => {
  const tuning = { pieceSize: 16 * KiB, runPieces: 16 };
  const { source, node } = await sourceAndNode(t, { tuning });
  const bytes = randomBytesOf(48 * 16 * KiB);
  source.put('/long', { bytes });
  await get(node, source, '/long', { headers: { range: 'bytes=163840-163841' } });
  await filled(node);
  assertBytes((await get(node, source, '/long')).body, bytes);
  assert.equal(source.sent, bytes.length);
  assert.deepEqual(
    source.asked.map(({ headers }) => headers.range),
    [
      'bytes=163840-180223',
      'bytes=0-163839',
      'bytes=180224-442367',
      'bytes=442368-704511',
      'bytes=704512-786431',
    ],
  );
});

test('a client that leaves does not stop a fill that another waits for', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(3 * MiB);
  source.put('/file', { bytes, heldAt: 1000 });
  const url = `${node.url}/file?cacheHostOrigin=${source.host}`;
  const leaver = await request(url);
  const stayer = await request(url);
  leaver.body.on('error', () => {});
  leaver.body.destroy();
  await until(() => node.stats().ActiveAnswers === 1);
  source.allow('/file');
  assertBytes(await take(stayer.body, bytes.length), bytes);
  assert.equal(source.asked.length, 1);
});

test('a fill that nobody wants any more ends at the next piece, and is kept so far', async (t) => {
  const tuning = { pieceSize: 64 * KiB };
  const { source, node } = await sourceAndNode(t, { tuning });
  const bytes = randomBytesOf(4 * MiB);
  source.put('/file', { bytes, heldAt: 100_000 });
  const leaver = await request(`${node.url}/file?cacheHostOrigin=${source.host}`);
  await take(leaver.body, 100_000);
  leaver.body.on('error', () => {});
  leaver.body.destroy();
  await until(() => node.stats().ActiveAnswers === 0);
  source.allow('/file');
  await filled(node);
  assert.equal(node.stats().CacheBytes, 2 * 64 * KiB);
  assert.equal(node.stats().FailedFills, 0);
  assertBytes((await get(node, source, '/file')).body, bytes);
  assert.match(source.asked[1]!.headers.range!, /^bytes=131072-/);
});

test('a source without ranges is read once, as one stream, for all', async (t) => {
  const { source, node } = await sourceAndNode(t);
  const bytes = randomBytesOf(3 * MiB + 5);
  source.put('/whole', { bytes, ranges: false, heldAt: 1000 });
  const tail = get(node, source, '/whole', { headers: { range: 'bytes=3000000-' } });
  const whole = get(node, source, '/whole');
  await until(() => node.stats().Coalesced === 1);
  source.allow('/whole');
  assertBytes((await tail).body, bytes.subarray(3000000));
  assert.equal((await tail).status, 206);
  assertBytes((await whole).body, bytes);
  assert.equal(source.asked.length, 1);
  assert.equal((await get(node, source, '/whole')).headers['x-cache'], 'HIT');
});
