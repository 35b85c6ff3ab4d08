import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

test('bans a peer after three bad pieces and gives up an origin likewise', () => {
  const world = new World({ pieceCount: 10 });
  world.peer(2, PieceMap.full(10));
  for (let bad = 0; bad < 3; bad++) {
    world.decide();
    world.deliver(world.fetchesOf(2)[0]!, false);
  }
  assert.deepEqual(
    world.decide().filter((a) => a.type === 'ban'),
    [{ type: 'ban', source: 2, because: 'badPieces' }],
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

test('a bad piece is put down to who brought all of it, not to who had begun it', () => {
  const world = new World({ pieceCount: 3 });
  world.peer(2, PieceMap.full(3));
  world.decide();
  const begun = world.fetchesOf(2);
  assert.equal(begun.length > 0, true);
  world.scheduler.handle({ type: 'received', source: 2, bytes: 500_000 }, world.now);
  for (const fetch of begun) world.fail(fetch);
  world.peer(3, PieceMap.full(3));
  for (let bad = 0; bad < 3; bad++) {
    world.decide();
    world.deliver(world.fetchesOf(3)[0]!, false);
  }
  const banned = world.decide().filter((a) => a.type === 'ban');
  assert.deepEqual(banned, [{ type: 'ban', source: 3, because: 'badPieces' }]);
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

test('requests that fail side by side are one fault: the source is not given up', () => {
  const world = new World({ pieceCount: 200 });
  world.origin(1, 'http', 16);
  for (let k = 0; k < 12; k++) {
    world.decide(100);
    for (const f of world.fetchesOf(1)) world.deliver(f);
  }
  world.decide();
  const failing = world.fetchesOf(1);
  assert.ok(failing.length >= 8, `${failing.length} side by side`);
  for (const f of failing) world.fail(f);
  assert.ok(!world.decide().some((a) => a.type === 'giveUp'));
  world.decide(1_000);
  assert.ok(world.fetchesOf(1).length > 0, 'it is tried again soon');
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
  assert.ok(world.scheduler.log.askedFor('floor') > 0);
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

test('a piece that is on disk after its peer had gone still counts', () => {
  const world = new World({ pieceCount: 1 });
  world.peer(2, PieceMap.full(1));
  world.decide();
  const fetch = world.fetchesOf(2)[0]!;
  world.remove(2);
  world.scheduler.handle({ type: 'pieceGood', fetch, piece: 0 }, world.now);
  assert.ok(world.scheduler.complete);
});

test('an origin that stalls again and again is given up, and that is said', () => {
  const world = new World({ pieceCount: 2 });
  world.origin(1);
  let gaveUp = false;
  while (!gaveUp) {
    gaveUp = world.decide(1_000).some((a) => a.type === 'giveUp');
    assert.ok(world.now < 600_000, 'never given up');
  }
  assert.ok(world.scheduler.stuck);
  assert.equal(world.open.size, 0, 'its requests were ended');
});

test('a source that is given up has nothing left to bring', () => {
  const world = new World({ pieceCount: 8 });
  world.origin(1);
  world.decide();
  assert.ok(world.open.size > 1);
  world.fail(world.fetchesOf(1)[0]!, false);
  world.decide();
  assert.equal(world.open.size, 0);
});

test('a request that ends without its pieces is a fault: it is not made again at once', () => {
  const world = new World({ pieceCount: 1 });
  world.origin(1);
  world.decide();
  const fetch = world.fetchesOf(1)[0]!;
  world.open.delete(fetch);
  world.scheduler.handle({ type: 'fetchEnded', fetch }, world.now);
  assert.deepEqual(
    world.decide(1).filter((a) => a.type === 'fetch'),
    [],
  );
  world.decide(1_000);
  assert.equal(world.open.size, 1);
});

test('wakes when a back-off ends, and hardly ever once everything is here', () => {
  const world = new World({ pieceCount: 1 });
  world.origin(1);
  world.decide();
  world.fail(world.fetchesOf(1)[0]!);
  const wait = world.scheduler.decide(world.now).wakeAt - world.now;
  assert.ok(wait > 0 && wait < 500, `${wait}`);
  world.decide(wait);
  world.deliver(world.fetchesOf(1)[0]!);
  assert.ok(world.scheduler.decide(world.now).wakeAt >= world.now + 60_000);
});

test('a choke drops what waits at the peer, and in time what it had not begun', () => {
  const world = new World({ pieceCount: 8 });
  world.peer(2, PieceMap.full(8), false);
  world.decide();
  assert.equal(world.fetchesOf(2).length, 2);
  world.scheduler.handle({ type: 'choked', source: 2, choked: true }, world.now);
  world.decide(100);
  assert.equal(world.fetchesOf(2).length, 1, 'the piece it is sending comes to its end');
  world.decide(1_000);
  assert.equal(world.fetchesOf(2).length, 0, 'nothing came: it had not begun');
});

test('a piece that comes after a choke tells that those asked before it were dropped', () => {
  const world = new World({ pieceCount: 8 });
  world.peer(2, PieceMap.full(8), false);
  world.decide();
  const [head] = world.fetchesOf(2);
  world.scheduler.handle({ type: 'choked', source: 2, choked: true }, world.now);
  world.decide(10);
  world.scheduler.handle({ type: 'choked', source: 2, choked: false }, world.now);
  world.decide(10);
  const later = world.fetchesOf(2).find((f) => f !== head)!;
  world.deliver(later);
  world.decide();
  assert.ok(!world.open.has(head!));
});

test('HTTP that was never tried still helps when peers are too slow', () => {
  for (const foreground of [true, false]) {
    const world = new World({ pieceCount: 200, foreground });
    world.origin(1);
    world.peer(2, PieceMap.full(200), false);
    for (let k = 0; k < 100; k++) {
      world.decide(100);
      world.scheduler.handle({ type: 'received', source: 2, bytes: 5_000 }, world.now);
    }
    assert.ok(world.fetchesOf(1).length > 0);
  }
});

test('a cache that was silent before is not tried with the last pieces while HTTP brings them', () => {
  for (let pieceCount = 20; pieceCount < 60; pieceCount += 2) {
    const world = new World({ pieceCount });
    world.origin(1);
    world.origin(3, 'cache');
    let lastTrial = 0;
    // HTTP brings a piece each 200 ms, the cache nothing.
    for (let step = 0; !world.scheduler.complete && step < 400; step++) {
      for (let t = 0; t < 4; t++) {
        const asked = world.decide(50).some((a) => a.type === 'fetch' && a.source === 3);
        if (asked) lastTrial = world.fetched;
      }
      const [own] = world.fetchesOf(1);
      if (own !== undefined) world.deliver(own);
    }
    assert.ok(world.scheduler.complete);
    assert.ok(lastTrial < pieceCount - 6, `tried when ${lastTrial} of ${pieceCount} were here`);
  }
});

test('where devices share the work a cache that only failed before is tried to the last', () => {
  const world = new World({ pieceCount: 60 });
  world.origin(1);
  world.origin(3, 'cache', 1);
  world.peer(2, new PieceMap(60));
  // HTTP brings a piece each 100 ms: all is here in a few seconds.
  const pass = (steps: number) => {
    let tries = 0;
    for (let t = 0; t < steps; t++) {
      const asked = world.decide(100);
      tries += asked.filter((a) => a.type === 'fetch' && a.source === 3).length;
      const [first] = world.fetchesOf(1);
      if (first !== undefined) world.deliver(first);
    }
    return tries;
  };
  assert.equal(pass(10), 1);
  const refused = world.fetchesOf(3)[0]!;
  world.open.delete(refused);
  const fault = { retryable: true };
  world.scheduler.handle({ type: 'fetchEnded', fetch: refused, fault }, world.now);
  assert.equal(pass(10), 1);
});
