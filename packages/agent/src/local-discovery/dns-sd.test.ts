import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Advert, localService, ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import type { OwnAddress } from '../network/own-address.ts';
import { type DnsRecord, instanceName, recordsOf, serviceTypes } from './dns-records.ts';
import { DnsSd } from './dns-sd.ts';
import { fakeMulticast } from './testing/fake-multicast.test-kit.ts';

const address = (text: string, more: Partial<OwnAddress> = {}): OwnAddress => ({
  address: text,
  prefix: text.includes(':') ? 64 : 24,
  zone: 'eth0',
  internal: false,
  tunnel: false,
  ...more,
});
const advertOf = (n: number): Advert => ({
  peerId: n.toString(16).padStart(40, '0'),
  port: 7680,
  salt: new Uint8Array(16).fill(n),
  tokens: [],
});
const [ours, theirs] = [advertOf(1), advertOf(2)];

async function setUp(own: OwnAddress[] = [address('10.0.0.1')]) {
  const clock = new ManualClock();
  const { made, make } = fakeMulticast();
  const seen: string[] = [];
  const gone: string[] = [];
  let addresses = own;
  const discovery = new DnsSd({
    self: ours.peerId,
    own: () => addresses,
    clock,
    random: () => 0.5,
    logger: pino({ level: 'silent' }),
    make,
  });
  await discovery.open({
    seen: ({ advert }) => void seen.push(advert.peerId),
    gone: (peer, from) => void gone.push(peer, from),
  });
  const change = (now: OwnAddress[]) => {
    addresses = now;
    clock.advance(15_000);
  };
  return { clock, discovery, made, seen, gone, change };
}

const ttlOf = (records: DnsRecord[] | undefined) =>
  records?.map((r) => ('ttl' in r ? r.ttl : undefined));

describe('DNS-SD', () => {
  it('announces twice, and says good-bye', async () => {
    const { clock, discovery, made } = await setUp();
    discovery.publish(ours);
    clock.advance(10_000);
    const { sent } = made[0]!;
    assert.equal(sent.length, 2);
    assert.deepEqual(sent[0], recordsOf(ours, ['10.0.0.1']));
    discovery.publish(undefined);
    assert.deepEqual(ttlOf(sent[2]), [0, 0, 0, 0]);
    await discovery.close();
    assert.deepEqual([sent.length, made[0]!.destroyed, clock.pending], [3, true, 0]);
  });

  it('that is closed while it offers says good-bye first', async () => {
    const { clock, discovery, made } = await setUp();
    discovery.publish(ours);
    await discovery.close();
    assert.deepEqual([ttlOf(made[0]!.sent.at(-1)), clock.pending], [[0, 0, 0], 0]);
  });

  for (const name of [localService, instanceName(ours.peerId).toUpperCase()]) {
    it(`answers for ${name.slice(-20)} after a moment, once for all who ask`, async () => {
      const { clock, discovery, made } = await setUp();
      const [socket] = made;
      discovery.publish(ours);
      clock.advance(5_000);
      const before = socket!.sent.length;
      for (let n = 0; n < 10; n++) socket!.hearQuestion(name);
      clock.advance(69);
      assert.equal(socket!.sent.length, before);
      clock.advance(1);
      assert.equal(socket!.sent.length, before + 1);
      clock.advance(5_000);
      assert.equal(socket!.sent.length, before + 1);
      await discovery.close();
    });
  }

  it('does not say the same within a second', async () => {
    const { clock, discovery, made } = await setUp();
    discovery.publish(ours);
    clock.advance(1_000);
    made[0]!.hearQuestion(localService);
    clock.advance(999);
    assert.equal(made[0]!.sent.length, 2);
    clock.advance(1);
    assert.equal(made[0]!.sent.length, 3);
    await discovery.close();
  });

  it('is silent to who knows it, asks for something else, or is no mDNS device', async () => {
    const { clock, discovery, made } = await setUp();
    const [socket] = made;
    discovery.publish(ours);
    clock.advance(5_000);
    const before = socket!.sent.length;
    const data = instanceName(ours.peerId);
    const known = (ttl: number): DnsRecord => ({ name: localService, type: 'PTR', ttl, data });
    socket!.hearQuestion(localService, [known(601)]);
    socket!.hearQuestion('_ipp._tcp.local');
    socket!.hearQuestion(localService, [], '10.0.0.9', 40_000);
    socket!.hearQuestion(localService, [], '10.0.1.9');
    clock.advance(5_000);
    assert.equal(socket!.sent.length, before);
    socket!.hearQuestion(localService, [known(599)]);
    clock.advance(5_000);
    assert.equal(socket!.sent.length, before + 1, 'who is about to forget it is answered');
    await discovery.close();
  });

  it('has nothing to say when nothing is offered', async () => {
    const { clock, discovery, made } = await setUp();
    made[0]!.hearQuestion(localService);
    clock.advance(5_000);
    assert.deepEqual(made[0]!.sent, []);
    await discovery.close();
  });

  it('names its service to tools that browse', async () => {
    const { discovery, made } = await setUp();
    discovery.publish(ours);
    made[0]!.hearQuestion(serviceTypes);
    const [told] = made[0]!.sent[1]!;
    assert.deepEqual(
      [told?.name, told?.type, 'data' in told! && told.data],
      [serviceTypes, 'PTR', localService],
    );
    await discovery.close();
  });

  it('tells of others, not of itself, and names those it knows when it asks', async () => {
    const { clock, discovery, made, seen, gone } = await setUp();
    const [socket] = made;
    socket!.hearAnswer(recordsOf(ours, []));
    socket!.hearAnswer(recordsOf(theirs, []));
    socket!.hearAnswer(recordsOf(theirs, []), '10.9.9.9');
    assert.deepEqual(seen, [theirs.peerId]);
    clock.advance(1_000);
    discovery.ask();
    const known = {
      name: localService,
      type: 'PTR',
      ttl: 1_199,
      data: instanceName(theirs.peerId),
    };
    assert.deepEqual(socket!.asked, [[known]]);
    socket!.hearAnswer(recordsOf(theirs, [], 0));
    discovery.ask();
    assert.deepEqual([gone, socket!.asked[1]], [[theirs.peerId, '10.0.0.9'], []]);
    await discovery.close();
  });
});

describe('the links of a device', () => {
  const optionsOf = async (own: OwnAddress[]) => {
    const { discovery, made } = await setUp(own);
    await discovery.close();
    return made.map(({ options }) => options);
  };

  it('are its interfaces, by IPv4 and IPv6, tunnels and loopback left out', async () => {
    assert.deepEqual(
      await optionsOf([
        address('127.0.0.1', { internal: true, zone: 'lo', prefix: 8 }),
        address('10.0.0.1'),
        address('10.0.0.2'),
        address('fe80::1'),
        address('2001:db8::1'),
        address('10.8.0.1', { tunnel: true, zone: 'tun0' }),
        address('10.7.0.1', { prefix: 32, zone: 'ppp0' }),
        address('192.168.1.1', { zone: 'eth1' }),
      ]),
      [
        { interface: '10.0.0.1', bind: '0.0.0.0' },
        { type: 'udp6', ip: 'ff02::fb', interface: '::%eth0', bind: '::' },
        { interface: '192.168.1.1', bind: '0.0.0.0' },
      ],
    );
  });

  it('are loopback when there is no network', async () => {
    const loopback = { internal: true, zone: 'lo' };
    const own = [
      address('127.0.0.1', { ...loopback, prefix: 8 }),
      address('::1', { ...loopback, prefix: 128 }),
    ];
    assert.deepEqual(await optionsOf(own), [{ interface: '127.0.0.1', bind: '0.0.0.0' }]);
    assert.deepEqual(await optionsOf([]), []);
  });

  it('come and go: a new network hears at once what is offered', async () => {
    const { clock, discovery, made, change } = await setUp([]);
    discovery.publish(ours);
    assert.equal(made.length, 0);
    change([address('10.0.0.1')]);
    assert.equal(made[0]!.sent.length, 1);
    change([address('10.0.7.1')]);
    assert.deepEqual([made[0]!.destroyed, made[1]!.sent.length], [true, 1]);
    change([address('10.0.7.1')]);
    assert.equal(made.length, 2);
    await discovery.close();
    assert.equal(clock.pending, 0);
  });

  it('that cannot be used are closed, and no trouble', async () => {
    const { clock, discovery, made } = await setUp();
    made[0]!.emit('error', new Error('EACCES'));
    made[0]!.emit('warning', new Error('garbage'));
    discovery.publish(ours);
    discovery.ask();
    clock.advance(60_000);
    assert.deepEqual([made.length, made[0]!.destroyed, made[0]!.sent], [1, true, []]);
    await discovery.close();
  });
});
