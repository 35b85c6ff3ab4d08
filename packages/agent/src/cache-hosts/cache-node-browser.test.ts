import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import type { DnsRecord } from '../local-discovery/dns-records.ts';
import { fakeMulticast } from '../local-discovery/testing/fake-multicast.test-kit.ts';
import type { OwnAddress } from '../network/own-address.ts';
import { CacheNodeBrowser } from './cache-node-browser.ts';
import { cacheNodeService } from './cache-node-records.ts';

const lan: OwnAddress = {
  ...{ address: '10.0.0.1', prefix: 24, zone: 'eth0' },
  ...{ internal: false, tunnel: false },
};

function node(
  n: number,
  port = 80,
  address?: string,
  more: { ttl?: number; priority?: number } = {},
) {
  const { ttl = 120, priority = 0 } = more;
  const target = `node${n}.local`;
  const data = { port, target, priority, weight: 0 };
  const records: DnsRecord[] = [
    { name: `node${n}.${cacheNodeService}`, type: 'SRV', ttl, data } as DnsRecord,
  ];
  if (address !== undefined) {
    const type = address.includes(':') ? 'AAAA' : 'A';
    records.push({ name: target, type, ttl, data: address });
  }
  return records;
}

/** A device that has begun to look, and what it hears. */
async function setUp(own: OwnAddress[] = [lan]) {
  const clock = new ManualClock();
  const { made, make } = fakeMulticast();
  const logger = pino({ level: 'silent' });
  const browser = new CacheNodeBrowser({ own: () => own, clock, logger, make });
  assert.deepEqual(browser.found(), [], 'nobody waits');
  assert.equal(made.length, 0, 'nor is anybody held up');
  clock.advance(50);
  await turn();
  const hear = (records: DnsRecord[], from = '10.0.0.9') => made.at(-1)!.hearAnswer(records, from);
  return { clock, made, browser, hear };
}

suite('cache nodes on the local network', () => {
  test('are asked for twice, heard for three seconds, and looked for again later', async () => {
    const { clock, made, browser, hear } = await setUp();
    const [socket] = made;
    assert.equal(socket?.asked.length, 1);
    clock.advance(1_000);
    assert.equal(socket?.asked.length, 2);
    hear(node(1, 8080, '10.0.0.7', { priority: 2 }));
    hear(node(2));
    assert.deepEqual(browser.found(), ['10.0.0.9:80', '10.0.0.7:8080'], 'the best first');
    clock.advance(2_000);
    assert.deepEqual([socket?.destroyed, clock.pending], [true, 0]);
    clock.advance(118_000);
    assert.deepEqual(browser.found(), [], 'no longer than they said');
    assert.equal(made.length, 1);
    clock.advance(180_000);
    browser.found();
    clock.advance(50);
    await turn();
    assert.equal(made.length, 2);
    await browser.close();
    assert.deepEqual([made[1]?.destroyed, clock.pending], [true, 0]);
  });

  test('that say good-bye are forgotten', async () => {
    const { browser, hear } = await setUp();
    hear(node(1));
    hear(node(1, 80, undefined, { ttl: 0 }));
    assert.deepEqual(browser.found(), []);
    await browser.close();
  });

  test('are not looked for where all is over at once', async () => {
    const clock = new ManualClock();
    const { made, make } = fakeMulticast();
    const logger = pino({ level: 'silent' });
    const browser = new CacheNodeBrowser({ own: () => [lan], clock, logger, make });
    browser.found();
    await browser.close();
    assert.deepEqual([made.length, clock.pending], [0, 0]);
  });

  test('where there is loopback only nobody is looked for', async () => {
    const { made, browser } = await setUp([
      { ...lan, address: '127.0.0.1', prefix: 8, internal: true },
    ]);
    assert.equal(made.length, 0);
    await browser.close();
  });
});

suite('hostile answers', () => {
  const bad: [what: string, records: DnsRecord[], from?: string][] = [
    ['loopback', node(1, 80, '127.0.0.1')],
    ['this device itself', node(1, 80, '10.0.0.1')],
    ['another subnet', node(1, 80, '10.0.1.7')],
    ['the Internet', node(1, 80, '198.51.100.7')],
    ['metadata of a cloud', node(1, 80, '169.254.169.254')],
    ['IPv6 loopback', node(1, 80, '::1')],
    ['a link-local address without its zone', node(1, 80, 'fe80::7')],
    ['multicast', node(1, 80, '224.0.0.251')],
    ['no port', node(1, 0, '10.0.0.7')],
    ['no such port', node(1, 70_000, '10.0.0.7')],
    ['from elsewhere', node(1, 80, '10.0.0.7'), '192.168.7.7'],
    ['another service', [{ ...node(1, 80)[0], name: 'x._ipp._tcp.local' } as DnsRecord]],
  ];
  for (const [what, records, from] of bad) {
    test(`name no cache node: ${what}`, async () => {
      const { browser, hear } = await setUp();
      hear(records, from);
      assert.deepEqual(browser.found(), []);
      await browser.close();
    });
  }

  test('on a link with public addresses name no cache node there', async () => {
    const { browser, hear } = await setUp([{ ...lan, address: '198.51.100.1' }]);
    hear(node(1, 80, '198.51.100.7'), '198.51.100.7');
    assert.deepEqual(browser.found(), []);
    await browser.close();
  });

  test('however many there are give four hosts, and sixteen are remembered', async () => {
    const { browser, hear, clock } = await setUp();
    for (let n = 2; n < 200; n++) {
      hear(node(n, 80, `10.0.0.${n}`, { priority: 200 - n, ttl: 4_000_000 }));
    }
    assert.deepEqual(
      browser.found(),
      ['17', '16', '15', '14'].map((n) => `10.0.0.${n}:80`),
    );
    clock.advance(3_600_000);
    assert.deepEqual(browser.found(), [], 'an hour at the most');
    await browser.close();
  });
});
