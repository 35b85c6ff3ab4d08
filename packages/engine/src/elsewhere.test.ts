import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { Responsibility, self } from './responsibility.ts';
import { peerId, World } from './world.test-kit.ts';

const some = 12;

/** Device `self`, of two of a site, and eight elsewhere that have everything. */
function ofTwo(self: 1 | 2, other = new PieceMap(some)): World {
  const world = new World({ pieceCount: some, self: peerId(100 + self) });
  world.peer(3 - self, other);
  for (let id = 10; id < 18; id++) world.peer(id, PieceMap.full(some), true, false);
  return world;
}

function askedElsewhere(world: World): number[] {
  return [...world.open.values()].filter((o) => o.source >= 10).map((o) => o.run.first);
}

test('what has to come from elsewhere one device of the site asks for, each another part', () => {
  const all = [ofTwo(1), ofTwo(2)].flatMap((world) => {
    world.decide();
    return askedElsewhere(world);
  });
  assert.deepEqual(
    all.toSorted((a, b) => a - b),
    Array.from({ length: some }, (_, k) => k),
  );
});

test('what a device of the site has, and sends, is not asked for elsewhere', () => {
  const world = ofTwo(1, PieceMap.full(some));
  world.decide();
  assert.deepEqual(askedElsewhere(world), []);
  assert.equal(world.open.size, 2);
  world.scheduler.handle({ type: 'choked', source: 2, choked: true }, world.now);
  world.decide(1_900);
  assert.deepEqual(askedElsewhere(world), [], 'a choke may be a queue');
  world.decide(200);
  assert.ok(askedElsewhere(world).length > 0);
});

test('what another of the site says it fetches is not asked for elsewhere', () => {
  const world = ofTwo(1);
  const runs = [{ first: 0, count: 4 }];
  world.scheduler.handle({ type: 'claimed', source: 2, runs, rate: 0 }, 0);
  const unclaimed = ofTwo(1);
  for (const one of [world, unclaimed]) one.decide();
  const claimed = (piece: number) => piece < 4;
  assert.ok(askedElsewhere(unclaimed).some(claimed));
  assert.ok(!askedElsewhere(world).some(claimed));
});

const many = 200;
const far = 10;

/** What is to be brought in by the first of two devices of a site. */
function share(): PieceMap {
  const responsibility = new Responsibility(many, 7, peerId(101));
  responsibility.add(2, peerId(102));
  const map = new PieceMap(many);
  for (let p = 0; p < many; p++) if (responsibility.owner(p) === self) map.set(p);
  return map;
}

/** The first of two devices of a site, and one elsewhere that has everything and is fast. */
function besideFar(other = new PieceMap(many), foreground = false): World {
  const world = new World({ pieceCount: many, self: peerId(101), foreground });
  world.peer(2, other);
  world.peer(far, PieceMap.full(many), true, false);
  return world;
}

/** What is asked is brought at once. @returns how many pieces came from elsewhere */
function run(world: World, ms: number): number {
  let brought = 0;
  for (const end = world.now + ms; world.now < end; ) {
    world.decide(100);
    for (const [fetch, { source }] of [...world.open]) {
      world.deliver(fetch);
      if (source >= far) brought++;
    }
  }
  return brought;
}

test('its own share is found among many rarer pieces that are others to bring in', () => {
  const world = besideFar();
  // What is the other's is twice as rare.
  world.peer(11, share(), true, false);
  run(world, 5_000);
  assert.equal(world.fetched + world.open.size, share().count);
});

for (const foreground of [true, false]) {
  const seconds = foreground ? 3 : 10;
  test(`what a device of the site never brings in is asked for after ${seconds} s, all of it`, () => {
    const world = besideFar(undefined, foreground);
    const own = run(world, 1_000 * seconds);
    assert.equal(own, share().count);
    run(world, 15_000);
    assert.ok(world.scheduler.complete);
  });
}

test('of what is others to bring in only a few pieces are asked for at a time', () => {
  const world = besideFar();
  for (let id = 20; id < 40; id++) world.peer(id, PieceMap.full(many), true, false);
  assert.equal(run(world, 5_000), share().count);
  for (let k = 0; k < 30; k++) world.decide(500);
  assert.equal(world.open.size, 2);
});

test('as long as the other brings in its share, piece by piece, it is left to it', () => {
  const other = new PieceMap(many);
  const world = besideFar(other);
  const own = share();
  let brought = run(world, 5_000);
  for (let p = own.nextClear(0), k = 0; k < 12; p = own.nextClear(p + 1), k++) {
    other.set(p);
    world.scheduler.handle({ type: 'peerHas', source: 2, piece: p }, world.now);
    brought += run(world, 5_000);
  }
  assert.equal(brought, own.count);
  assert.equal(world.fetched, own.count + 12);
});

test('a slow device of the site, that has everything, keeps nobody from asking a fast one elsewhere', () => {
  const world = besideFar(PieceMap.full(many));
  for (let k = 0; k < 600; k++) {
    world.decide(100);
    world.scheduler.handle({ type: 'received', source: 2, bytes: 10_000 }, world.now);
    for (const fetch of world.fetchesOf(far)) world.deliver(fetch);
  }
  assert.ok(world.fetched > many - 8, `${world.fetched} pieces`);
});

test('of somebody near and somebody elsewhere who would be sooner one is asked in any case', () => {
  // Neither slow enough that the other is asked, nor fast enough not to be late beside it.
  const world = new World({ pieceCount: many });
  world.peer(2, PieceMap.full(many));
  world.peer(far, PieceMap.full(many), true, false);
  for (let k = 0; k < 400 && !world.scheduler.complete; k++) {
    world.decide(100);
    const [first] = world.fetchesOf(2);
    if (first !== undefined && k % 5 === 4) world.deliver(first);
  }
  assert.ok(world.fetched > 70, `${world.fetched} pieces of a peer that brings two a second`);
});
