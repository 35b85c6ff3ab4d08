import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import fc from 'fast-check';
import { AllowedHosts } from './allowed-hosts.ts';
import { digestsInHeaders, digestsInUrl, digestsOfCaller } from './known-digests.ts';
import { LeastRate } from './least-rate.ts';
import { Pace } from './pace.ts';

test('digests are read where they stand, and nothing else is', () => {
  const a = 'a'.repeat(64);
  const b = 'b'.repeat(128);
  assert.deepEqual(digestsInUrl(`https://r/v2/x/y/blobs/sha256:${a}`), { sha256: a });
  assert.deepEqual(digestsInUrl(`https://d/dists/x/by-hash/SHA512/${b}`), { sha512: b });
  assert.deepEqual(digestsInUrl(`https://p/f.whl#sha256=${a}`), { sha256: a });
  assert.deepEqual(digestsInUrl(`https://p/f.whl?sha256=${a}#sha256=${a}0`), {});
  const sri = `sha512-${Buffer.from(b, 'hex').toString('base64')} sha1-xxx`;
  assert.deepEqual(digestsOfCaller({ integrity: sri, sha256: a.toUpperCase() }), {
    sha512: b,
    sha256: a,
  });
  assert.deepEqual(digestsInHeaders({ digest: 'MD5=abc=, SHA-256=dG9vIHNob3J0' }), {});
  fc.assert(
    fc.property(fc.webUrl({ withFragments: true }), (url) => void digestsInUrl(url)),
    { numRuns: 20 },
  );
});

test('hosts: by name also at private addresses, by suffix at public ones only', async () => {
  const addresses: Record<string, string> = {
    ...{ 'a.example.com': '93.184.215.14', 'b.example.com': '10.0.0.1', listed: '10.0.0.1' },
    ...{ 'c.example.com': '::ffff:127.0.0.1', 'd.example.com': '64:ff9b::a00:1' },
    ...{
      'e.example.com': '2606:2800::1',
      'f.example.com': '198.51.100.7',
      'g.example.com': '2002:a00:1::',
    },
  };
  const lookup: LookupFunction = (host, _options, callback) => {
    const address = addresses[host]!;
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  const hosts = new AllowedHosts(['listed:8080', '*.example.com', '[2001:DB8::1]'], lookup);
  const resolves = (url: string) =>
    new Promise((resolve) => {
      const { hostname } = new URL(url);
      hosts.lookupFor(new URL(url))(hostname, { all: true }, (error) => resolve(!error));
    });
  for (const [url, isAllowed] of [
    ['http://a.example.com/', true],
    ['https://e.example.com:8443/', true],
    ['http://b.example.com/', false],
    ['http://c.example.com/', false],
    ['http://d.example.com/', false],
    ['http://f.example.com/', false],
    ['http://g.example.com/', false],
    ['http://listed:8080/', true],
  ] as const) {
    assert.equal(await resolves(url), isAllowed, url);
  }
  for (const url of [
    ...[
      'http://listed/',
      'http://example.com/',
      'http://a.example.com.evil/',
      'ftp://listed:8080/',
    ],
    ...['http://u:p@listed:8080/', 'http://2130706433/', 'http://notexample.com/'],
  ]) {
    assert.equal(hosts.permits(new URL(url)), false, url);
  }
  assert.equal(hosts.permits(new URL('http://[2001:db8:0::1]/')), true);
  for (const entry of ['', '*', '*.', 'a b', 'http://h', 'h/x', '*.10.0.0.1']) {
    assert.throws(() => new AllowedHosts([entry]), entry);
  }
});

test('a source has time for each MiB, in which what we hold back does not count', () => {
  const clock = new ManualClock();
  const rate = new LeastRate(clock, 'http://h/');
  for (let i = 0; i < 10; i++) {
    clock.advance(30_000);
    rate.came(600 * 1024);
    clock.advance(300_000);
    rate.waits();
  }
  clock.advance(59_999);
  rate.came(1);
  rate.waits();
  clock.advance(1);
  assert.throws(() => rate.came(1), { code: 'IngestTooSlow' });
});

test('the pace is kept over all who take from it', async () => {
  const clock = new ManualClock();
  const pace = new Pace(clock, 1_000);
  const { signal } = new AbortController();
  await pace.take(1_000, signal);
  let passed = 0;
  const two = [pace.take(500, signal), pace.take(500, signal)].map((p) => p.then(() => passed++));
  clock.advance(500);
  await two[0];
  assert.equal(passed, 1);
  clock.advance(500);
  await two[1];
  const stop = new AbortController();
  const stopped = pace.take(5_000, stop.signal);
  stop.abort(new Error('over'));
  await assert.rejects(stopped, /over/);
});
