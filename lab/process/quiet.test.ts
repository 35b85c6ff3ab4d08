import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCoreTime } from './quiet.ts';

test('the time of all cores is read from the first line of /proc/stat', () => {
  const stat = 'cpu  100 10 50 800 40 0 5 3 7 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 1\n';
  assert.deepEqual(parseCoreTime(stat), { total: 1008, idle: 840 });
  assert.throws(() => parseCoreTime('intr 1\n'), /\/proc\/stat/);
  assert.throws(() => parseCoreTime('cpu  1 2 x\n'), /\/proc\/stat/);
});
