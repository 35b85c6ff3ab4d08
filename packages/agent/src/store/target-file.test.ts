import assert from 'node:assert/strict';
import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FileOps, realFiles } from './file-ops.ts';
import { temporaryFolder } from './store-fixture.ts';
import { TargetFile } from './target-file.ts';

const skip = process.getuid?.() !== 0 && 'only root has groups to give';
const gid = 4_711;

/** A file of the store, and a target in a folder whose files are of its group. */
async function shared(t: TestContext, files: FileOps = realFiles) {
  const folder = await temporaryFolder(t);
  const [data, there] = [join(folder, 'data'), join(folder, 'shared')];
  await writeFile(data, 'the content');
  await mkdir(there);
  await chown(there, 0, gid);
  await chmod(there, 0o2775);
  const target = new TargetFile(data, join(there, 'out'), 'tag', files);
  await target.prepare();
  return { target, out: join(there, 'out') };
}

test('what is moved or linked has the group of files made there', { skip }, async (t) => {
  for (const way of ['move', 'hardLink'] as const) {
    const { target, out } = await shared(t);
    assert.equal(await target[way](), true);
    assert.equal((await stat(out)).gid, gid);
  }
});

test('a group that cannot be given leaves it to a copy', { skip }, async (t) => {
  const chgrp = () => Promise.reject(Object.assign(new Error('not yours'), { code: 'EPERM' }));
  for (const way of ['move', 'hardLink'] as const) {
    const { target, out } = await shared(t, { ...realFiles, chgrp });
    assert.equal(await target[way](), false);
    await assert.rejects(stat(out), { code: 'ENOENT' });
  }
});
