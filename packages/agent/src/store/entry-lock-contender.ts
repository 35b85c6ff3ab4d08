/**
 * One of the processes of entry-lock.test.ts: takes the lock 21 times, and the last time waits to be
 * killed. That two hold it at once shows in a file that both would make.
 */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { acquireLock } from './entry-lock.ts';

const parent = process.argv[2]!;
const sentinel = join(parent, 'sentinel');

async function takeLock() {
  for (;;) {
    const lock = await acquireLock(join(parent, 'lock'));
    if (typeof lock !== 'string') return lock;
    await setImmediate();
  }
}

for (let round = 0; round < 21; round++) {
  const lock = await takeLock();
  writeFileSync(sentinel, '', { flag: 'wx' });
  await setImmediate();
  appendFileSync(join(parent, 'held'), '.');
  rmSync(sentinel);
  if (round < 20) await lock.release();
}
process.send?.('holding');
setInterval(() => {}, 1000);
