import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unknownHost } from '@sluice/engine';
import type { GivenSettings } from '@sluice/protocol/policy';
import { TestSettings } from '../policy/test-settings.test-kit.ts';
import { CacheHostFinder, type GeoHosts } from './cache-host-finder.ts';

const geo: GeoHosts = { hosts: ['geo'], flag: undefined };

function finder(
  given: GivenSettings,
  {
    dhcp,
    found = [],
    adapters = [],
  }: { dhcp?: string; found?: string[]; adapters?: string[] } = {},
) {
  return new CacheHostFinder({
    settings: new TestSettings(given),
    dhcp: { text: async (option) => (option === 235 ? dhcp : 'wrong option') },
    host: { facts: async () => ({ ...unknownHost, adapters }) },
    found: () => found,
  });
}

/** Who wins of all that are there, by DOCacheHostSource and CacheHostFlag (policies.md §11). */
const orders: [source: number | undefined, flag: number | undefined, order: string[]][] = [
  [2, undefined, ['dhcp', 'set', 'found', 'geo']],
  [1, undefined, ['set', 'dhcp', 'found', 'geo']],
  [undefined, 1, ['dhcp', 'set', 'found', 'geo']],
  [undefined, 0, ['set', 'found', 'geo']],
  [undefined, undefined, ['set', 'found', 'geo']],
];

for (const [source, flag, order] of orders) {
  test(`DOCacheHostSource ${source}, CacheHostFlag ${flag}: ${order.join(', ')}`, async () => {
    for (const [i, expected] of order.entries()) {
      const there = order.slice(i);
      const given = {
        ...(source !== undefined && { DOCacheHostSource: source }),
        ...(there.includes('set') && { DOCacheHost: 'set' }),
      };
      const { hosts } = await finder(given, {
        ...(there.includes('dhcp') && { dhcp: 'dhcp' }),
        found: there.includes('found') ? ['found'] : [],
      }).find(undefined, { hosts: there.includes('geo') ? ['geo'] : [], flag });
      assert.deepEqual(hosts, [expected]);
    }
    const { hosts } = await finder(source ? { DOCacheHostSource: source } : {}).find(
      undefined,
      undefined,
    );
    assert.deepEqual(hosts, []);
  });
}

test('whoever is on the network can name a node by DNS-SD: only what can be verified has it', async () => {
  const byDnsSd = await finder({}, { found: ['10.0.0.7:80'] }).find(undefined, geo);
  assert.deepEqual(byDnsSd, { hosts: ['10.0.0.7:80'], needProof: true });
  const unverified = await finder({}, { found: ['10.0.0.7:80'] }).find(undefined, geo, false);
  assert.deepEqual(unverified, { hosts: ['geo'] });
  assert.deepEqual(await finder({ DOCacheHost: 'set' }).find(undefined, geo), { hosts: ['set'] });
});

test('several hosts in their order; empty is configured, and means none', async () => {
  assert.deepEqual((await finder({ DOCacheHost: ' a , b:80 ' }).find(undefined, geo)).hosts, [
    'a',
    'b:80',
  ]);
  assert.deepEqual((await finder({ DOCacheHost: '' }).find(undefined, geo)).hosts, []);
});

test('a malformed DHCP option leaves it to the next', async () => {
  for (const dhcp of ['http://evil/', 'a b', ' , ']) {
    const given = { DOCacheHost: 'set', DOCacheHostSource: 2 };
    assert.deepEqual((await finder(given, { dhcp }).find(undefined, geo)).hosts, ['set'], dhcp);
  }
});

test('what the request names, and nothing else', async () => {
  assert.deepEqual((await finder({ DOCacheHost: 'set' }).find(['own'], geo)).hosts, ['own']);
  assert.deepEqual((await finder({ DOCacheHost: 'set' }).find([], geo)).hosts, []);
});

test('none while a VPN is up, when that is ruled out', async () => {
  const given = { DODisallowCacheServerDownloadsOnVPN: 1, DOCacheHost: 'set' };
  const { hosts, refusal } = await finder(given, { adapters: ['Corp VPN'] }).find(['own'], geo);
  assert.deepEqual(hosts, []);
  assert.deepEqual(
    [refusal?.rule, refusal?.affects],
    ['DODisallowCacheServerDownloadsOnVPN', 'cache'],
  );
  const words = { ...given, DOVpnKeywords: 'tailscale' };
  assert.ok((await finder(words, { adapters: ['tailscale0'] }).find(undefined, geo)).refusal);
  assert.deepEqual((await finder(given, { adapters: ['eth0'] }).find(undefined, geo)).hosts, [
    'set',
  ]);
  const allowed = { DOCacheHost: 'set' };
  assert.deepEqual((await finder(allowed, { adapters: ['VPN'] }).find(undefined, geo)).hosts, [
    'set',
  ]);
});
