import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { JobTarget } from './job-target.ts';

test('a file of another time is not its own, though it has the number of the one that was', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-target-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'out');
  const made = new JobTarget(path, true);
  made.create();
  const { Own } = made.memory;
  assert.ok(Own?.birthtimeMs !== undefined);
  new JobTarget(path, true, { Own: { ...Own, birthtimeMs: Own.birthtimeMs - 1 } }).remove();
  assert.equal(existsSync(path), true);
  // As it is read from the disk after a restart, by this version or an earlier one.
  new JobTarget(path, true, { Own: JSON.parse(JSON.stringify(Own)) }).remove();
  assert.equal(existsSync(path), false);
  const older = new JobTarget(path, true);
  older.create();
  const { dev, ino } = older.memory.Own!;
  new JobTarget(path, true, { Own: { dev, ino } }).remove();
  assert.equal(existsSync(path), false);
});
