import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { ManualClock, type PeerEntry, recogniseOffer, sluiceError } from '@sluice/protocol';
import { pino } from 'pino';
import type { LocalDiscovery } from './local-discovery.ts';
import { type LocalContent, LocalPeers } from './local-peers.ts';
import { FakeLan } from './testing/fake-lan.test-kit.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));
const groups = ['01234567-89ab-cdef-0123-456789abcdef', '11234567-89ab-cdef-0123-456789abcdef'];

/** A content of a device, and what was heard of it. */
class Content implements LocalContent {
  readonly hashOfHashes: Uint8Array;
  readonly groupId: string | undefined;
  readonly heard: PeerEntry[] = [];
  readonly goodByes: string[] = [];
  complete: boolean;

  constructor(n: number, complete = false, groupId?: string) {
    this.hashOfHashes = new Uint8Array(32).fill(n);
    this.complete = complete;
    this.groupId = groupId;
  }

  isComplete = () => this.complete;
  found = (addresses: PeerEntry[]) => void this.heard.push(...addresses);
  lost = (peer: string) => void this.goodByes.push(peer);
}

function world() {
  const lan = new FakeLan();
  const clock = new ManualClock();
  let devices = 0;
  const device = (discovery?: LocalDiscovery) => {
    const n = ++devices;
    const self = n.toString(16).padStart(40, '0');
    const link = lan.join(`10.0.0.${n}`, `fe80::${n}%eth0`);
    const peers = new LocalPeers({
      discovery: discovery ?? link,
      self,
      port: () => 7_000 + n,
      clock,
      randomBytes,
      logger: pino({ level: 'silent' }),
    });
    return { self, link, peers };
  };
  return { lan, clock, device };
}

describe('devices on the local network', () => {
  it('find each other by the content that both have, at all addresses', async () => {
    const { device } = world();
    const [a, b] = [device(), device()];
    const [seed, wanted] = [new Content(1, true), new Content(1)];
    a.peers.add(seed);
    await settle();
    b.peers.add(wanted);
    await settle();
    const at = (Ip: string, n: number, Left: number) => {
      const [PeerId, Port] = [n === 1 ? a.self : b.self, 7_000 + n];
      return { PeerId, Ip, Port, Type: 'LAN', Left };
    };
    assert.deepEqual(wanted.heard, [at('10.0.0.1', 1, 0), at('fe80::1%eth0', 1, 0)]);
    assert.deepEqual(seed.heard, [at('10.0.0.2', 2, 1), at('fe80::2%eth0', 2, 1)]);
  });

  it('find nobody for another content, and never themselves', async () => {
    const { lan, device } = world();
    const [a, b] = [device(), device()];
    const [one, two] = [new Content(1, true), new Content(2)];
    a.peers.add(one);
    b.peers.add(two);
    await settle();
    lan.tell(b.link, a.link.advert!);
    assert.deepEqual([one.heard, two.heard], [[], []]);
  });

  it('of one group find each other, of another or of none they do not', async () => {
    const { device } = world();
    const contents = [groups[0], groups[0], groups[1], undefined].map(
      (group) => new Content(1, false, group),
    );
    const devices = contents.map((content) => {
      const d = device();
      d.peers.add(content);
      return d;
    });
    await settle();
    const found = contents.map(({ heard }) => [...new Set(heard.map((p) => p.PeerId))]);
    assert.deepEqual(found, [[devices[1]!.self], [devices[0]!.self], [], []]);
  });

  it('are remembered: who begins later finds them without an answer', async () => {
    const { device } = world();
    const [a, b] = [device(), device()];
    b.peers.add(new Content(9));
    await settle();
    a.peers.add(new Content(1, true));
    await settle();
    const later = new Content(1);
    b.peers.add(later);
    assert.equal(later.heard[0]?.PeerId, a.self);
  });

  it('are forgotten when they say good-bye, or are not heard for long', async () => {
    const { lan, clock, device } = world();
    const [a, b, c] = [device(), device(), device()];
    const wanted = new Content(1);
    for (const d of [a, b]) d.peers.add(new Content(1, true));
    await settle();
    c.peers.add(wanted);
    await settle();
    await a.peers.close();
    assert.deepEqual(wanted.goodByes, [a.self]);
    lan.devices[1]!.advert = undefined;
    lan.devices[1]!.publish = () => {};
    clock.advance(1_200_001);
    c.peers.add(new Content(2));
    assert.deepEqual(wanted.goodByes, [a.self, b.self]);
  });
});

describe('what is said on the local network', () => {
  const tokens = (said: { tokens: Uint8Array[] }) =>
    said.tokens.map((t) => Buffer.from(t).toString('hex'));

  it('is another text for every version and device, and always of the same length', async () => {
    const { clock, device } = world();
    const [a, b] = [device(), device()];
    for (const d of [a, b]) d.peers.add(new Content(1, true));
    await settle();
    for (let version = 0; version < 5; version++) clock.advance(600_000);
    const all = [...a.link.said, ...b.link.said].map((advert) => advert!);
    assert.equal(all.length, 12);
    assert.equal(new Set(all.flatMap(tokens)).size, all.length * 4);
    assert.equal(new Set(all.map(({ salt }) => Buffer.from(salt).toString('hex'))).size, 12);
    assert.ok(all.every((advert) => recogniseOffer(advert, new Content(1)) === 'complete'));
  });

  it('is at most four contents at once, downloads first, and in turn all of them', async () => {
    const { clock, device } = world();
    const { link, peers } = device();
    const contents = Array.from({ length: 11 }, (_, i) => new Content(i, i > 0));
    for (const content of contents) peers.add(content);
    await settle();
    clock.advance(1_000);
    const told = new Set<number>();
    for (let turn = 0; turn < 4; turn++) {
      const now = contents.filter((content) => recogniseOffer(link.advert!, content));
      assert.equal(now.length, 4);
      assert.equal(now[0], contents[0]);
      for (const content of now) told.add(contents.indexOf(content));
      clock.advance(120_000);
    }
    assert.equal(told.size, 11);
  });

  it('changes at once when it has been quiet, and else once a second', async () => {
    const { clock, device } = world();
    const { link, peers } = device();
    const contents = [new Content(1), new Content(2), new Content(3)];
    for (const content of contents) peers.add(content);
    await settle();
    assert.equal(link.said.length, 1);
    clock.advance(1_000);
    assert.equal(link.said.length, 2);
    assert.ok(contents.every((content) => recogniseOffer(link.advert!, content) === 'partial'));
    contents[0]!.complete = true;
    clock.advance(5_000);
    peers.changed();
    assert.equal(recogniseOffer(link.advert!, contents[0]!), 'complete');
  });

  it('is good-bye when nothing is offered any more', async () => {
    const { clock, device } = world();
    const { link, peers } = device();
    const { stop } = peers.add(new Content(1));
    await settle();
    stop();
    clock.advance(1_000);
    assert.equal(link.advert, undefined);
    await peers.close();
    assert.deepEqual([link.closed, clock.pending], [true, 0]);
  });

  it('is nothing, and nobody listens, while there is nothing to share', async () => {
    const { device } = world();
    const { link, peers } = device();
    peers.changed();
    await peers.close();
    assert.deepEqual([link.listener, link.said, link.closed], [undefined, [], false]);
  });
});

describe('the search for a content', () => {
  /** Whether it was answered, and with what. */
  const watch = (answered: Promise<number>) => {
    const state: { found?: number } = {};
    answered.then((found) => {
      state.found = found;
    });
    return state;
  };

  it('with nobody there is over after a quarter of a second', async () => {
    const { clock, device } = world();
    const state = watch(device().peers.add(new Content(1)).answered);
    await settle();
    clock.advance(249);
    await settle();
    assert.equal(state.found, undefined);
    clock.advance(1);
    await settle();
    assert.equal(state.found, 0);
  });

  it('with somebody there waits only as long as answers take', async () => {
    const { clock, device } = world();
    device().peers.add(new Content(1, true));
    await settle();
    const state = watch(device().peers.add(new Content(1)).answered);
    await settle();
    clock.advance(139);
    await settle();
    assert.equal(state.found, undefined);
    clock.advance(1);
    await settle();
    assert.equal(state.found, 1);
  });

  it('on a network that cannot be used is over as soon', async () => {
    const { clock, device } = world();
    const broken: LocalDiscovery = {
      open: () => Promise.reject(sluiceError('Internal', { detail: 'no network' })),
      publish: () => {},
      ask: () => {},
      close: async () => {},
    };
    const { peers } = device(broken);
    const state = watch(peers.add(new Content(1)).answered);
    await settle();
    clock.advance(250);
    await settle();
    assert.equal(state.found, 0);
    await peers.close();
    assert.equal(clock.pending, 0);
  });

  it('asks again ever more rarely, and no more once all is there', async () => {
    const { clock, device } = world();
    const { link, peers } = device();
    const content = new Content(1);
    peers.add(content);
    await settle();
    const times: number[] = [];
    for (let second = 0; second < 170; second++) {
      if (link.asked > times.length) times.push(second);
      clock.advance(1_000);
    }
    assert.deepEqual(times, [0, 1, 4, 13, 40, 100, 160]);
    content.complete = true;
    clock.advance(1_000_000);
    assert.equal(link.asked, times.length);
  });
});

describe('a hostile local network', () => {
  it('costs no more than two hundred looks a second', async () => {
    const { lan, clock, device } = world();
    const { peers, link } = device();
    const wanted = new Content(1);
    peers.add(wanted);
    await settle();
    const { tokens } = link.advert!;
    let looks = 0;
    const flood = lan.join('10.0.0.99');
    for (let n = 1_000; n < 3_000; n++) {
      const peerId = n.toString(16).padStart(40, '0');
      const salt = new Uint8Array(16);
      const advert = {
        ...{ peerId, port: 1, salt },
        get tokens() {
          looks++;
          return tokens;
        },
      };
      link.listener!.seen({ advert, addresses: flood.addresses, ttlMs: 1_000 });
    }
    // A look makes two tokens, and reads the list for each of them twice.
    assert.ok(looks <= 800, `${looks}`);
    const friend = device();
    clock.advance(1_000);
    friend.peers.add(new Content(1, true));
    await settle();
    assert.equal(wanted.heard[0]?.PeerId, friend.self);
  });
});
