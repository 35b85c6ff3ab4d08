import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pending } from './pending.ts';

test('is as a Set, whatever is taken out in which order', () => {
  const pieces = fc.uniqueArray(fc.nat(20), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(20)), (added, deleted) => {
      const pending = new Pending();
      for (const piece of added) pending.add(piece);
      const set = new Set(added);
      for (const piece of [-1, ...deleted]) {
        assert.equal(pending.delete(piece), set.delete(piece));
        assert.equal(pending.has(piece), set.has(piece));
        assert.equal(pending.size, set.size);
        assert.deepEqual(pending.list(), [...set]);
      }
    }),
  );
});
