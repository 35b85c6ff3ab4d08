import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
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
      slots.run({ owner: name[0]!, foreground: false }, never, of(name));
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
    slots.run({ owner: 'a', foreground: false }, never, of('background'));
    slots.run({ owner: 'a', foreground: true }, never, of('foreground'));
    await settle();
    assert.deepEqual(begun, ['background', 'foreground']);
    assert.equal(slots.busy, 2);
    await end('background');
    await end('foreground');
  });

  test('who leaves the line takes no place, and who fails gives it back', async () => {
    const slots = new Slots(1);
    const { begun, of, end } = work();
    const wish = { owner: 'a', foreground: false };
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
    const wish = { owner: 'a', foreground: false };
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
});
