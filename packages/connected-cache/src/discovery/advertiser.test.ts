import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import type { MulticastDNS, QueryPacket } from 'multicast-dns';
import { Advertiser } from './advertiser.ts';
import { cacheNodeService, serviceTypes } from './node-records.ts';
import { type OwnLink, ownLinks } from './own-links.ts';

type Said = { name: string; type: string; ttl?: number; data: unknown }[];

/** A link that writes down what is sent over it. */
class FakeLink extends EventEmitter {
  readonly said: Said[] = [];
  destroyed = false;

  respond(answers: Said, done?: () => void): void {
    this.said.push(answers);
    done?.();
  }

  destroy(done: () => void): void {
    this.destroyed = true;
    done();
  }

  ask(name: string, port = 5353): void {
    this.emit('query', { questions: [{ name, type: 'PTR' }] } as QueryPacket, { port });
  }
}

async function setUp() {
  const clock = new ManualClock();
  const made: FakeLink[] = [];
  const links: OwnLink[] = [{ key: 'eth0', addresses: ['10.0.0.5'] }];
  const make = () => {
    made.push(new FakeLink());
    return made.at(-1) as unknown as MulticastDNS;
  };
  const advertiser = new Advertiser(8081, () => links, { clock, logger: undefined, make });
  await advertiser.open();
  return { clock, made, links, advertiser };
}

test('says who and where it is at once and again, and good-bye at the end', async () => {
  const { clock, made, advertiser } = await setUp();
  const [link] = made;
  clock.advance(1_000);
  assert.equal(link!.said.length, 2);
  const [ptr, srv, txt, a] = link!.said[0]!;
  assert.deepEqual([ptr!.name, ptr!.data], [cacheNodeService, srv!.name]);
  assert.match(srv!.name, /^sluice-[0-9a-f]{12}\._microsoft_mcc\._tcp\.local$/);
  assert.deepEqual(srv!.data, { port: 8081, target: a!.name, priority: 0, weight: 0 });
  assert.deepEqual([txt!.type, a!.type, a!.data], ['TXT', 'A', '10.0.0.5']);
  await advertiser.close();
  assert.ok(link!.said.at(-1)!.every(({ ttl }) => ttl === 0));
  assert.deepEqual([link!.destroyed, clock.pending], [true, 0]);
});

test('answers who asks for it, once a second at the most, and nobody else', async () => {
  const { clock, made, advertiser } = await setUp();
  const link = made[0]!;
  clock.advance(10_000);
  const before = link.said.length;
  link.ask('_ipp._tcp.local');
  link.ask(cacheNodeService, 40_000);
  assert.equal(link.said.length, before);
  link.ask(serviceTypes);
  assert.equal(link.said.at(-1)![0]!.data, cacheNodeService);
  for (let i = 0; i < 50; i++) link.ask(cacheNodeService.toUpperCase());
  assert.equal(link.said.length, before + 2);
  clock.advance(1_000);
  assert.equal(link.said.length, before + 3);
  await advertiser.close();
});

test('follows the links of the machine', async () => {
  const { clock, made, links, advertiser } = await setUp();
  links.splice(0, 1, { key: 'wlan0', addresses: ['192.168.1.9'] });
  clock.advance(15_000);
  assert.deepEqual([made.length, made[0]!.destroyed], [2, true]);
  assert.equal(made[1]!.said[0]!.at(-1)!.data, '192.168.1.9');
  await advertiser.close();
});

test('names the addresses at which it can be reached and agents would take it', () => {
  const at = (address: string, more = {}) => ({
    ...{ address, family: 'IPv4' as const, internal: false, mac: '02:00:00:00:00:01' },
    ...{ netmask: '255.255.255.0', cidr: `${address}/24`, ...more },
  });
  const read = () => ({
    lo: [at('127.0.0.1', { internal: true })],
    eth0: [at('10.0.0.5'), at('198.51.100.7')],
    tun0: [at('10.9.0.1', { mac: '00:00:00:00:00:00' })],
    eth1: [at('203.0.113.9')],
  });
  const found = (listening: string) => ownLinks(listening, read).map((link) => link.addresses);
  assert.deepEqual(found('0.0.0.0'), [['10.0.0.5']]);
  assert.deepEqual(found('[::]'), [['10.0.0.5']]);
  assert.deepEqual(found('10.0.0.5'), [['10.0.0.5']]);
  assert.deepEqual(found('127.0.0.1'), []);
});
