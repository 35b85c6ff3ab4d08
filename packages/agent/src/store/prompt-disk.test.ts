import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { PromptDisk } from './prompt-disk.ts';

test('a disk that keeps the loop waiting is left to the thread pool until that was a twentieth of the time', () => {
  const clock = new ManualClock();
  const disk = new PromptDisk(clock);
  const call = (ms: number) => disk.run(() => clock.advance(ms));
  assert.equal(
    disk.run(() => 7),
    7,
  );
  for (let i = 0; i < 1_000; i++) call(2);
  assert.ok(disk.isPrompt, 'that is the page cache');
  call(150);
  assert.ok(disk.isPrompt, 'once is chance');
  call(1_200);
  assert.ok(!disk.isPrompt);
  clock.advance(20_000);
  assert.ok(!disk.isPrompt);
  clock.advance(4_000);
  assert.ok(disk.isPrompt);
});

test('a call that fails late has kept the loop waiting, too', () => {
  const clock = new ManualClock();
  const disk = new PromptDisk(clock);
  const fail = () => {
    clock.advance(500);
    throw new Error('EIO');
  };
  assert.throws(() => disk.run(fail), /EIO/);
  assert.ok(!disk.isPrompt);
});
