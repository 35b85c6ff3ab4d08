import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { acquireLock, type EntryLock, lockOwner } from './entry-lock.ts';
import { temporaryFolder } from './store-fixture.ts';

async function take(folder: string): Promise<EntryLock> {
  const lock = await acquireLock(folder);
  assert.ok(typeof lock !== 'string', `held by ${lock}`);
  return lock;
}

/** The text of a lock that this process holds. */
async function ownText(folder: string): Promise<Record<string, unknown>> {
  await take(folder);
  const [name] = await readdir(folder);
  return JSON.parse(await readFile(join(folder, name!), 'utf8'));
}

test('one holds it; when it is given back the next takes it', async (t) => {
  const folder = join(await temporaryFolder(t), 'lock');
  for (let round = 0; round < 3; round++) {
    const lock = await take(folder);
    assert.equal(await acquireLock(folder), `process ${process.pid}`);
    await lock.release();
    assert.equal((await readdir(folder)).length, 1);
  }
});

test('who only looks learns of the holder, and leaves all as it is', async (t) => {
  const folder = join(await temporaryFolder(t), 'none', 'lock');
  assert.equal(await lockOwner(folder), undefined);
  await mkdir(folder, { recursive: true });
  assert.equal(await lockOwner(folder), undefined);
  const lock = await take(folder);
  const before = await readdir(folder);
  assert.equal(await lockOwner(folder), `process ${process.pid}`);
  assert.deepEqual(await readdir(folder), before);
  await lock.release();
  assert.equal(await lockOwner(folder), undefined);
});

test('of many that try at once one wins', async (t) => {
  const folder = join(await temporaryFolder(t), 'lock');
  for (let round = 0; round < 10; round++) {
    const results = await Promise.all(Array.from({ length: 8 }, () => acquireLock(folder)));
    const locks = results.filter((r) => typeof r !== 'string');
    assert.equal(locks.length, 1);
    await locks[0]!.release();
  }
});

test('the lock of a process that is no more is taken over', async (t) => {
  const parent = await temporaryFolder(t);
  const own = await ownText(join(parent, 'own'));
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const stale = [
    { ...own, pid: dead },
    // The pid was given to another process: this one, which started at another time.
    { ...own, started: '1' },
    // The machine was started again since.
    { ...own, boot: '00'.repeat(15) },
    { ...own, boot: `${'11'.repeat(16)}` },
  ].map((owner) => JSON.stringify(owner));
  const garbage = ['', 'free', '{', 'null', '{"pid":-1,"started":"","boot":""}', '{"pid":"1"}'];
  for (const [i, text] of [...stale, ...garbage].entries()) {
    const folder = join(parent, `${i}`);
    await mkdir(folder);
    await writeFile(join(folder, '41'), text);
    await writeFile(join(folder, 'new-leftover'), text);
    const lock = await take(folder);
    assert.equal(await acquireLock(folder), `process ${process.pid}`, text);
    await lock.release();
  }
});

test('the parent must be there to take it, the folder need not be to give it back', async (t) => {
  const parent = await temporaryFolder(t);
  await assert.rejects(acquireLock(join(parent, 'none', 'lock')), { code: 'ENOENT' });
  const lock = await take(join(parent, 'lock'));
  await rm(join(parent, 'lock'), { recursive: true });
  await lock.release();
});

test('processes that come, hold it, and are killed never hold it together', async (t) => {
  const parent = await temporaryFolder(t);
  const script = new URL('./entry-lock-contender.ts', import.meta.url);
  const contend = async () => {
    const child = fork(script, [parent], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let errors = '';
    child.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    // Told while it holds the lock: killed there, by nobody's leave.
    child.on('message', () => child.kill('SIGKILL'));
    const [, signal] = await once(child, 'close');
    assert.equal(errors, '');
    assert.equal(signal, 'SIGKILL');
  };
  await Promise.all(Array.from({ length: 4 }, contend));
  assert.equal((await readFile(join(parent, 'held'), 'utf8')).length, 4 * 21);
});
