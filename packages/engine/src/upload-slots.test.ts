import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSlots, type UploadLoad, UploadSlots } from './upload-slots.ts';

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

/** Slots for 1 MiB pieces, so many of which went out in the last second. */
function slotsAt(slots: number, rate: number): UploadSlots {
  const made = new UploadSlots({ slots, now: 0 });
  made.sent(rate * MiB);
  made.adapt(1_000, { busy: 0, waiting: 0 });
  return made;
}

test('who has little to pass on to a crowd does it in few copies at a time', () => {
  assert.deepEqual(
    [0, 8, 124, 125, 1_000].map((pieces) => slotsAt(16, 20).now(true, pieces, MiB)),
    [5, 6, 9, 10, 14],
  );
  assert.equal(slotsAt(4, 20).now(true, 1_000, MiB), 4);
  assert.equal(slotsAt(16, 0).now(false, 0, MiB), 16);
});

test('a crowd to which pieces go in next to no time gets more of them side by side', () => {
  assert.equal(slotsAt(20, 700).now(true, 1_000, MiB), 17);
  assert.equal(slotsAt(12, 700).now(true, 1_000, MiB), 12);
});

test('each look at the load moves the slots by one, and forgets what went out before', () => {
  const slots = new UploadSlots({ slots: 16, now: 0 });
  slots.sent(100 * MiB);
  slots.adapt(1_000, { busy: 16, waiting: 9 });
  assert.equal(slots.now(false, 0, MiB), 17);
  // No time has passed: there is no rate to go by.
  slots.adapt(1_000, { busy: 17, waiting: 9 });
  assert.equal(slots.now(false, 0, MiB), 17);
  slots.adapt(2_000, { busy: 17, waiting: 9 });
  assert.equal(slots.now(false, 0, MiB), 16);
});

test('fixed slots are what they are, whatever goes out and to whom', () => {
  const slots = new UploadSlots({ slots: 3, now: 0, isFixed: true });
  slots.adapt(1_000, { busy: 3, waiting: 9 });
  assert.equal(slots.now(true, 0, MiB), 3);
  for (const now of [2_000, 3_000, 4_000]) {
    slots.sent(MiB);
    slots.adapt(now, { busy: 0, waiting: 9 });
  }
  assert.equal(slots.areShort, true);
});

test('the way up is short until little of what goes out was found under way', () => {
  const slots = new UploadSlots({ slots: 16, now: 0 });
  const look = (now: number, busy: number, sent: number) => {
    slots.sent(sent);
    slots.adapt(now, { busy, waiting: 0 });
    return slots.areShort;
  };
  assert.equal(slots.areShort, true);
  // Who had nothing to send has not learnt anything.
  assert.equal(look(1_000, 0, 0), true);
  assert.equal(look(2_000, 0, MiB), true);
  assert.equal(look(3_000, 0, MiB), false);
  assert.equal(look(4_000, 0, 0), false);
  assert.equal(look(5_000, 5, 5 * MiB), true);
});
