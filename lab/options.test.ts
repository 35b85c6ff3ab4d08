import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, sizesOf, UsageError } from './options.ts';

test('sizes in MiB, one or several', () => {
  assert.deepEqual(sizesOf({ size: '0.5, 64' }), [1 << 19, 64 << 20]);
  assert.throws(() => sizesOf({ size: '64,' }), UsageError);
});

test('names of a list in its order, all of none', () => {
  const all = ['a', 'b', 'c'] as const;
  assert.deepEqual(namesOf({ columns: 'c, a' }, 'columns', all), ['c', 'a']);
  assert.deepEqual(namesOf({ columns: '' }, 'columns', all), all);
  assert.throws(() => namesOf({ columns: 'd' }, 'columns', all), UsageError);
});
