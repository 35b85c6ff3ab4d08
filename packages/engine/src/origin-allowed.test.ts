import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import type { SourceId } from './events.ts';
import { World } from './world.test-kit.ts';

const http = 1;
const cache = 2;
const peer = 3;

function allow(world: World, allowed: boolean, kind?: 'http' | 'cache'): void {
  const event = { type: 'originAllowed', allowed, ...(kind ? { kind } : {}) } as const;
  world.scheduler.handle(event, world.now);
}

/** How many pieces were asked of the source in `ms`, while each source sends one each `pieceMs`. */
function askedOf(world: World, source: SourceId, ms: number, pieceMs: Record<SourceId, number>) {
  const before = world.actions.length;
  for (const end = world.now + ms; world.now < end; ) {
    world.decide(10);
    for (const [id, each] of Object.entries(pieceMs)) {
      const fetch = world.fetchesOf(Number(id))[0];
      if (fetch !== undefined && world.now % each === 0) world.deliver(fetch);
    }
  }
  return world.actions
    .slice(before)
    .reduce((n, a) => n + (a.type === 'fetch' && a.source === source ? a.run.count : 0), 0);
}

suite('what may be asked', () => {
  function origins(): World {
    const world = new World({ pieceCount: 32 });
    world.origin(http, 'http');
    world.origin(cache, 'cache');
    return world;
  }

  test('without a kind it is about both', () => {
    const world = origins();
    allow(world, false);
    world.decide();
    assert.equal(world.open.size, 0);
    allow(world, true);
    world.decide();
    assert.ok(world.fetchesOf(http).length > 0 && world.fetchesOf(cache).length > 0);
  });

  test('each kind by itself', () => {
    const world = origins();
    allow(world, false, 'http');
    assert.ok(askedOf(world, cache, 100, {}) > 0);
    assert.equal(world.fetchesOf(http).length, 0);
    allow(world, false, 'cache');
    allow(world, true, 'http');
    assert.equal(askedOf(world, cache, 5_000, { [http]: 20, [cache]: 20 }), 0);
    assert.ok(world.scheduler.complete, 'HTTP brings the rest');
  });

  test('a cache alone brings everything, also when it fails now and then', () => {
    const world = origins();
    allow(world, false, 'http');
    for (let n = 0; !world.scheduler.complete; n++) {
      world.decide(50);
      const [fetch] = world.fetchesOf(cache);
      if (fetch === undefined) continue;
      if (n % 5 === 4) world.fail(fetch);
      else world.deliver(fetch);
    }
    assert.ok(!world.actions.some((a) => a.type === 'fetch' && a.source === http));
  });

  test('what is closed while it brings something may end that', () => {
    const world = origins();
    world.decide();
    const [fetch] = world.fetchesOf(http);
    allow(world, false);
    assert.ok(!world.decide(10).some((a) => a.type === 'cancel'));
    world.deliver(fetch!);
  });

  test('an origin that is closed is hope: nobody is stuck', () => {
    const world = origins();
    allow(world, false);
    world.decide();
    assert.equal(world.scheduler.stuck, false);
  });
});

suite('minimum background QoS', () => {
  const pieceSize = 1 << 20;
  /** A peer that has the first half, and HTTP; nobody else on the site. */
  function world(options: {
    foreground?: boolean;
    backgroundQos?: () => number;
    sharesWork?: boolean;
  }) {
    const { sharesWork = false, ...rest } = options;
    const w = new World({ pieceCount: 400, pieceSize, ...rest });
    const half = new PieceMap(400);
    for (let p = 0; p < 200; p++) half.set(p);
    allow(w, false);
    w.origin(http);
    w.peer(peer, half, sharesWork);
    // Measures the peer.
    askedOf(w, http, 500, { [peer]: 100 });
    allow(w, true);
    return w;
  }
  /** Of a peer that sends a piece each 100 ms. */
  const peerRate = 10 * pieceSize;

  test('peers that bring it keep HTTP out, from what nobody has, too', () => {
    const w = world({ backgroundQos: () => 0.8 * peerRate });
    assert.equal(askedOf(w, http, 3_000, { [peer]: 100, [http]: 50 }), 0);
  });

  test('when they sink below it, HTTP comes back', () => {
    const w = world({ backgroundQos: () => 0.8 * peerRate });
    assert.equal(askedOf(w, http, 1_000, { [peer]: 100, [http]: 50 }), 0);
    assert.ok(askedOf(w, http, 4_000, { [peer]: 400, [http]: 50 }) > 0);
  });

  test('when they have nothing more to bring, HTTP brings the rest at once', () => {
    const w = world({ backgroundQos: () => 0.8 * peerRate });
    while (w.fetchesOf(peer).length > 0) {
      w.deliver(w.fetchesOf(peer)[0]!);
      w.now += 100;
      w.decide();
    }
    assert.ok(w.fetchesOf(http).length > 0);
  });

  test('peers below it do not keep HTTP out', () => {
    const w = world({ backgroundQos: () => 2 * peerRate });
    assert.ok(askedOf(w, http, 300, { [peer]: 100, [http]: 50 }) > 0);
  });

  test('the foreground does not wait', () => {
    const w = world({ foreground: true, backgroundQos: () => 0.1 * peerRate });
    assert.ok(askedOf(w, http, 300, { [peer]: 100, [http]: 50 }) > 0);
  });

  test('where others count on this device it fetches its part', () => {
    const w = world({ sharesWork: true, backgroundQos: () => 0.1 * peerRate });
    assert.ok(askedOf(w, http, 300, { [peer]: 100, [http]: 50 }) > 0);
  });
});

suite('a device that others cannot get from', () => {
  const pieceCount = 64;

  function shares(world: World, shares: boolean): void {
    world.scheduler.handle({ type: 'selfShares', shares }, world.now);
  }

  test('leaves to the others of the site what they fetch anyway', () => {
    const world = new World({ pieceCount });
    world.origin(http);
    shares(world, false);
    world.peer(peer, new PieceMap(pieceCount), true);
    world.decide();
    assert.equal(world.open.size, 0);
    for (let p = 0; p < pieceCount; p++) {
      world.has.get(peer)!.set(p);
      world.scheduler.handle({ type: 'peerHas', source: peer, piece: p }, world.now);
    }
    askedOf(world, peer, 2_000, { [peer]: 20 });
    assert.equal(world.scheduler.log.askedFor('peer'), pieceCount);
  });

  test('alone it fetches everything', () => {
    const world = new World({ pieceCount });
    world.origin(http);
    shares(world, false);
    askedOf(world, http, 3_000, { [http]: 20 });
    assert.ok(world.scheduler.complete);
  });

  test('when the others go, or it may share again, it has its part', () => {
    for (const change of [(w: World) => w.remove(peer), (w: World) => shares(w, true)]) {
      const world = new World({ pieceCount });
      world.origin(http);
      world.peer(peer, new PieceMap(pieceCount), true);
      shares(world, false);
      world.decide();
      assert.equal(world.open.size, 0);
      change(world);
      world.decide();
      assert.ok(world.fetchesOf(http).length > 0);
    }
  });

  test('a peer that says so is not counted on any more, nor are its claims', () => {
    const world = new World({ pieceCount: 4 });
    world.origin(http);
    world.peer(peer, new PieceMap(4), true);
    const runs = [{ first: 0, count: 4 }];
    world.scheduler.handle({ type: 'claimed', source: peer, runs, rate: 1e6 }, 0);
    world.decide();
    assert.equal(world.open.size, 0);
    world.scheduler.handle({ type: 'peerShares', source: peer, sharesWork: false }, 0);
    while (!world.scheduler.complete) {
      world.decide(10);
      for (const fetch of world.fetchesOf(http)) world.deliver(fetch);
    }
    assert.equal(world.scheduler.log.askedFor('responsible'), 4);
  });
});
