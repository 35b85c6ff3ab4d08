import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DriveSpace, type SpaceItem, type SpaceLimits } from './drive-space.ts';

const unit = 100_000;
let keys = 0;

function item(className = '', pinned = false): SpaceItem {
  const empty = { queue: undefined, older: undefined, newer: undefined };
  const numbers = { weight: 0, bytes: 0, reserved: 0, users: 0, heat: 0, credit: 0 };
  return { ...empty, ...numbers, key: ++keys, object: { className, pinned } };
}

function spaceOf(limits: Partial<SpaceLimits> = {}): DriveSpace<SpaceItem> {
  const quotas = new Map<string, number>();
  return new DriveSpace({ high: 100 * unit, batch: 0, maxItems: 1000, quotas, ...limits });
}

/** @returns what had to go */
function put(space: DriveSpace<SpaceItem>, one: SpaceItem, bytes = unit): SpaceItem[] {
  space.add(one);
  space.change(one, bytes, 0);
  return space.makeRoom();
}

test('a scan of any length leaves what was used more than once', () => {
  const space = spaceOf();
  const hot = Array.from({ length: 60 }, () => item());
  for (const one of hot) put(space, one);
  for (const one of hot) space.served(one, 2 * unit);
  for (let i = 0; i < 1000; i++) put(space, item());
  assert.equal(hot.filter(({ queue }) => queue).length, 60);
  // What cools down goes after all: its heat is used up.
  for (let i = 0; i < 300; i++) {
    const one = item();
    put(space, one);
    space.served(one, unit);
  }
  assert.ok(hot.filter(({ queue }) => queue).length < 30);
});

test('many reads of parts count as one use', () => {
  const space = spaceOf();
  const once = item();
  put(space, once);
  for (let i = 0; i < 99; i++) space.served(once, unit / 100);
  assert.equal(once.heat, 0);
  space.served(once, unit / 100);
  assert.equal(once.heat, 1);
});

test('what went and comes back is not on probation again', () => {
  const space = spaceOf();
  const first = item();
  put(space, first);
  for (let i = 0; i < 100; i++) put(space, item());
  assert.equal(first.queue, undefined);
  put(space, first);
  assert.ok(space.hasProved(first));
});

test('above high water a whole batch goes, and then nothing for a while', () => {
  const space = spaceOf({ batch: 10 * unit });
  for (let i = 0; i < 100; i++) assert.deepEqual(put(space, item()), []);
  assert.equal(put(space, item()).length, 11);
  for (let i = 0; i < 10; i++) assert.deepEqual(put(space, item()), []);
});

test('classes with a quota and the others do not flush each other; the fullest gives', () => {
  const space = spaceOf({ quotas: new Map([['a', 30 * unit]]) });
  const ofA = Array.from({ length: 40 }, () => item('a'));
  for (const one of ofA) put(space, one);
  assert.equal(space.classBytes.get('a'), 30 * unit);
  for (let i = 0; i < 500; i++) put(space, item('b'));
  assert.equal(space.classBytes.get('a'), 30 * unit);
  assert.equal(space.classBytes.get('b'), 70 * unit);
});

test('what is pinned stays as long as it leaves room for others', () => {
  const space = spaceOf();
  const pinned = Array.from({ length: 95 }, () => item('', true));
  for (const one of pinned) put(space, one);
  for (let i = 0; i < 500; i++) put(space, item());
  const left = pinned.filter(({ queue }) => queue).length;
  assert.ok(left >= 89 && left <= 91, `${left}`);
});

test('whatever happens, the sums are right and what is in use stays', () => {
  const action = fc.record({
    kind: fc.constantFrom('put', 'serve', 'grow', 'remove', 'use', 'leave'),
    which: fc.nat(30),
    bytes: fc.integer({ min: 1, max: 5 * unit }),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const space = spaceOf({ high: 20 * unit, batch: unit, quotas: new Map([['a', 5 * unit]]) });
      const all = Array.from({ length: 31 }, (_, i) => item(i % 2 ? 'a' : '', i % 7 === 0));
      for (const { kind, which, bytes } of actions) {
        const one = all[which]!;
        if (kind === 'put' && !one.queue) {
          one.bytes = 0;
          put(space, one, bytes);
        } else if (kind === 'use') one.users = 1;
        else if (kind === 'leave') one.users = 0;
        else if (!one.queue) continue;
        else if (kind === 'serve') space.served(one, bytes);
        else if (kind === 'grow') space.change(one, 0, bytes);
        else if (kind === 'remove') space.remove(one);
        for (const gone of space.makeRoom()) assert.equal(gone.users, 0);
      }
      const kept = all.filter(({ queue }) => queue);
      const sum = (of: (one: SpaceItem) => number) => kept.reduce((s, one) => s + of(one), 0);
      assert.equal(space.items, kept.length);
      assert.equal(
        space.weight,
        sum(({ weight }) => weight),
      );
      assert.equal(
        space.bytes,
        sum(({ bytes }) => bytes),
      );
      const free = kept.filter(({ users, object }) => users === 0 && !object.pinned);
      assert.ok(space.weight <= 20 * unit || free.length === 0);
    }),
  );
});
