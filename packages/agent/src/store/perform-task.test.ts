import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { performTask } from './perform-task.ts';

test('a piece of many writes and a rest is in the file whole, at its place; a wrong one not at all', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-piece-'));
  await using data = await open(path.join(folder, 'data'), 'w+');
  await using journal = await open(path.join(folder, 'journal'), 'w+');
  try {
    const length = 3 * 65_536 + 5;
    const memory = new SharedArrayBuffer(7 + length);
    const piece = new Uint8Array(memory, 7);
    for (let i = 0; i < length; i++) piece[i] = (i * 31 + (i >> 16)) & 255;
    const task = {
      ...{ memory, offset: 7, length, fd: data.fd, position: 11 },
      digest: hash('sha256', piece, 'buffer'),
      ...{ journalFd: journal.fd, journalPosition: 2, record: Buffer.from('done') },
    };
    assert.equal(performTask({ ...task, digest: Buffer.alloc(32) }), 'mismatch');
    assert.equal((await data.stat()).size + (await journal.stat()).size, 0);
    assert.equal(performTask(task), 'written');
    const written = await readFile(path.join(folder, 'data'));
    assert.deepEqual(written.subarray(11), Buffer.from(piece));
    assert.equal(await readFile(path.join(folder, 'journal'), 'latin1'), '\0\0done');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
