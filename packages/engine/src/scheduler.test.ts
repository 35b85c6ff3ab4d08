import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

test('alone, it fetches everything from HTTP in runs', () => {
  const world = new World({ pieceCount: 64 });
  world.origin(1);
  let requests = 0;
  while (!world.scheduler.complete) {
    requests += world.decide(10).filter((a) => a.type === 'fetch').length;
    for (const f of world.fetchesOf(1)) world.deliver(f);
  }
  assert.equal(world.fetched, 64);
  assert.ok(requests < 64, `${requests} requests for 64 pieces`);
  assert.equal(world.scheduler.reasons.responsible, 64);
});

test('two devices divide the pieces and nobody else fetches mine', () => {
  const a = new World({ pieceCount: 100, self: '01'.padEnd(40, '0') });
  const b = new World({ pieceCount: 100, self: '02'.padEnd(40, '0') });
  const link = (w: World, other: string) =>
    w.scheduler.handle(
      {
        type: 'sourceAdded',
        source: {
          id: 9,
          kind: 'peer',
          peerId: other,
          sameSite: true,
          sharesWork: true,
          has: new PieceMap(100),
        },
      },
      0,
    );
  link(a, b.options.self);
  link(b, a.options.self);
  const mine = [a, b].map((w) => {
    w.origin(1, 'http', 400);
    const pieces = new Set<number>();
    for (const action of w.decide()) {
      if (action.type !== 'fetch') continue;
      for (let p = 0; p < action.run.count; p++) pieces.add(action.run.first + p);
    }
    return pieces;
  });
  assert.equal(mine[0]!.size + mine[1]!.size, 100);
  for (const p of mine[0]!) assert.ok(!mine[1]!.has(p));
  assert.ok(mine[0]!.size > 25 && mine[1]!.size > 25);
});

test('takes over from a responsible peer that lets its turn pass', () => {
  const world = new World({ pieceCount: 40 });
  world.origin(1);
  world.peer(2, new PieceMap(40));
  for (let i = 0; i < 200 && world.fetched < 40; i++) {
    world.decide(50);
    for (const f of world.fetchesOf(1)) world.deliver(f);
    if (world.now < 2_500) assert.ok(world.fetched < 40, 'did not wait for the peer');
  }
  assert.ok(world.scheduler.complete);
});

test('a claim keeps a piece from being fetched until it is overdue; its rate sets how long', () => {
  for (const [rate, waits] of [
    [1 << 20, 3_000],
    [(1 << 20) / 4, 12_000],
  ] as const) {
    const world = new World({ pieceCount: 1 });
    world.peer(2, new PieceMap(1));
    world.scheduler.handle({ type: 'claimed', source: 2, runs: [{ first: 0, count: 1 }], rate }, 0);
    world.origin(1);
    world.decide(waits - 10);
    assert.equal(world.open.size, 0);
    world.decide(20);
    assert.equal(world.fetchesOf(1).length, 1);
  }
});

test('bans a peer after three bad pieces and gives up an origin likewise', () => {
  const world = new World({ pieceCount: 10 });
  world.peer(2, PieceMap.full(10));
  for (let bad = 0; bad < 3; bad++) {
    world.decide();
    world.deliver(world.fetchesOf(2)[0]!, false);
  }
  assert.deepEqual(
    world.decide().filter((a) => a.type === 'ban'),
    [{ type: 'ban', source: 2 }],
  );

  const origin = new World({ pieceCount: 10 });
  origin.origin(1);
  for (let bad = 0; bad < 3; bad++) {
    origin.decide();
    origin.deliver(origin.fetchesOf(1)[0]!, false);
  }
  assert.ok(origin.decide().some((a) => a.type === 'giveUp'));
  assert.ok(origin.scheduler.stuck);
});

test('a bad piece is not asked of the same peer again', () => {
  const world = new World({ pieceCount: 1 });
  world.peer(2, PieceMap.full(1));
  world.decide();
  world.deliver(world.fetchesOf(2)[0]!, false);
  world.decide(100_000);
  assert.equal(world.open.size, 0);
  assert.ok(world.scheduler.stuck);
});

test('backs off from a failing source, longer each time, and obeys Retry-After', () => {
  const world = new World({ pieceCount: 8 });
  world.origin(1, 'http', 1);
  const gaps: number[] = [];
  for (let i = 0; i < 5; i++) {
    while (world.open.size === 0) world.decide(10);
    world.fail(world.fetchesOf(1)[0]!);
    const failedAt = world.now;
    while (world.open.size === 0) world.decide(10);
    gaps.push(world.now - failedAt);
  }
  assert.ok(gaps[4]! > 3 * gaps[0]!, gaps.join(' '));
  const fetch = world.fetchesOf(1)[0]!;
  world.open.delete(fetch);
  const fault = { retryable: true, retryAfterMs: 60_000 };
  world.scheduler.handle({ type: 'fetchEnded', fetch, fault }, world.now);
  world.decide(59_000);
  assert.equal(world.open.size, 0);
});

test('a source that will never deliver is given up at once', () => {
  const world = new World({ pieceCount: 8 });
  world.origin(1);
  world.decide();
  world.fail(world.fetchesOf(1)[0]!, false);
  assert.ok(world.decide().some((a) => a.type === 'giveUp'));
});

test('leaves a stalled peer for HTTP, though the peer has everything', () => {
  const world = new World({ pieceCount: 20 });
  world.peer(2, PieceMap.full(20), false);
  world.origin(1);
  for (let i = 0; i < 200 && !world.scheduler.complete; i++) {
    world.decide(100);
    for (const f of world.fetchesOf(1)) world.deliver(f);
  }
  assert.ok(world.scheduler.complete);
  assert.ok(world.scheduler.reasons.floor > 0);
});

test('peers that deliver well keep HTTP out of it', () => {
  const world = new World({ pieceCount: 100 });
  world.origin(1);
  world.peer(2, PieceMap.full(100), false);
  world.peer(3, PieceMap.full(100), false);
  while (!world.scheduler.complete) {
    world.decide(5);
    for (const f of [...world.fetchesOf(2), ...world.fetchesOf(3)]) world.deliver(f);
  }
  assert.equal(world.scheduler.reasons.peer, 100);
  assert.equal(world.fetchesOf(1).length, 0);
});

test('two equal peers give about half each', () => {
  const world = new World({ pieceCount: 200 });
  world.peer(2, PieceMap.full(200), false);
  world.peer(3, PieceMap.full(200), false);
  const from = new Map<number, number>();
  while (!world.scheduler.complete) {
    world.decide(5);
    for (const id of [2, 3]) {
      const fetch = world.fetchesOf(id)[0];
      if (fetch === undefined) continue;
      world.deliver(fetch);
      from.set(id, (from.get(id) ?? 0) + 1);
    }
  }
  assert.ok(Math.abs(from.get(2)! - 100) <= 10, `${from.get(2)} of 200`);
});

test('asks another peer for the last pieces of one that fell silent', () => {
  const world = new World({ pieceCount: 30 });
  world.peer(2, PieceMap.full(30), false);
  world.peer(3, PieceMap.full(30), false);
  // Peer 3 falls silent with pieces in its queue; peer 2 brings the rest.
  for (let i = 0; i < 400 && !world.scheduler.complete; i++) {
    world.decide(20);
    const fetch = world.fetchesOf(2)[0];
    if (fetch !== undefined) world.deliver(fetch);
  }
  assert.ok(world.scheduler.complete);
  assert.ok(world.actions.some((a) => a.type === 'cancel'));
  assert.ok(world.now < 6_000, `took ${world.now} ms`);
});

test('a source without ranges is asked once, for the whole, by one device only', () => {
  const world = new World({ pieceCount: 16 });
  world.origin(1);
  world.decide();
  world.scheduler.handle({ type: 'sourceSequential', source: 1 }, 0);
  // The first decision ends the requests for parts.
  const fetches = [...world.decide(), ...world.decide()].filter((a) => a.type === 'fetch');
  assert.deepEqual(
    fetches.map((f) => f.run),
    [{ first: 0, count: 16 }],
  );
});

test('with a cache at work HTTP stays out after it was measured', () => {
  const world = new World({ pieceCount: 200 });
  world.origin(1, 'http');
  world.origin(2, 'cache');
  world.decide();
  assert.equal(world.fetchesOf(1).length, 1, 'one request tells how fast HTTP is');
  while (!world.scheduler.complete) {
    for (const f of [...world.open.keys()]) world.deliver(f);
    world.decide(5);
  }
  const http = world.actions.filter((a) => a.type === 'fetch' && a.source === 1);
  assert.ok(http.length <= 4, `${http.length} HTTP requests beside a fast cache`);
});

test('claims are told for HTTP runs, and released when a fetch fails', () => {
  const world = new World({ pieceCount: 4 });
  world.origin(1, 'http', 1);
  const first = world.decide();
  assert.ok(first.some((a) => a.type === 'claim'));
  const fetched = first.flatMap((a) => (a.type === 'fetch' ? [a.run] : []));
  assert.deepEqual(world.scheduler.currentClaims(), fetched);
  world.fail(world.fetchesOf(1)[0]!);
  assert.ok(world.decide().some((a) => a.type === 'release'));
  assert.deepEqual(world.scheduler.currentClaims(), []);
});

test('tells a peer interest when it gets something we lack, and its end', () => {
  const world = new World({ pieceCount: 2 });
  world.peer(2, new PieceMap(2), false);
  world.has.get(2)!.set(1);
  world.scheduler.handle({ type: 'peerHas', source: 2, piece: 1 }, 0);
  const asked = world.decide();
  assert.ok(asked.some((a) => a.type === 'interest' && a.interested));
  world.deliver(world.fetchesOf(2)[0]!);
  assert.ok(world.decide().some((a) => a.type === 'interest' && !a.interested));
});

test('a piece that is on disk after its peer had gone still counts', () => {
  const world = new World({ pieceCount: 1 });
  world.peer(2, PieceMap.full(1));
  world.decide();
  const fetch = world.fetchesOf(2)[0]!;
  world.remove(2);
  world.scheduler.handle({ type: 'pieceGood', fetch, piece: 0 }, world.now);
  assert.ok(world.scheduler.complete);
});

test('an empty content is complete from the start', () => {
  const world = new World({ pieceCount: 0 });
  assert.ok(world.scheduler.complete);
  assert.deepEqual(world.decide(), []);
});
