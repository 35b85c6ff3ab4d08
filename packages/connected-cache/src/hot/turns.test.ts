import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.ts';

const MiB = 1024 * 1024;

test('Who sends much lets the loop look at what else has come before the next one sends', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const send = (name: string, bytes: number) =>
    turns.take(() => {
      seen.push(name);
      setImmediate(() => seen.push(`loop after ${name}`));
      return bytes;
    });
  const sent = await Promise.all([send('a', 4 * MiB), send('b', 1000), send('c', 2 * MiB)]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(sent, [4 * MiB, 1000, 2 * MiB]);
  assert.deepEqual(seen, ['a', 'loop after a', 'b', 'c', 'loop after b', 'loop after c']);
});

test('Turns that send nothing count, too: a crowd whose sockets are full does not hold up the loop', async () => {
  const turns = new Turns();
  let had = 0;
  let atOnce = 0;
  const sendNothing = () => {
    had++;
    return 0;
  };
  const each = Array.from({ length: 1000 }, () => turns.take(sendNothing));
  setImmediate(() => {
    atOnce = had;
  });
  await Promise.all(each);
  assert.equal(had, 1000);
  assert.ok(atOnce > 0 && atOnce < 100, `${atOnce}`);
});

test('A turn that fails is its own affair', async () => {
  const turns = new Turns();
  const failed = turns.take(() => {
    throw new Error('cut');
  });
  const next = turns.take(() => 7);
  await assert.rejects(failed, /cut/);
  assert.equal(await next, 7);
});
