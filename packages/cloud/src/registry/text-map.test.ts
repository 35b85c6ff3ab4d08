import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TextMap } from './text-map.ts';

test('property: it is a Map, and texts made anew find what others of the same letters did', () => {
  const key = fc.oneof(fc.constantFrom('', 'a', 'ab', 'ba', 'a\0', '\0a', 'ü', 'ÿ'), fc.string());
  const step = fc.record({ key, value: fc.nat(), kind: fc.constantFrom('set', 'set', 'delete') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const model = new Map<string, number>();
      const map = new TextMap<{ key: string; value: number }>(({ key }) => key);
      for (const { key, value, kind } of steps) {
        if (kind === 'delete') assert.equal(map.delete(key), model.delete(key));
        else {
          model.set(key, value);
          map.set({ key: `${key}x`.slice(0, -1), value });
        }
        assert.equal(map.get(key)?.value, model.get(key));
        assert.equal(map.size, model.size);
      }
      for (const [key, value] of model) assert.equal(map.get(key)?.value, value);
      assert.deepEqual(
        Array.from(map.values(), ({ value }) => value).sort(),
        [...model.values()].sort(),
      );
    }),
  );
});

test('of a hundred thousand, some of which have the same hash, each is found, and gone when it was deleted', () => {
  const map = new TextMap<string>((key) => key);
  const keys = Array.from({ length: 300_000 }, (_, n) => `content-${n}`);
  for (const key of keys) map.set(key);
  assert.equal(map.size, keys.length);
  for (const [n, key] of keys.entries()) if (n % 2 === 0) assert.equal(map.delete(key), true);
  for (const [n, key] of keys.entries()) assert.equal(map.has(key), n % 2 === 1);
});
