import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CacheSettings, DiskSpace } from '@sluice/engine';
import { ManualClock } from '@sluice/protocol';
import { readSettings } from '@sluice/protocol/policy';
import { pino } from 'pino';
import type { CachingChange, ContentStore, SurveyedEntry } from '../store/index.ts';
import { CacheKeeper } from './cache-keeper.ts';

const gb = 1024 ** 3;
const hour = 3_600_000;
const settle = () => new Promise((resolve) => setImmediate(resolve));

function world() {
  const clock = new ManualClock();
  const entries = new Map<string, SurveyedEntry>();
  const disk: DiskSpace = { totalBytes: 100 * gb, freeBytes: 90 * gb };
  const busy = new Set<string>();
  const start = Date.UTC(2026, 10, 1);
  let settings: CacheSettings = readSettings({ DOAbsoluteMaxCacheSize: 0, DOMaxCacheAge: 0 });
  let changed = () => {};
  let surveys = 0;
  const store = {
    async survey() {
      surveys++;
      return [...entries.values()];
    },
    async setCaching(key: string, change: CachingChange) {
      const entry = entries.get(key)!;
      entries.set(key, { ...entry, caching: change(entry.caching) });
    },
  };
  const keeper = new CacheKeeper({
    store: store as unknown as ContentStore,
    folder: '/cache',
    contents: {
      isBusy: (key) => busy.has(key),
      drop: async (key) => !busy.has(key) && entries.delete(key),
      replace: async () => 'dropped',
    },
    settings: {
      get current() {
        return settings;
      },
      watch(fn) {
        changed = fn;
        return () => {};
      },
    },
    space: { read: async () => ({ ...disk }) },
    clock,
    today: () => new Date(start + clock.now()),
    logger: pino({ level: 'silent' }),
  });
  return {
    clock,
    entries,
    disk,
    busy,
    keeper,
    get surveys() {
      return surveys;
    },
    add(key: string, usedAt: number, lastRead?: number) {
      const caching = { fileId: key, url: key, mode: 'Lan' as const, isPinned: false };
      entries.set(key, {
        key,
        hashOfHashes: key,
        contentLength: gb,
        bytes: gb,
        isLinked: false,
        isComplete: true,
        changedAt: start,
        caching: { ...caching, since: start, usedAt: start + usedAt },
        lastRead,
      });
    },
    set(next: CacheSettings) {
      settings = next;
      changed();
    },
    async pass(ms: number) {
      clock.advance(ms);
      await settle();
    },
  };
}

suite('the keeper of the store', () => {
  test('goes through it at the start, and then only when the room on the disk changes, or rarely', async () => {
    const w = world();
    w.keeper.start();
    await settle();
    assert.equal(w.surveys, 1);
    for (let minute = 0; minute < 9; minute++) await w.pass(60_000);
    assert.equal(w.surveys, 1);
    await w.pass(60_000);
    assert.equal(w.surveys, 2);
    w.disk.freeBytes -= gb;
    await w.pass(60_000);
    assert.equal(w.surveys, 3);
    await w.keeper.close();
    assert.equal(w.clock.pending, 0);
  });

  test('deletes as others fill the disk, until they leave it alone', async () => {
    const w = world();
    for (const [i, key] of ['a', 'b', 'c'].entries()) w.add(key, i);
    w.keeper.start();
    await settle();
    assert.equal(w.entries.size, 3);
    w.disk.freeBytes = gb / 2;
    await w.pass(60_000);
    assert.deepEqual([...w.entries.keys()], ['b', 'c']);
    await w.keeper.close();
  });

  const changes = [
    [{ DOAbsoluteMaxCacheSize: 1 }, ['c']],
    [{ DOMaxCacheSize: 2 }, ['c']],
    [{ DOAbsoluteMaxCacheSize: 0, DOMaxCacheAge: 1 }, []],
  ] as const;
  for (const [set, kept] of changes) {
    test(`follows the settings as they change: ${JSON.stringify(set)}`, async () => {
      const w = world();
      for (const [i, key] of ['a', 'b', 'c'].entries()) w.add(key, i);
      w.keeper.start();
      await w.pass(2_000);
      assert.equal(w.entries.size, 3);
      w.set(readSettings(set));
      await settle();
      assert.deepEqual([...w.entries.keys()], kept);
      await w.keeper.close();
    });
  }

  test('leaves what is busy, and takes the next one', async () => {
    const w = world();
    for (const [i, key] of ['a', 'b', 'c'].entries()) w.add(key, i);
    w.busy.add('a');
    w.set(readSettings({ DOAbsoluteMaxCacheSize: 2 }));
    assert.deepEqual(await w.keeper.sweep(), ['b']);
  });

  test('knows what is read now, and writes it down every hour', async () => {
    const w = world();
    w.add('read', 0, 2 * hour);
    w.add('not', 1);
    w.clock.advance(2 * hour);
    w.set(readSettings({ DOAbsoluteMaxCacheSize: 1, DOMaxCacheAge: 0 }));
    assert.deepEqual(await w.keeper.sweep(), ['not']);
    const { since, usedAt } = w.entries.get('read')!.caching!;
    assert.equal(usedAt - since, 2 * hour);
  });

  test('makes room for what is about to come', async () => {
    const w = world();
    w.add('a', 0);
    w.disk.freeBytes = 5 * gb;
    assert.deepEqual(await w.keeper.sweep(3 * gb), []);
    assert.deepEqual(await w.keeper.sweep(5 * gb), ['a']);
  });
});
