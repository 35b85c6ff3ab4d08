import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap, seededRandom } from '@sluice/protocol';
import fc from 'fast-check';
import type { SourceId } from '../events.ts';
import { World } from '../world.test-kit.ts';
import { DecisionLog } from './decision-log.ts';
import type { DecisionRecord } from './decision-record.ts';

/** What came, as the test itself counts it: `class reason` → pieces and bytes. */
class Book {
  readonly sums = new Map<string, { pieces: number; bytes: number }>();
  readonly #here = new Set<number>();
  readonly #world: World;
  readonly #pieceBytes: (piece: number) => number;

  constructor(world: World, pieceBytes: (piece: number) => number) {
    this.#world = world;
    this.#pieceBytes = pieceBytes;
  }

  deliver(fetch: number): void {
    const action = this.#world.actions.findLast((a) => a.type === 'fetch' && a.fetch === fetch);
    assert.ok(action?.type === 'fetch');
    const piece = this.#world.deliver(fetch);
    if (this.#here.has(piece)) return;
    this.#here.add(piece);
    const key = `${classOf(action.source)} ${action.reason}`;
    const sum = this.sums.get(key) ?? { pieces: 0, bytes: 0 };
    sum.pieces++;
    sum.bytes += this.#pieceBytes(piece);
    this.sums.set(key, sum);
  }
}

/** In these tests odd ids are peers, multiples of four the cache. */
function classOf(id: SourceId): string {
  if (id % 2 === 1) return 'Lan';
  return id % 4 === 0 ? 'cache' : 'http';
}

function addSource(world: World, id: SourceId, random: () => number): void {
  const from = classOf(id);
  if (from === 'http' || from === 'cache') {
    world.origin(id, from);
    return;
  }
  const has = new PieceMap(world.options.pieceCount);
  for (let p = 0; p < has.length; p++) if (random() < 0.6) has.set(p);
  world.peer(id, has, random() < 0.5);
}

test('the sums are exactly what was fetched, by class and reason, to the last byte', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 120 }), (seed, pieceCount) => {
      const random = seededRandom(seed);
      const pieceSize = 1 << 20;
      const contentLength = pieceCount * pieceSize - Math.floor(random() * pieceSize);
      const world = new World({ pieceCount, contentLength, random: seededRandom(seed + 1) });
      const book = new Book(world, (p) => Math.min(pieceSize, contentLength - p * pieceSize));
      const live: SourceId[] = [];
      let nextId = 1;
      for (let s = 0; !world.scheduler.complete; s++) {
        assert.ok(s < 20_000, 'stuck');
        const dice = random();
        if (live.length === 0 || (dice < 0.03 && live.length < 8)) {
          addSource(world, nextId, random);
          live.push(nextId++);
        } else if (dice < 0.05 && live.length > 1) {
          world.remove(live.shift()!);
        }
        const open = [...world.open.keys()];
        const fetch = open[Math.floor(random() * open.length)];
        if (fetch !== undefined && dice > 0.97) world.fail(fetch);
        else if (fetch !== undefined) book.deliver(fetch);
        world.decide(Math.floor(random() * 400));
      }
      const { log } = world.scheduler;
      const sums = new Map(
        log
          .tallies()
          .filter((t) => t.pieces > 0)
          .map(({ from, reason, pieces, bytes }) => [`${from} ${reason}`, { pieces, bytes }]),
      );
      assert.deepEqual(new Map([...sums].sort()), new Map([...book.sums].sort()));
      const asked = log.tallies().reduce((sum, t) => sum + t.asked, 0);
      assert.equal(asked, world.asked);
      assert.equal(
        [...sums.values()].reduce((n, t) => n + t.bytes, 0),
        contentLength,
      );
    }),
    { numRuns: 100 },
  );
});

test('a piece that comes to the disk after its source has gone counts for that source', () => {
  const world = new World({ pieceCount: 2 });
  world.origin(1);
  const fetch = world.decide().find((a) => a.type === 'fetch');
  assert.ok(fetch?.type === 'fetch');
  const { scheduler, now } = world;
  scheduler.handle({ type: 'sourceGone', source: 1 }, now);
  const late = { type: 'pieceGood', fetch: fetch.fetch, piece: fetch.run.first } as const;
  scheduler.handle(late, now);
  scheduler.handle(late, now);
  scheduler.handle({ type: 'fetchEnded', fetch: fetch.fetch }, now);
  const [tally] = scheduler.log.tallies();
  assert.deepEqual([tally?.from, tally?.reason, tally?.pieces], ['http', 'responsible', 1]);
});

test('memory stays bounded; requests do not drive out the life of sources', () => {
  const log = new DecisionLog();
  const source = { id: 1, label: 'a', from: 'http' } as const;
  log.note({ at: 0, type: 'added', source });
  const run = { first: 0, count: 1 };
  for (let at = 1; at <= 5_000; at++) {
    log.asked(at, source, { reason: 'responsible', run, pieces: 1, holders: 0 });
    if (at % 2 === 0) log.note({ at, type: 'choked', source });
  }
  const records = log.records();
  assert.equal(records.length, 1_001);
  assert.deepEqual([records[0]?.type, records.at(-1)?.at], ['added', 5_000]);
  assert.ok(records.every((r, i) => i === 0 || r.at >= records[i - 1]!.at));
  assert.equal(log.count, 7_501);
  assert.equal(log.askedFor('responsible'), 5_000);
  for (let at = 0; at < 1_000; at++) log.note({ at, type: 'added', source });
  assert.equal(log.records().length, 1_200);
  log.trim(100);
  assert.equal(log.records().length, 200);
  assert.equal(log.count, 8_501);
  assert.equal(log.askedFor('responsible'), 5_000, 'sums stay');
  log.startAnew();
  assert.deepEqual(log.tallies(), []);
  assert.equal(log.records().length, 200, 'decisions stay');
});

/** Types and what they are for, in order. */
function story(world: World): string[] {
  return world.scheduler.log.records().map((r) => {
    const because = 'because' in r ? ` ${r.because}` : '';
    const reason = r.type === 'asked' ? ` ${r.reason}` : '';
    return `${r.type}${'source' in r ? ` ${r.source.id}` : ''}${reason}${because}`;
  });
}

test('the life of sources is told, with its causes', () => {
  const world = new World({ pieceCount: 8 });
  const { scheduler } = world;
  scheduler.handle({ type: 'originAllowed', allowed: false }, 0);
  world.origin(1, 'http', 1);
  world.peer(2, PieceMap.full(8));
  world.decide();
  for (const fetch of world.fetchesOf(2).slice(0, 1)) world.deliver(fetch, false);
  while (world.fetchesOf(2).length > 0) world.deliver(world.fetchesOf(2)[0]!, false);
  world.decide();
  scheduler.handle({ type: 'choked', source: 2, choked: true }, world.now);
  scheduler.handle({ type: 'choked', source: 2, choked: true }, world.now);
  while (world.fetchesOf(2).length > 0) world.deliver(world.fetchesOf(2)[0]!, false);
  world.remove(2);
  scheduler.handle({ type: 'originAllowed', allowed: true }, world.now);
  world.decide();
  const [fetch] = world.fetchesOf(1);
  const fault = { retryable: true, code: 'SourceReset' };
  scheduler.handle({ type: 'fetchEnded', fetch: fetch!, fault }, world.now);
  world.open.clear();
  world.decide(60_000);
  const [again] = world.fetchesOf(1);
  const end = { retryable: false, code: 'SourceNotFound' };
  scheduler.handle({ type: 'fetchEnded', fetch: again!, fault: end }, world.now);
  const told = story(world);
  for (const line of [
    'originHeld',
    'added 1',
    'added 2',
    'unchoked 2',
    'asked 2 peer',
    'banned 2 badPieces',
    'gone 2',
    'originFreed',
    'asked 1 responsible',
    'backedOff 1 SourceReset',
    'givenUp 1 SourceNotFound',
  ]) {
    assert.ok(told.includes(line), `${line}: ${told.join(', ')}`);
  }
  assert.equal(told.filter((line) => line === 'choked 2').length, 1);
  const [view] = scheduler.sources(world.now);
  assert.deepEqual([view?.id, view?.state, view?.pieces], [1, 'dead', 0]);
});

test('a choice between HTTP and peers says what each would have taken', () => {
  const world = new World({ pieceCount: 40, foreground: true });
  world.origin(1);
  world.peer(2, PieceMap.full(40), false);
  // The peer is asked and stays silent: HTTP is the floor.
  for (let i = 0; i < 40; i++) {
    world.decide(250);
    for (const fetch of world.fetchesOf(1)) world.deliver(fetch);
  }
  const records = world.scheduler.log.records();
  const isFloor = (r: DecisionRecord) => r.type === 'asked' && r.reason === 'floor';
  const floors = records.filter(isFloor);
  assert.ok(floors.length > 0, story(world).join(', '));
  for (const r of floors) {
    assert.ok(r.type === 'asked' && r.weighed);
    assert.ok(r.weighed.otherMs > r.weighed.ownMs, JSON.stringify(r.weighed));
    assert.equal(r.holders, 1, 'a peer had it');
  }
});
