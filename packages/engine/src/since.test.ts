import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Since } from './since.ts';

test('it is a Map of few numbers', () => {
  const key = fc.integer({ min: 0, max: 6 });
  const step = fc.record({ key, time: fc.double({ noNaN: true }), isDelete: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const since = new Since();
      const map = new Map<number, number>();
      for (const { key: k, time, isDelete } of steps) {
        if (isDelete) assert.equal(since.delete(k), map.delete(k));
        else {
          since.set(k, time);
          map.set(k, time);
        }
        assert.deepEqual([since.has(k), since.get(k)], [map.has(k), map.get(k)]);
        const all = Array.from({ length: since.size }, (_, at) => [
          since.keyAt(at),
          since.timeAt(at),
        ]);
        assert.deepEqual(all, [...map]);
      }
    }),
  );
});
