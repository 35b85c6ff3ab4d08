import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { Flights } from './flights.ts';
import { PieceTable } from './piece-table.ts';
import { Requests } from './requests.ts';
import { Rescuer } from './rescue.ts';
import { Responsibility } from './responsibility.ts';
import { Round } from './round.ts';
import { sourceState } from './source-state.ts';
import { Sources } from './sources.ts';
import { DecisionLog } from './why/decision-log.ts';
import { peerId, World } from './world.test-kit.ts';

const mib = 1 << 20;

/** A peer without claims that has everything, and has sent a part of its first piece in two seconds. */
function slowPeer(world: World, id: number, rate: number): void {
  world.peer(id, PieceMap.full(world.options.pieceCount), false);
  world.decide();
  receive(world, id, rate, 2_100);
}

/** Bytes that are part of a piece which has not come whole. */
function receive(world: World, source: number, rate: number, ms: number): void {
  for (let t = 0; t < ms; t += 100) {
    world.now += 100;
    world.scheduler.handle({ type: 'received', source, bytes: rate / 10 }, world.now);
  }
}

/** Peers 2 to 7, each with one piece of its own, of which it has sent nine tenths at `rate`, all at the same time. */
function sixWithNineTenths(world: World, rate: number, sameSite = true): void {
  for (let id = 2; id < 8; id++) {
    const has = new PieceMap(world.options.pieceCount);
    has.set(id - 2);
    world.peer(id, has, false, sameSite);
  }
  world.decide();
  for (let id = 2; id < 8; id++) {
    const now = world.now;
    receive(world, id, rate, (900 * mib) / rate);
    if (id < 7) world.now = now;
  }
}

function asked(world: World, source: number): number[] {
  return world.fetchesOf(source).map((f) => world.open.get(f)!.run.first);
}

test('what waits in the queue of a slow peer is taken away at once, and costs nothing', () => {
  const world = new World({ pieceCount: 2 });
  slowPeer(world, 2, mib / 100);
  assert.equal(asked(world, 2).length, 2);
  const [head, waiting] = asked(world, 2);
  world.peer(3, PieceMap.full(2), false);
  const actions = world.decide();
  assert.deepEqual(
    actions.filter((a) => a.type === 'fetch').map((a) => [a.source, a.run.first, a.reason]),
    [[3, waiting, 'peer']],
  );
  assert.deepEqual(asked(world, 2), [head]);
});

test('what is on its way is asked a second time, and the loser is cancelled', () => {
  const world = new World({ pieceCount: 2 });
  slowPeer(world, 2, mib / 100);
  world.peer(3, PieceMap.full(2), false);
  world.decide();
  world.deliver(world.fetchesOf(3)[0]!);
  world.decide();
  assert.equal(world.scheduler.log.askedFor('hedge'), 1);
  assert.deepEqual(asked(world, 3), asked(world, 2));
  world.deliver(world.fetchesOf(3)[0]!);
  assert.ok(world.scheduler.complete);
  assert.ok(world.decide().some((a) => a.type === 'cancel'));
});

test('does nothing while the slow ones come before the rest', () => {
  const world = new World({ pieceCount: 100 });
  slowPeer(world, 2, mib / 4);
  world.peer(3, PieceMap.full(100), false);
  for (let k = 0; k < 5; k++) {
    world.decide();
    receive(world, 3, mib, 1_000);
    receive(world, 2, mib / 4, 100);
  }
  assert.equal(world.scheduler.log.askedFor('hedge'), 0);
  assert.equal(world.actions.filter((a) => a.type === 'cancel').length, 0);
});

test('a source that fell silent loses its pieces to one that can bring them, and is left alone', () => {
  const world = new World({ pieceCount: 4, foreground: true });
  world.origin(1, 'http', 4);
  world.decide();
  assert.equal(world.fetchesOf(1).length, 4);
  world.peer(2, PieceMap.full(4), false);
  world.decide(200);
  assert.equal(world.fetchesOf(2).length, 0, 'a moment says nothing yet');
  while (!world.scheduler.complete) {
    world.decide(500);
    for (const f of world.fetchesOf(2)) world.deliver(f);
    assert.ok(world.now < 7_000, 'waits for the silent one');
  }
  const again = world.actions.filter((a) => a.type === 'fetch' && a.source === 1);
  assert.equal(again.length, 4, 'nothing more was asked of it');
});

test('a piece asked of two that both turn out slow is asked of a third', () => {
  const world = new World({ pieceCount: 2, foreground: true });
  slowPeer(world, 2, mib / 100);
  slowPeer(world, 3, mib / 90);
  world.decide();
  world.peer(4, PieceMap.full(2), false);
  for (let k = 0; k < 4; k++) {
    world.decide(100);
    for (const f of world.fetchesOf(4)) world.deliver(f);
  }
  assert.ok(world.scheduler.complete);
});

test('second requests are limited: what they waste comes out of a budget', () => {
  // Six slow peers each with the only piece it is asked for; six fast ones come.
  const world = new World({ pieceCount: 6 });
  // The last tenth takes another four seconds: little to gain, much to waste.
  sixWithNineTenths(world, mib / 40);
  for (let id = 10; id < 16; id++) world.peer(id, PieceMap.full(6), false);
  for (let k = 0; k < 20; k++) world.decide(10);
  assert.ok(world.scheduler.log.askedFor('hedge') >= 1);
  assert.ok(
    world.scheduler.log.askedFor('hedge') <= 2,
    `${world.scheduler.log.askedFor('hedge')} hedges`,
  );
});

/** Six peers elsewhere that have sent half of a piece each, at `rate`, and an origin that is `times` as fast. */
function halfOfSix(rate: number, times: number) {
  const pieceCount = 6;
  const now = (500 * mib) / rate;
  const responsibility = new Responsibility(pieceCount, 7, peerId(1));
  const table = new PieceTable(new PieceMap(pieceCount), responsibility);
  const [flights, sources] = [new Flights(pieceCount), new Sources()];
  const requests = new Requests(
    new DecisionLog(),
    () => 0,
    table,
    flights,
    sources,
    () => {},
  );
  const rescuer = new Rescuer({ pieceCount, pieceSize: mib }, flights, sources, requests);
  const source = sourceState({ id: 1, kind: 'http', maxFetches: 8 }, 0);
  sources.add(source);
  const traits = { kind: 'peer', sameSite: false, sharesWork: true } as const;
  for (let id = 2; id < 8; id++) {
    const has = PieceMap.full(pieceCount);
    const peer = sourceState({ id, peerId: peerId(id), has, ...traits }, 0);
    sources.add(peer);
    requests.start(peer, { first: id - 2, count: 1 }, 'peer', 0);
  }
  for (const s of sources.all) {
    const bytes = (s === source ? times : 1) * (rate / 10);
    s.goodput.setBusy(true, 0);
    for (let t = 100; t <= now; t += 100) s.goodput.received(bytes, t);
    s.heardAt = now;
    s.headBytes = mib / 2;
  }
  const round = new Round({
    ...{ now, pieceSize: mib, origins: [], peers: sources.peers, responsibility },
    ...{ haste: 'foreground', foreground: true, restMs: 0 },
    flow: { rate: 6 * rate, firstRate: 6 * rate, pending: 6, askedMs: now },
    patience: { chokePatience: 1_000, silencePatience: 2_000, judgeAfter: 0.5 },
  });
  return (outpacesPeers: boolean) => {
    let count = 0;
    while (rescuer.rescue({ source, pieceMs: 1_000, outpacesPeers }, round)) count++;
    return count;
  };
}

test('what peers together are slower with than HTTP is repeated, all of it; else as far as the budget allows', () => {
  assert.equal(halfOfSix(mib / 40, 5)(true), 6);
  assert.equal(halfOfSix(mib / 40, 5)(false), 4);
});

test('who is far slower by itself is waited for while others elsewhere fill the line', () => {
  assert.equal(halfOfSix(mib / 40, 100)(false), 6, 'there is room for another copy');
  assert.equal(
    halfOfSix(mib / 40, 40)(false),
    4,
    'what comes from the others is more than an eighth',
  );
});

for (const sameSite of [true, false]) {
  const where = sameSite ? 'of the site' : 'elsewhere';
  test(`HTTP repeats all that far slower devices ${where} are at, whatever was wasted before`, () => {
    const world = new World({ pieceCount: 7 });
    // Not alone.
    world.peer(9, new PieceMap(7), true, sameSite);
    // The last tenth takes twenty seconds.
    sixWithNineTenths(world, mib / 200, sameSite);
    world.origin(1);
    for (let k = 0; k < 6 && !world.scheduler.complete; k++) {
      world.decide(10);
      receive(world, 1, mib, 500);
      for (let source = 2; source < 8; source++) {
        world.scheduler.handle({ type: 'received', source, bytes: mib / 400 }, world.now);
      }
      for (const fetch of world.fetchesOf(1)) world.deliver(fetch);
    }
    assert.ok(world.scheduler.complete);
  });
}

test('in the background HTTP does not repeat what a peer has been at for a moment only', () => {
  for (const foreground of [true, false]) {
    const world = new World({ pieceCount: 1, foreground });
    // Not alone.
    world.peer(9, new PieceMap(1));
    slowPeer(world, 2, mib / 60);
    world.origin(1);
    world.decide(100);
    assert.equal(world.fetchesOf(1).length, foreground ? 1 : 0);
    receive(world, 2, mib / 60, 5_000);
    world.decide(100);
    assert.equal(world.fetchesOf(1).length, 1, 'a minute for a piece is too long for anybody');
  }
});

/** An origin that trickles at `rate` over all its requests, and an idle peer that has everything. */
function beside(world: World, rate: number, until: number): void {
  world.origin(1);
  world.decide();
  world.peer(2, PieceMap.full(world.options.pieceCount), false);
  for (let ms = 0; ms < until && !world.scheduler.complete; ms += 100) {
    world.decide(100);
    const source = 1;
    world.scheduler.handle({ type: 'received', source, bytes: rate / 10 }, world.now);
    const [next] = world.fetchesOf(2);
    if (next !== undefined) world.deliver(next);
  }
}

for (const foreground of [true, false]) {
  const where = foreground ? 'foreground' : 'background';
  test(`what a trickling HTTP source is at, an idle peer brings: all of it (${where})`, () => {
    const world = new World({ pieceCount: 40, foreground });
    beside(world, 4_096, 30_000);
    assert.ok(world.scheduler.complete, 'waits for the trickle');
    assert.ok(world.now < 12_000, `${world.now} ms`);
  });
}

test('of a source that is not so slow, an idle peer repeats what the budget allows', () => {
  const world = new World({ pieceCount: 40 });
  beside(world, mib, 6_000);
  const hedges = world.scheduler.log.askedFor('hedge');
  assert.ok(hedges <= 2, `${hedges} hedges`);
});
