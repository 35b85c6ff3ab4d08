/** What a node shows of itself, and to whom. */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { request } from 'undici';
import type { OperationsOptions } from './operations/operations-options.ts';
import { filled, get, MiB, randomBytesOf, sourceAndNode } from './testing/harness.ts';

/** An address of this machine that is not loopback: from there a caller is a stranger. */
const outer = Object.values(networkInterfaces())
  .flat()
  .find((a) => a && !a.internal && a.family === 'IPv4')?.address;

async function page(url: string, headers: Record<string, string> = {}) {
  const answer = await request(url, { headers });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

test('the summary has the fields of the IoT node, and counts', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/x', { bytes: randomBytesOf(3 * MiB) });
  await get(node, source, '/x');
  await filled(node);
  await get(node, source, '/x');
  const { status, text } = await page(`${node.url}/summary`);
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(text), {
    hitBytes: 3 * MiB,
    missBytes: 3 * MiB,
    eggressBytes: 6 * MiB,
    hitRatioBytes: 0.5,
  });
});

test('metrics are valid text for Prometheus and add up', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/x', { bytes: randomBytesOf(2 * MiB) });
  await get(node, source, '/x');
  await filled(node);
  await get(node, source, '/x');
  await get(node, source, '/nothing');
  const { headers, text } = await page(`${node.url}/metrics`);
  assert.match(`${headers['content-type']}`, /^text\/plain; version=0\.0\.4/);
  const values = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE (\S+) (?:counter|gauge|histogram)$/.exec(line);
    if (type) {
      assert.ok(!typed.has(type[1]!), `${line} twice`);
      typed.add(type[1]!);
    } else if (!line.startsWith('# HELP ')) {
      const sample = /^([a-z_]+)(\{(?:[a-z]+="[^"\\\n]*",?)*\})? (\d[\d.e+-]*)$/.exec(line);
      assert.ok(sample, line);
      assert.ok(
        typed.has(sample[1]!.replace(/_(?:bucket|sum|count)$/, '')) || typed.has(sample[1]!),
        line,
      );
      values.set(sample[1]! + (sample[2] ?? ''), Number(sample[3]));
    }
  }
  const value = (name: string) => values.get(`sluice_cache_${name}`);
  assert.equal(value('hit_bytes_total'), 2 * MiB);
  assert.equal(value('answers_total{state="HIT"}'), 1);
  assert.equal(value('answers_total{state="MISS"}'), 2);
  assert.equal(value('statuses_total{status="4xx"}'), 1);
  assert.equal(value(`host_bytes_total{host="${source.host}",cache="hit"}`), 2 * MiB);
  assert.equal(value('content_bytes_total{content="Other",cache="miss"}'), 2 * MiB);
  assert.equal(value('first_byte_seconds_count{state="HIT"}'), 1);
  assert.equal(value('first_byte_seconds_bucket{state="HIT",le="+Inf"}'), 1);
  assert.equal(value('answer_seconds_count'), 3);
  assert.ok(value('disk_free_bytes')! > 0);
  assert.equal(value('open_issues'), 0);
});

test('the status page is one text that loads and runs nothing, and escapes what strangers chose', async (t) => {
  const { source, node } = await sourceAndNode(t);
  await get(node, source, '/nothing');
  const { status, headers, text } = await page(`${node.url}/details`);
  assert.equal(status, 200);
  const policy = `${headers['content-security-policy']}`;
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+';/);
  assert.doesNotMatch(text, /<script|<link|<img|src=|url\(|javascript:/i);
  assert.match(text, /<svg [^>]+><polyline class="out" points="[\d., ]+"\/>/);
  assert.ok(text.includes(source.host));
});

test('short names are the source’s own when Host names one', async (t) => {
  const { source, node } = await sourceAndNode(t);
  source.put('/summary', { bytes: Buffer.from('of the source') });
  const theirs = await page(`${node.url}/summary`, { host: source.host });
  assert.equal(theirs.text, 'of the source');
  assert.equal((await get(node, source, '/metrics')).status, 404);
  assert.equal((await get(node, source, '/_sluice/stats')).status, 404);
});

test('strangers see nothing but a public summary, unless they have the key', {
  skip: outer === undefined && 'needs an address beside loopback',
}, async (t) => {
  const apiKey = 'customer__D0508632-1B4D-431C-9EF3-49285AF4DC1F';
  const start = async (access?: OperationsOptions['access']) => {
    const listen = { host: outer!, port: 0 };
    return (await sourceAndNode(t, { listen, operations: { access } })).node;
  };
  const paths = ['/summary', '/metrics', '/details', '/_sluice/stats', '/_sluice/status'];
  const statuses = async (url: string, query = '', headers = {}) =>
    Promise.all(paths.map(async (p) => (await page(url + p + query, headers)).status));
  const closed = await start();
  assert.deepEqual(await statuses(closed.url), [403, 403, 403, 403, 403]);
  assert.deepEqual(await statuses(closed.url, '?apiKey='), [403, 403, 403, 403, 403]);
  const open = await start({ summaryPublic: true });
  assert.deepEqual(await statuses(open.url), [200, 403, 403, 403, 403]);
  const keyed = await start({ apiKey });
  const authorization = `Bearer ${apiKey}`;
  assert.deepEqual(await statuses(keyed.url, `?apiKey=${apiKey}`), [200, 200, 200, 200, 200]);
  assert.deepEqual(await statuses(keyed.url, '', { authorization }), [200, 200, 200, 200, 200]);
  assert.deepEqual(await statuses(keyed.url, `?apiKey=${apiKey}x`), [403, 403, 403, 403, 403]);
  // A forwarded address is what anybody can write.
  const forged = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' };
  assert.deepEqual(await statuses(closed.url, '', forged), [403, 403, 403, 403, 403]);
});

test('the pages can have a port of their own, which serves nothing else', async (t) => {
  const { source, node } = await sourceAndNode(t, {
    operations: { statusListen: { host: '127.0.0.1', port: 0 } },
  });
  source.put('/x', { bytes: Buffer.from('x') });
  const url = node.statusUrl!;
  assert.equal((await page(`${url}/details?apiKey=x`)).status, 200);
  assert.equal((await page(`${url}/x?cacheHostOrigin=${source.host}`)).status, 404);
  assert.equal(source.asked.length, 0);
});
