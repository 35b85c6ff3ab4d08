import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { World } from './world.test-kit.ts';

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
    // Looked at in a grain of 100 ms.
    world.decide(110);
    assert.equal(world.fetchesOf(1).length, 1);
  }
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

/** A device that fetches its only piece when a peer comes and says that it does so, too. */
function meetInOnePiece(self: string, peerId: string) {
  const world = new World({ pieceCount: 1, self });
  world.origin(1);
  world.decide();
  const common = { kind: 'peer', peerId, sameSite: true, sharesWork: true } as const;
  const claimedBy = (id: number) => {
    const source = { id, ...common, has: new PieceMap(1) };
    world.scheduler.handle({ type: 'sourceAdded', source }, world.now);
    const runs = [{ first: 0, count: 1 }];
    world.scheduler.handle({ type: 'claimed', source: id, runs, rate: 0 }, world.now);
    return world.decide(50);
  };
  return { world, claimedBy };
}

const two = ['01', '02'].map((id) => id.padEnd(40, '0'));

test('of two devices that begin the same piece the second in line yields', () => {
  const yielded = two.map((self, me) => {
    const { world, claimedBy } = meetInOnePiece(self, two[1 - me]!);
    const actions = claimedBy(9);
    assert.equal(
      actions.some((a) => a.type === 'release'),
      world.open.size === 0,
    );
    return world.open.size === 0;
  });
  assert.equal(yielded.filter(Boolean).length, 1);
});

test('what a device yielded once and had to begin again it does not yield again', () => {
  const fetching = two.map((self, me) => {
    const { world, claimedBy } = meetInOnePiece(self, two[1 - me]!);
    return [9, 10, 11].map((id) => {
      claimedBy(id);
      const count = world.open.size;
      world.scheduler.handle({ type: 'sourceGone', source: id }, world.now);
      world.decide(50);
      return count;
    });
  });
  assert.deepEqual(fetching.sort(), [
    [0, 1, 1],
    [1, 1, 1],
  ]);
});

test('peers are told a rate once it is known, and again when somebody comes', () => {
  const world = new World({ pieceCount: 64 });
  world.peer(2, new PieceMap(64));
  world.origin(1, 'http', 1);
  const rates = () =>
    world.decide().flatMap((a) => (a.type === 'claim' ? [Math.round(a.rate / 1_000)] : []));
  assert.deepEqual(rates(), [0]);
  const receive = (ms: number) => {
    for (let t = 0; t < ms; t += 100) {
      world.now += 100;
      world.scheduler.handle({ type: 'received', source: 1, bytes: 10_000 }, world.now);
    }
  };
  receive(1_000);
  assert.deepEqual(rates(), [100]);
  receive(2_000);
  assert.deepEqual(rates(), [], 'nothing new');
  world.peer(3, new PieceMap(64));
  assert.deepEqual(rates(), [100]);
});

test('a cancelled HTTP request is released, so that others need not wait for it', () => {
  const world = new World({ pieceCount: 1, foreground: true });
  world.origin(1);
  world.decide();
  world.decide(26_000);
  assert.ok(world.actions.some((a) => a.type === 'release'));
});

test('of a crowd who fetches has one request at a time: the others wait for its pieces', () => {
  const among = (salt: number) => {
    const world = new World({ pieceCount: 100, salt });
    for (let id = 2; id <= 18; id++) world.peer(id, new PieceMap(100));
    world.origin(1);
    world.decide();
    return world;
  };
  // Only some of a crowd fetch: one where this device is among them.
  const world = Array.from({ length: 20 }, (_, salt) => among(salt)).find((w) => w.open.size > 0)!;
  world.scheduler.handle({ type: 'received', source: 1, bytes: 1_000_000 }, world.now + 10);
  world.decide(10);
  assert.equal(world.open.size, 1, 'however fast it comes');
  world.deliver([...world.open.keys()][0]!);
  world.decide(90);
  assert.equal(world.open.size, 1, 'one after the other');
});

test('a second request for what a slow peer sends is not yielded: it was begun because others are late', () => {
  const fetching = two.map((self, me) => {
    const world = new World({ pieceCount: 1, self, foreground: true });
    world.peer(2, PieceMap.full(1), false);
    world.decide();
    world.origin(1);
    for (let k = 0; k < 40 && world.fetchesOf(1).length === 0; k++) {
      world.scheduler.handle({ type: 'received', source: 2, bytes: 1_000 }, world.now);
      world.decide(100);
    }
    assert.equal(world.fetchesOf(1).length, 1, 'HTTP begins the piece, too');
    const common = { kind: 'peer', sameSite: true, sharesWork: true } as const;
    const source = { id: 9, ...common, peerId: two[1 - me]!, has: new PieceMap(1) };
    world.scheduler.handle({ type: 'sourceAdded', source }, world.now);
    const runs = [{ first: 0, count: 1 }];
    world.scheduler.handle({ type: 'claimed', source: 9, runs, rate: 0 }, world.now);
    world.decide(1);
    return world.fetchesOf(1).length;
  });
  assert.deepEqual(fetching, [1, 1]);
});
