import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCloud } from '../cloud.test-support.ts';
import { RequestCounts } from './request-counts.ts';

test('figures of the process and its stores, by patterns of routes, never by URLs', async (t) => {
  const { ask, join, clock } = await startCloud(t, { version: '1.2.3', requestsPerSecond: 100 });
  await join({});
  for (const path of ['/content/a/contentpolicy', '/content/b/contentpolicy', '/nowhere?x=1']) {
    assert.equal((await ask(path)).status, 404);
  }
  await ask('/geo', { method: 'PROPFIND' });
  clock.advance(2_500);
  const { text, headers } = await ask('/metrics');
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  for (const line of [
    'info{version="1.2.3"} 1',
    'uptime_seconds 2.5',
    'requests_total{route="/array/join/",method="POST",status="2xx"} 1',
    'requests_total{route="/content/:contentId/contentpolicy",method="GET",status="4xx"} 2',
    'request_seconds_count{route="/content/:contentId/contentpolicy"} 2',
    'joins_total 1',
    'rate_limited_total 0',
    'store_up{store="database"} 1',
    'store_up{store="swarm store"} 1',
    'swarms 1',
    'peers 1',
  ]) {
    assert.ok(text.includes(`\nsluice_cloud_${line}\n`), `${line}\n${text}`);
  }
  assert.doesNotMatch(text, /nowhere|PROPFIND/);
});

test('from elsewhere only who has a token reads them, unless they are open', async (t) => {
  const closed = await startCloud(t, { trustedProxies: ['127.0.0.1'] });
  const headers = { 'x-forwarded-for': '192.0.2.1' };
  assert.equal((await closed.ask('/metrics')).status, 200);
  assert.equal((await closed.ask('/metrics', { headers })).status, 401);
  assert.equal((await closed.admin('/metrics', { headers })).status, 200);
  const open = await startCloud(t, { metrics: 'open' });
  assert.equal((await open.ask('/metrics', { headers })).status, 200);
  // A proxy on this machine that is not trusted: what it forwards is not of this machine.
  const proxied = await startCloud(t);
  assert.equal((await proxied.ask('/metrics', { headers })).status, 401);
});

test('methods that somebody made up are counted together', () => {
  const counts = new RequestCounts();
  for (const method of ['X', 'Y', 'GET']) {
    counts.add({ method, route: undefined, status: 429, ms: 1 });
  }
  assert.deepEqual(counts.requests, [
    [{ route: 'none', method: 'other', status: '4xx' }, 2],
    [{ route: 'none', method: 'GET', status: '4xx' }, 1],
  ]);
  assert.equal(counts.limited, 3);
});
