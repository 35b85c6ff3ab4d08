import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readSettings } from '@sluice/protocol/policy';
import fc from 'fast-check';
import { delaysOf, OriginDelays } from './origin-delays.ts';

const both = { hasPeers: true, hasCache: true };
const start = 1_000;

function delays(peersMs: number, cacheMs: number, has = both): OriginDelays {
  return new OriginDelays({ peersMs, cacheMs }, has, start);
}

const all = { http: true, cache: true, changesAt: undefined };
const cacheOnly = { http: false, cache: true, changesAt: undefined };

suite('delays of HTTP (policies.md §10)', () => {
  test('each haste has its own, in seconds', () => {
    const settings = readSettings({
      DODelayBackgroundDownloadFromHttp: 60,
      DODelayForegroundDownloadFromHttp: 30,
      DODelayCacheServerFallbackBackground: 61,
      DODelayCacheServerFallbackForeground: 31,
    });
    assert.deepEqual(delaysOf(settings, false), { peersMs: 60_000, cacheMs: 61_000 });
    assert.deepEqual(delaysOf(settings, true), { peersMs: 30_000, cacheMs: 31_000 });
  });

  test('no delay: HTTP and cache at once', () => {
    assert.deepEqual(delays(0, 0).at(start), all);
    assert.deepEqual(delaysOf(readSettings(), false), { peersMs: 0, cacheMs: 0 });
  });

  test('delay 60 and no peers: after 60 s at the latest, cache and all', () => {
    const d = delays(60_000, 0);
    assert.deepEqual(d.at(60_999), { http: false, cache: false, changesAt: 61_000 });
    assert.deepEqual(d.at(61_000), all);
  });

  test('nobody there: at once, and that stays', () => {
    const d = delays(60_000, 0);
    d.nobody();
    assert.deepEqual(d.at(start + 1), all);
  });

  test('a download without peers does not wait for them', () => {
    assert.deepEqual(delays(60_000, 0, { hasPeers: false, hasCache: true }).at(start), all);
  });

  test('the cache host works: HTTP stays closed', () => {
    const d = delays(0, 30_000);
    assert.deepEqual(d.at(start), cacheOnly);
    assert.deepEqual(d.at(9_999_999), cacheOnly);
  });

  test('trouble with the cache host: HTTP after the delay, and that stays', () => {
    const d = delays(0, 30_000);
    d.cacheFailed(5_000);
    d.cacheFailed(6_000);
    assert.deepEqual(d.at(34_999), { http: false, cache: true, changesAt: 35_000 });
    assert.deepEqual(d.at(35_000), all);
    d.cacheWorked();
    assert.deepEqual(d.at(36_000), all);
  });

  test('the cache host works again: the trouble is over', () => {
    const d = delays(0, 30_000);
    d.cacheFailed(5_000);
    d.cacheWorked();
    assert.deepEqual(d.at(40_000), cacheOnly);
    d.cacheFailed(41_000);
    assert.equal(d.at(41_000).changesAt, 71_000);
  });

  test('no cache host: its delay says nothing', () => {
    assert.deepEqual(delays(0, 30_000, { hasPeers: true, hasCache: false }).at(start), all);
  });

  test('both: the peers’ delay first, then that of the cache host', () => {
    const d = delays(60_000, 30_000);
    assert.deepEqual(d.at(60_999), { http: false, cache: false, changesAt: 61_000 });
    assert.deepEqual(d.at(61_000), cacheOnly);
    d.cacheFailed(62_000);
    assert.deepEqual(d.at(91_999), { http: false, cache: true, changesAt: 92_000 });
    assert.deepEqual(d.at(92_000), all);
  });

  test('HTTP is never open before the cache, never closes again, and is late by both delays at the most', () => {
    const ms = fc.nat(1_000);
    fc.assert(
      fc.property(ms, ms, fc.array(fc.tuple(ms, fc.boolean())), (peersMs, cacheMs, events) => {
        const d = delays(peersMs, cacheMs);
        let wasOpen = false;
        let failingSince: number | undefined;
        let now = start;
        for (const [wait, works] of events) {
          now += wait;
          if (works) {
            d.cacheWorked();
            failingSince = undefined;
          } else {
            d.cacheFailed(now);
            failingSince ??= now;
          }
          const { http, cache } = d.at(now);
          assert.ok(cache || !http);
          assert.ok(http || !wasOpen);
          if (
            failingSince !== undefined &&
            now >= Math.max(failingSince + cacheMs, start + peersMs)
          ) {
            assert.ok(http);
          }
          wasOpen = http;
        }
      }),
    );
  });
});
