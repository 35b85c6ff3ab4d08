import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { performAside, performTask } from './perform-task.ts';
import { temporaryFolder } from './store-fixture.ts';

/** Two open files, and a piece for them. */
async function pieceTask(t: TestContext, length: number) {
  const folder = await temporaryFolder(t);
  const data = await open(path.join(folder, 'data'), 'w+');
  const journal = await open(path.join(folder, 'journal'), 'w+');
  t.after(() => Promise.all([data.close(), journal.close()]));
  const memory = new SharedArrayBuffer(7 + length);
  const piece = new Uint8Array(memory, 7);
  for (let i = 0; i < length; i++) piece[i] = (i * 31 + (i >> 16)) & 255;
  const task = {
    ...{ memory, offset: 7, length, fd: data.fd, position: 11 },
    digest: hash('sha256', piece, 'buffer'),
    ...{ journalFd: journal.fd, journalPosition: 2, record: Buffer.from('done') },
  };
  const sizes = () => [data, journal].map(({ fd }) => fstatSync(fd).size);
  const checkFiles = async () => {
    const written = await readFile(path.join(folder, 'data'));
    assert.deepEqual(written.subarray(11), Buffer.from(piece));
    assert.equal(await readFile(path.join(folder, 'journal'), 'latin1'), '\0\0done');
  };
  return { task, wrong: { ...task, digest: Buffer.alloc(32) }, sizes, checkFiles };
}

/** @param calls how many the disk is prompt for. */
function diskFor(calls: number) {
  let made = 0;
  return {
    get isPrompt() {
      return made < calls;
    },
    run<T>(call: () => T): T {
      made++;
      return call();
    },
  };
}

test('a piece of many writes and a rest is in the file whole, at its place; a wrong one not at all', async (t) => {
  const { task, wrong, sizes, checkFiles } = await pieceTask(t, 3 * 65_536 + 5);
  assert.equal(performTask(wrong), 'mismatch');
  assert.deepEqual(sizes(), [0, 0]);
  assert.equal(performTask(task), 'written');
  await checkFiles();
});

test('aside, a prompt disk has it at once; where it gets slow the rest is left to the pool', async (t) => {
  const { task, wrong, sizes, checkFiles } = await pieceTask(t, 3 * 65_536 + 5);
  assert.equal(await performAside(wrong, diskFor(99)), 'mismatch');
  assert.deepEqual(sizes(), [0, 0]);
  const prompt = performAside(task, diskFor(99));
  assert.equal(sizes()[0], 11 + task.length);
  assert.equal(await prompt, 'written');
  await checkFiles();
  for (const calls of [0, 3, 7]) {
    const other = await pieceTask(t, 3 * 65_536 + 5);
    assert.equal(await performAside(other.task, diskFor(calls)), 'written');
    await other.checkFiles();
  }
});

test('of a large piece no more than 2 MiB are written in one go', async (t) => {
  const { task, checkFiles } = await pieceTask(t, (3 << 20) + 1);
  const disk = diskFor(Number.POSITIVE_INFINITY);
  const run = t.mock.method(disk, 'run');
  assert.equal(await performAside(task, disk), 'written');
  await checkFiles();
  assert.equal(run.mock.callCount(), 64 + 1, 'and the journal');
});
