import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { LiveValue } from '../policy/live-value.ts';
import { Slots } from './slots.ts';

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Work that is begun and ends when told. */
function work() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const of = (name: string) => () =>
    new Promise<void>((resolve) => {
      begun.push(name);
      ends.set(name, resolve);
    });
  const end = async (name: string) => {
    ends.get(name)!();
    await settle();
  };
  return { begun, of, end };
}

suite('places for downloads', () => {
  test('owners take turns, each first come first served', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) {
      slots.run({ owner: name[0]!, foreground: new LiveValue(false) }, never, of(name));
    }
    await settle();
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']) {
      assert.equal(begun.at(-1), name);
      await end(name);
    }
    assert.equal(slots.busy, 1);
  });

  test('foreground has places of its own', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    slots.run({ owner: 'a', foreground: new LiveValue(false) }, never, of('background'));
    slots.run({ owner: 'a', foreground: new LiveValue(true) }, never, of('foreground'));
    await settle();
    assert.deepEqual(begun, ['background', 'foreground']);
    assert.equal(slots.busy, 2);
    await end('background');
    await end('foreground');
  });

  test('who leaves the line takes no place, and who fails gives it back', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    const wish = { owner: 'a', foreground: new LiveValue(false) };
    slots.run(wish, never, of('1'));
    const leaves = new AbortController();
    const left = slots.run(wish, leaves.signal, of('2'));
    leaves.abort(new Error('enough'));
    await assert.rejects(left, /enough/);
    const fail = () => Promise.reject(new Error('bad'));
    const failed = assert.rejects(slots.run(wish, never, fail), /bad/);
    slots.run(wish, never, of('3'));
    await settle();
    await end('1');
    await failed;
    await settle();
    assert.deepEqual(begun, ['1', '3']);
    await end('3');
  });

  test('called and aborted at the same moment: the place goes on', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    const wish = { owner: 'a', foreground: new LiveValue(false) };
    slots.run(wish, never, of('1'));
    const leaves = new AbortController();
    const second = slots.run(wish, leaves.signal, of('2'));
    slots.run(wish, never, of('3'));
    const ended = end('1');
    leaves.abort(new Error('enough'));
    await assert.rejects(second, /enough/);
    await ended;
    await settle();
    assert.deepEqual(begun, ['1', '3']);
    await end('3');
  });

  test('who waits in the background and is wanted now moves to the foreground, and back', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    const start = (name: string, foreground: boolean) => {
      const live = new LiveValue(foreground);
      slots.run({ owner: 'a', foreground: live }, never, of(name));
      return live;
    };
    start('b1', false);
    start('b2', false);
    const b3 = start('b3', false);
    await settle();
    b3.set(true);
    await settle();
    assert.deepEqual(begun, ['b1', 'b3'], 'the foreground had a place');
    const b4 = start('b4', false);
    b4.set(true);
    b4.set(false);
    await end('b1');
    await end('b2');
    assert.deepEqual(begun, ['b1', 'b3', 'b2', 'b4']);
    await end('b3');
    await end('b4');
    assert.equal(slots.busy, 1);
  });

  test('one that runs makes place on the side that it leaves', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    const first = new LiveValue(false);
    slots.run({ owner: 'a', foreground: first }, never, of('first'));
    slots.run({ owner: 'a', foreground: new LiveValue(false) }, never, of('second'));
    await settle();
    assert.deepEqual(begun, ['first']);
    first.set(true);
    await settle();
    assert.deepEqual(begun, ['first', 'second']);
    slots.run({ owner: 'a', foreground: new LiveValue(true) }, never, of('third'));
    await settle();
    assert.deepEqual(begun, ['first', 'second'], 'it has the place of the foreground now');
    for (const name of ['first', 'second', 'third']) await end(name);
    assert.deepEqual(begun, ['first', 'second', 'third']);
  });

  test('where there is no place it keeps the one it has, and comes before those who wait', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    const mover = new LiveValue(false);
    slots.run({ owner: 'a', foreground: mover }, never, of('mover'));
    for (const name of ['f1', 'f2']) {
      slots.run({ owner: 'a', foreground: new LiveValue(true) }, never, of(name));
    }
    slots.run({ owner: 'a', foreground: new LiveValue(false) }, never, of('b'));
    mover.set(true);
    await settle();
    assert.deepEqual(begun, ['mover', 'f1']);
    await end('f1');
    assert.deepEqual(begun, ['mover', 'f1', 'b'], 'it moved, and made place');
    await end('mover');
    assert.deepEqual(begun, ['mover', 'f1', 'b', 'f2']);
    await end('b');
    await end('f2');
    assert.equal(slots.busy, 1);
  });

  test('however they switch, no more run than both sides have places, and all have their turn', async () => {
    const command = fc.tuple(fc.constantFrom('start', 'switch', 'end', 'abort'), fc.nat(30));
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 80 }), async (commands) => {
        const slots = new Slots(2);
        const { begun, of, end } = work();
        const guests: { foreground: LiveValue<boolean>; stop: AbortController }[] = [];
        const running = new Set<string>();
        const over = new Set<string>();
        const start = (n: number) => {
          const guest = { foreground: new LiveValue(n % 2 === 0), stop: new AbortController() };
          const name = `${guests.push(guest) - 1}`;
          const { foreground, stop } = guest;
          const work = () => {
            running.add(name);
            return of(name)();
          };
          const done = () => {
            running.delete(name);
            over.add(name);
          };
          slots.run({ owner: `${n % 3}`, foreground }, stop.signal, work).then(done, done);
        };
        for (const [what, n] of commands) {
          const guest = guests[n % Math.max(1, guests.length)];
          const name = [...running][n % Math.max(1, running.size)];
          if (what === 'start') start(n);
          else if (what === 'switch') guest?.foreground.set(!guest.foreground.current);
          else if (what === 'abort') guest?.stop.abort(new Error('enough'));
          else if (name !== undefined) await end(name);
          await settle();
          assert.ok(running.size <= 4);
          assert.equal(slots.busy, Math.max(1, running.size));
        }
        while (running.size > 0) await end([...running][0]!);
        assert.equal(over.size, guests.length);
        assert.equal(new Set(begun).size, begun.length);
        assert.equal(slots.busy, 1);
      }),
      { numRuns: 200 },
    );
  });
});
