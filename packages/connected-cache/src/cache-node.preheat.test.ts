/** Preheating, by the orders that a running node takes. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { isSluiceError } from '@sluice/protocol';
import { systemClock } from './clock.ts';
import { connectCacheNode } from './control/control-client.ts';
import { Pace } from './preheat/pace.ts';
import type { PreheatReport } from './preheat/preheat-job.ts';
import {
  assertBytes,
  filled,
  get,
  MiB,
  randomBytesOf,
  sourceAndNode,
  temporaryFolder,
  until,
} from './testing/harness.ts';

async function world(t: Parameters<typeof sourceAndNode>[0]) {
  const stateDir = join(await temporaryFolder(t), 'node');
  const { source, node } = await sourceAndNode(t, { operations: { stateDir } });
  const control = await connectCacheNode(stateDir);
  const url = (path: string) => `http://${source.host}${path}`;
  const run = async (Urls: string[], Rate?: number): Promise<PreheatReport> => {
    let report = await control.preheat({ Urls, Rate });
    while (report.State === 'Running') {
      await pause(5);
      report = await control.preheated(report.Id);
    }
    return report;
  };
  return { source, node, control, stateDir, url, run };
}

test('fetches whole objects, once, and says of each URL what became of it', async (t) => {
  const { source, node, run, url } = await world(t);
  const bytes = randomBytesOf(21 * MiB + 5);
  source.put('/big', { bytes });
  source.put('/empty', { bytes: Buffer.alloc(0) });
  source.put('/secret', {
    bytes: Buffer.alloc(9),
    headers: { etag: '"1"', 'cache-control': 'no-store' },
  });
  const { Results } = await run([
    ...[url('/big?sig=a%20b'), url('/empty'), url('/secret'), url('/nothing')],
    ...['http://elsewhere.example/x', url('/a/../b'), 'http://u:p@h/x'],
  ]);
  assert.deepEqual(
    Results.map((r) => [r.State, r.FetchedBytes, r.Length, r.Error?.Code ?? null]),
    [
      ['Fetched', bytes.length, bytes.length, null],
      ['Held', 0, 0, null],
      ['NotKept', 0, null, null],
      ['Failed', 0, null, 'CacheSourceRefused'],
      ['Failed', 0, null, 'CacheHostNotAllowed'],
      ['Failed', 0, null, 'CacheRequestInvalid'],
      ['Failed', 0, null, 'CacheRequestInvalid'],
    ],
  );
  await filled(node);
  assert.ok(source.sent <= bytes.length + 9, 'one copy');
  const asked = source.asked.length;
  const warm = await get(node, source, '/big?sig=a%20b');
  assertBytes(warm.body, bytes);
  assert.equal(warm.headers['x-cache'], 'HIT');
  assert.equal(source.asked.length, asked);
  const again = await run([url('/big?sig=a%20b')]);
  assert.deepEqual([again.Results[0]?.State, again.Results[0]?.FetchedBytes], ['Held', 0]);
  assert.equal(node.stats().EgressBytes, bytes.length, 'preheating sends nothing');
});

test('what a client has fetched already is not fetched again', async (t) => {
  const { source, node, run, url } = await world(t);
  const bytes = randomBytesOf(8 * MiB);
  source.put('/x', { bytes });
  await get(node, source, '/x', { headers: { range: `bytes=${2 * MiB}-${4 * MiB - 1}` } });
  await filled(node);
  const { Results } = await run([url('/x')]);
  assert.deepEqual([Results[0]?.State, Results[0]?.FetchedBytes], ['Fetched', 6 * MiB]);
  await filled(node);
  assert.equal(source.sent, bytes.length);
});

test('a rate holds on average', async (t) => {
  const { source, run, url } = await world(t);
  const paths = ['/a', '/b', '/c', '/d', '/e', '/f'];
  for (const path of paths) source.put(path, { bytes: randomBytesOf(MiB) });
  const began = performance.now();
  // Two at once: the last two begin when four have been paid for.
  await run(paths.map(url), 8 * MiB);
  assert.ok(performance.now() - began > 450, `${performance.now() - began} ms`);
});

test('the pace charges what was spent, and a wait ends with its signal', async () => {
  const pace = new Pace(systemClock, 1024);
  pace.spent(1024 * 1024);
  const stop = new AbortController();
  const waiting = pace.next(stop.signal);
  stop.abort();
  await assert.rejects(waiting, (e) => isSluiceError(e, 'Cancelled'));
});

test('a job can be cancelled', async (t) => {
  const { source, control, url } = await world(t);
  source.put('/x', { bytes: randomBytesOf(4 * MiB), heldAt: MiB });
  const { Id } = await control.preheat({ Urls: [url('/x'), url('/y'), url('/z')] });
  await until(() => source.sent > 0);
  await control.cancelPreheat(Id);
  let report = await control.preheated(Id);
  while (report.State === 'Running') {
    source.allow('/x');
    await pause(5);
    report = await control.preheated(Id);
  }
  assert.equal(report.Results[0]?.State, 'Cancelled');
});

test('orders are taken from the node’s own user only, and clients do not reach them', async (t) => {
  const { node, source, stateDir } = await world(t);
  const file = join(stateDir, 'control.json');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const { url, token } = JSON.parse(await readFile(file, 'utf8'));
  for (const authorization of ['', 'Bearer x', `Bearer ${token}x`, token]) {
    const answer = await fetch(`${url}/status`, { headers: { authorization } });
    assert.equal(answer.status, 401);
  }
  const headers = { authorization: `Bearer ${token}` };
  for (const body of [
    '',
    '[]',
    '{}',
    '{"Urls":[]}',
    '{"Urls":["ftp://h/"]}',
    '{"Urls":["http://h/"],"Rate":1}',
  ]) {
    const answer = await fetch(`${url}/preheat`, { method: 'POST', headers, body });
    assert.equal(answer.status, 400, body);
  }
  assert.equal((await fetch(`${url}/preheat/none`, { headers })).status, 404);
  const viaCache = await get(node, source, '/preheat', { headers });
  assert.notEqual(viaCache.status, 200);
});

test('without a node there is a clear error, also where one was killed', async (t) => {
  const { stateDir, node } = await world(t);
  await node.close();
  await assert.rejects(connectCacheNode(stateDir), (e) => isSluiceError(e, 'NoCacheNode'));
});
