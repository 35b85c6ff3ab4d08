import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ring } from './ring.ts';

test('keeps the last ones in order, whatever is pushed and trimmed', () => {
  const step = fc.oneof(
    { weight: 9, arbitrary: fc.constant('push' as const) },
    { weight: 1, arbitrary: fc.nat(12) },
  );
  fc.assert(
    fc.property(fc.nat(10), fc.array(step), (capacity, steps) => {
      const ring = new Ring<number>(capacity);
      let kept: number[] = [];
      let pushed = 0;
      for (const s of steps) {
        if (s === 'push') {
          ring.push(pushed);
          kept = [...kept, pushed++].slice(-capacity, capacity === 0 ? 0 : undefined);
        } else {
          ring.trim(s);
          kept = s === 0 ? [] : kept.slice(-s);
        }
        assert.deepEqual(ring.items(), kept);
        assert.equal(ring.pushed, pushed);
      }
    }),
  );
});
