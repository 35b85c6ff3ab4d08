import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSlots, slotsNow, type UploadLoad } from './upload-slots.ts';

const MiB = 1 << 20;
const cases: [what: string, from: number, load: UploadLoad, to: number][] = [
  ['a full line that is too thin for so many', 16, { busy: 16, waiting: 9, rate: 2 * MiB }, 15],
  ['never fewer than four', 4, { busy: 4, waiting: 9, rate: 1_000 }, 4],
  ['a full line that serves each well', 16, { busy: 16, waiting: 9, rate: 6 * MiB }, 16],
  ['a line with room for more', 16, { busy: 16, waiting: 9, rate: 100 * MiB }, 17],
  ['little to send, and others wait', 16, { busy: 1, waiting: 3, rate: 1_000 }, 17],
  ['nobody waits', 16, { busy: 1, waiting: 0, rate: 100 * MiB }, 16],
  ['never more than there may be members', 50, { busy: 1, waiting: 3, rate: MiB }, 50],
];

for (const [what, from, load, to] of cases) {
  test(`${what}: from ${from} slots to ${to}`, () => assert.equal(nextSlots(from, load), to));
}

test('who has little to pass on to a crowd does it in few copies at a time', () => {
  assert.deepEqual(
    [0, 8, 124, 125, 1_000].map((pieces) => slotsNow(16, true, { pieces, rate: 20 })),
    [5, 6, 9, 10, 14],
  );
  assert.equal(slotsNow(4, true, { pieces: 1_000, rate: 20 }), 4);
  assert.equal(slotsNow(16, false, { pieces: 0, rate: 0 }), 16);
});

test('a crowd to which pieces go in next to no time gets more of them side by side', () => {
  assert.equal(slotsNow(20, true, { pieces: 1_000, rate: 700 }), 17);
  assert.equal(slotsNow(12, true, { pieces: 1_000, rate: 700 }), 12);
});
