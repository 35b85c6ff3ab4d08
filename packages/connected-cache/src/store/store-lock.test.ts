import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { temporaryFolder } from '../testing/harness.ts';
import { lockStore } from './store-lock.ts';

test('gives a folder to one at a time, also one with a long path', async (t) => {
  const folder = join(await temporaryFolder(t), 'x'.repeat(200));
  await mkdir(folder);
  const unlock = await lockStore(folder);
  await assert.rejects(lockStore(folder), (error) => isSluiceError(error, 'CacheBusy'));
  await unlock();
  await (await lockStore(folder))();
});

test('takes over from a node that was killed', async (t) => {
  const folder = await temporaryFolder(t);
  // A socket without its owner, as a killed process leaves it.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'left'), resolve));
  const { rename } = await import('node:fs/promises');
  await rename(join(folder, 'left'), join(folder, 'lock'));
  await new Promise((resolve) => server.close(resolve));
  await (await lockStore(folder))();
});
