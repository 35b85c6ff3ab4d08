import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  assertBytes,
  get,
  KiB,
  MiB,
  type Reply,
  randomBytesOf,
  sourceAndNode,
} from './testing/harness.ts';

const skip = process.getuid?.() === 0 ? false : 'only root can make a small disk';

test('a disk that is full while several fills write to it costs no wrong byte', {
  skip,
}, async (t) => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'sluice-cache-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', cacheDir]);
  const tuning = { pieceSize: 256 * KiB };
  const { source, node } = await sourceAndNode(t, { cacheDir, tuning });
  // After the node has let go of it.
  t.after(async () => {
    execFileSync('umount', ['-l', cacheDir]);
    await rmdir(cacheDir);
  });
  const objects = [0, 1, 2, 3].map(() => randomBytesOf(4 * MiB));
  for (const [i, bytes] of objects.entries()) source.put(`/${i}`, { bytes });
  let whole = 0;
  for (let round = 0; round < 3; round++) {
    const asking = objects.map((_, i) => get(node, source, `/${i}`).catch(() => undefined));
    for (const [i, reply] of (await Promise.all<Reply | undefined>(asking)).entries()) {
      if (reply?.status !== 200) continue;
      assertBytes(reply.body, objects[i]!);
      whole++;
    }
  }
  assert.ok(whole >= 8, `${whole} of 12: those after the first failure are passed through`);
  assert.ok(node.stats().CacheBytes <= 6 * MiB);
});
