import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readSettings } from '@sluice/protocol/policy';
import fc from 'fast-check';
import { cacheQuota } from './cache-limits.ts';
import { type CachedContent, evictions, expiryOf, type PublisherWishes } from './eviction.ts';

const gb = 1024 ** 3;
const day = 86_400_000;
const wide = { totalBytes: 1000 * gb, freeBytes: 900 * gb };

function content(key: string, more: Partial<CachedContent> = {}): CachedContent {
  return {
    key,
    bytes: gb,
    isLinked: false,
    isComplete: true,
    since: 0,
    usedAt: 0,
    isPinned: false,
    expireOn: undefined,
    publisher: {},
    isBusy: false,
    ...more,
  };
}

const keys = (gone: { key: string }[]) => gone.map(({ key }) => key);

suite('the quota', () => {
  test('is a share of what is free and what the store has', () => {
    const disk = { totalBytes: 100 * gb, freeBytes: 30 * gb };
    assert.equal(cacheQuota(readSettings(), disk, 20 * gb), 10 * gb);
    assert.equal(cacheQuota(readSettings({ DOMaxCacheSize: 100 }), disk, 20 * gb), 50 * gb);
  });

  test('is the absolute size where one is set, and 0 sets none', () => {
    const absolute = (n: number) =>
      cacheQuota(readSettings({ DOAbsoluteMaxCacheSize: n }), wide, 0);
    assert.equal(absolute(5), 5 * gb);
    assert.equal(absolute(0), Number.POSITIVE_INFINITY);
  });
});

suite('what goes', () => {
  const absolute = readSettings({ DOAbsoluteMaxCacheSize: 2, DOMaxCacheAge: 0 });

  test('over the quota: what was left half done, then the least recently used, no more than needed', () => {
    const contents = [
      content('new', { usedAt: 3 }),
      content('old', { usedAt: 1 }),
      content('half', { isComplete: false, usedAt: 9 }),
      content('mid', { usedAt: 2 }),
    ];
    assert.deepEqual(keys(evictions(contents, absolute, wide, 10)), ['half', 'old']);
  });

  test('never what is busy, and pinned contents do not count', () => {
    const contents = [
      content('busy', { isBusy: true }),
      content('pin', { isPinned: true, bytes: 50 * gb }),
      content('a', { usedAt: 1 }),
      content('b', { usedAt: 2 }),
    ];
    assert.deepEqual(keys(evictions(contents, absolute, wide, 10)), ['a']);
  });

  test('with its age: all but what is pinned or has a day of its own', () => {
    const settings = readSettings({ DOMaxCacheAge: 86_400 });
    const contents = [
      content('old'),
      content('young', { since: 2 * day }),
      content('pinned', { isPinned: true }),
      content('later', { expireOn: 9 * day }),
      content('pinned and over', { isPinned: true, expireOn: day }),
    ];
    assert.deepEqual(evictions(contents, settings, wide, 2 * day), [
      { key: 'old', reason: 'age' },
      { key: 'pinned and over', reason: 'expired' },
    ]);
    assert.equal(expiryOf(content('a', { since: 5 }), settings), day + 5);
    assert.equal(expiryOf(content('a', { since: 5 }), absolute), undefined);
  });

  test('a publisher has it go sooner, unless somebody here has said how long', () => {
    const at = (
      publisher: PublisherWishes,
      set: { DOMaxCacheAge?: number } = {},
      more: Partial<CachedContent> = {},
    ) => expiryOf(content('a', { since: day, publisher, ...more }), readSettings(set));
    assert.equal(at({}), 4 * day);
    assert.equal(at({ maxAgeSecs: 86_400 }), 2 * day);
    assert.equal(at({ maxAgeSecs: 864_000 }), 4 * day);
    assert.equal(at({ maxAgeSecs: 0 }), 4 * day);
    assert.equal(at({ maxAgeSecs: 86_400 }, { DOMaxCacheAge: 864_000 }), 11 * day);
    assert.equal(at({ maxAgeSecs: 86_400 }, { DOMaxCacheAge: 0 }), undefined);
    assert.equal(at({ expireAt: 3 * day }), 3 * day);
    assert.equal(at({ expireAt: 3 * day }, { DOMaxCacheAge: 0 }), 3 * day);
    assert.equal(at({ expireAt: 9 * day }), 4 * day);
    assert.equal(at({ expireAt: 3 * day }, {}, { isPinned: true }), undefined);
    assert.equal(at({ expireAt: 3 * day }, {}, { expireOn: 9 * day }), 9 * day);
    const contents = [
      content('withdrawn', { publisher: { expireAt: day } }),
      content('half', { isComplete: false, publisher: { expireAt: day } }),
      content('wanted', { publisher: { expireAt: 2 * day } }),
    ];
    assert.deepEqual(evictions(contents, readSettings(), wide, day), [
      { key: 'withdrawn', reason: 'publisher' },
      { key: 'half', reason: 'publisher' },
    ]);
  });

  test('an expiry that passed while it is not complete takes it when it is', () => {
    const half = content('a', { isComplete: false, expireOn: 1 });
    assert.deepEqual(evictions([half], absolute, wide, 2), []);
    assert.deepEqual(keys(evictions([{ ...half, isComplete: true }], absolute, wide, 2)), ['a']);
  });

  test('on a disk that is nearly full, also without a limit: only what frees space', () => {
    const settings = readSettings({ DOAbsoluteMaxCacheSize: 0, DOMaxCacheAge: 0 });
    const contents = [content('linked', { isLinked: true }), content('own', { usedAt: 5 })];
    const full = { totalBytes: 100 * gb, freeBytes: gb / 2 };
    assert.deepEqual(evictions(contents, settings, full, 9), [{ key: 'own', reason: 'disk' }]);
    assert.deepEqual(evictions(contents, settings, wide, 9), []);
    // Room for what is about to come.
    assert.deepEqual(keys(evictions(contents, settings, wide, 9, wide.freeBytes)), ['own']);
  });

  test('whatever there is: what remains keeps the quota, or only busy and pinned contents remain', () => {
    const any = fc.record({
      bytes: fc.integer({ min: 0, max: 4 * gb }),
      usedAt: fc.nat(100),
      isComplete: fc.boolean(),
      isPinned: fc.boolean(),
      isBusy: fc.boolean(),
      isLinked: fc.boolean(),
      expireOn: fc.option(fc.nat(100), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 12 }), (list) => {
        const contents = list.map((c, i) => content(`${i}`, c));
        const gone = new Set(keys(evictions(contents, absolute, wide, 50)));
        const rest = contents.filter((c) => !gone.has(c.key));
        const counted = rest.filter((c) => !c.isPinned);
        const used = counted.reduce((sum, c) => sum + c.bytes, 0);
        assert.ok(used <= 2 * gb || counted.every((c) => c.isBusy || c.bytes === 0));
        for (const c of contents) assert.ok(!(c.isBusy && gone.has(c.key)));
        for (const c of contents.filter((p) => p.isPinned && gone.has(p.key))) {
          assert.ok((c.expireOn ?? 51) <= 50);
        }
      }),
    );
  });
});
