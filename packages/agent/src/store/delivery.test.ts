import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkTarget } from './check-target.ts';
import type { ContentDescription } from './content-description.ts';
import {
  contentOf,
  memoryDisk,
  readPiece,
  storeIn,
  type TestStore,
  temporaryFolder,
  withCode,
  writePieces,
} from './store-fixture.ts';

const content = contentOf(10 * 65_536 - 3, 65_536);
const unwritable = withCode('TargetUnwritable');

/** A store with the content complete, and a folder beside it to deliver to. */
async function complete(t: TestContext, d: ContentDescription = content.verified) {
  const folder = await temporaryFolder(t);
  const store = await storeIn(t, join(folder, 'store'));
  const entry = await store.open(d);
  await writePieces(entry, content);
  return { folder, store, entry, out: join(folder, 'out.bin') };
}

/** Nothing but these files in the folder: no temporary file was left. */
async function assertOnly(folder: string, ...names: string[]): Promise<void> {
  assert.deepEqual((await readdir(folder)).sort(), names.toSorted());
}

async function isContent(path: string): Promise<boolean> {
  return (await readFile(path)).equals(content.bytes);
}

async function storedKeys(store: TestStore): Promise<string[]> {
  return (await store.entries()).map((e) => e.description.key);
}

test('moves the file when it is not kept, and the entry is gone', async (t) => {
  const { folder, store, entry, out } = await complete(t);
  await writeFile(out, 'an older file');
  assert.equal(await entry.deliver(out, { keep: false }), 'moved');
  assert.ok(await isContent(out));
  await assertOnly(folder, 'out.bin', 'store');
  assert.deepEqual(await storedKeys(store), []);
  await assert.rejects(readPiece(entry, content, 0), withCode('StoreClosed'));
  await assert.rejects(entry.deliver(out, { keep: false }), withCode('StoreClosed'));
  await entry.close();
  assert.equal((await store.open(content.verified)).pieces.count, 0);
});

test('keeps serving when it is kept, also after a new start', async (t) => {
  const { folder, store, entry, out } = await complete(t);
  await writeFile(out, 'an older file');
  const placement = await entry.deliver(out, { keep: true });
  // By the file system of the machine: ext4 cannot reflink.
  assert.ok(placement === 'reflinked' || placement === 'linked');
  assert.ok(await isContent(out));
  await assertOnly(folder, 'out.bin', 'store');
  assert.ok(
    (await readPiece(entry, content, 3)).equals(content.bytes.subarray(3 * 65_536, 4 * 65_536)),
  );
  await entry.close();
  assert.deepEqual(
    (await store.entries()).map((e) => e.delivered),
    [true],
  );
  assert.ok((await store.open(content.verified)).pieces.complete);
});

test('the same path again, and a second path, are no trouble', async (t) => {
  const { folder, entry, out } = await complete(t);
  const first = await entry.deliver(out, { keep: true });
  assert.equal(await entry.deliver(out, { keep: true }), first === 'linked' ? 'copied' : first);
  const other = join(folder, 'other.bin');
  await entry.deliver(other, { keep: true });
  const inodes = await Promise.all([out, other].map(async (path) => (await stat(path)).ino));
  assert.notEqual(inodes[0], inodes[1]);
  await appendFile(out, 'mine');
  assert.ok(await isContent(other));
  const last = join(folder, 'last.bin');
  await entry.deliver(last, { keep: false });
  assert.ok((await isContent(last)) && (await isContent(other)));
  assert.notEqual((await stat(last)).ino, inodes[1]);
  await assertOnly(folder, 'last.bin', 'other.bin', 'out.bin', 'store');
});

test('a linked file that its user changed is served no more, and never written to', async (t) => {
  for (const d of [content.verified, content.simple]) {
    const { store, entry, out, folder } = await complete(t, d);
    if ((await entry.deliver(out, { keep: true })) !== 'linked') {
      t.skip('the file system reflinks');
      return;
    }
    await appendFile(out, 'x');
    const changed = withCode('ContentChanged');
    await assert.rejects(readPiece(entry, content, 0), changed);
    assert.equal(entry.pieces.count, 0);
    await assert.rejects(entry.deliver(join(folder, 'b'), { keep: true }));
    await entry.close();
    const reopened = await store.open(d);
    assert.equal(reopened.pieces.count, 0);
    await writePieces(reopened, content);
    assert.equal((await readFile(out, 'latin1')).at(-1), 'x');
    await reopened.reset();
    assert.equal((await stat(out)).size, content.bytes.length + 1);
  }
});

test('a change of the same size, right after delivery, is noticed', async (t) => {
  const { store, entry, out } = await complete(t);
  const linked = (await entry.deliver(out, { keep: true })) === 'linked';
  await entry.close();
  const bytes = Buffer.from(content.bytes);
  bytes[0]! ^= 1;
  await writeFile(out, bytes, { flag: 'r+' });
  assert.equal((await store.open(content.verified)).pieces.count, linked ? 0 : 10);
  assert.ok((await readFile(out)).equals(bytes));
});

test('deleting or replacing the delivered file does not touch the stored one', async (t) => {
  const { store, entry, out } = await complete(t);
  await entry.deliver(out, { keep: true });
  await rm(out);
  await writeFile(out, 'something else');
  await entry.close();
  assert.ok((await store.open(content.verified)).pieces.complete);
});

test('files get the mode that new files get here', async (t) => {
  const before = process.umask(0o027);
  try {
    const { folder, entry, out } = await complete(t);
    await writeFile(out, '', { mode: 0o600 });
    process.umask(0o022);
    for (const keep of [true, false]) {
      await entry.deliver(out, { keep });
      assert.equal((await stat(out)).mode & 0o777, process.platform === 'win32' ? 0o666 : 0o644);
    }
    await assertOnly(folder, 'out.bin', 'store');
  } finally {
    process.umask(before);
  }
});

test('a target that cannot be is refused, by name and reason, and the entry stays', async (t) => {
  const { folder, entry, out } = await complete(t);
  await mkdir(join(folder, 'dir'));
  await writeFile(join(folder, 'file'), '');
  await symlink('nowhere', join(folder, 'dangling'));
  await symlink('loop', join(folder, 'loop'));
  const targets = [
    join(folder, 'none', 'out'),
    join(folder, 'dir'),
    join(folder, 'file', 'out'),
    join(folder, 'dangling'),
    join(folder, 'loop'),
    join(folder, 'x'.repeat(300)),
    ...(process.platform === 'win32' ? [] : ['/dev/null']),
  ];
  for (const path of targets) {
    for (const keep of [true, false]) {
      await assert.rejects(entry.deliver(path, { keep }), unwritable, path);
    }
  }
  await assert.rejects(checkTarget(join(folder, 'none', 'out')), unwritable);
  assert.ok(!(await lstat('/dev/null')).isFile());
  await entry.deliver(out, { keep: false });
  assert.ok(await isContent(out));
  await assertOnly(folder, 'dangling', 'dir', 'file', 'loop', 'out.bin', 'store');
});

test('a symbolic link is followed: the file it names is replaced, not the link', async (t) => {
  const { folder, entry } = await complete(t);
  await mkdir(join(folder, 'dir'));
  const real = join(folder, 'dir', 'real');
  await writeFile(real, 'old');
  await symlink(real, join(folder, 'link'));
  await entry.deliver(join(folder, 'link'), { keep: false });
  assert.ok((await lstat(join(folder, 'link'))).isSymbolicLink());
  assert.ok(await isContent(real));
});

test('a folder without leave to write is refused', async (t) => {
  const { folder, entry, out } = await complete(t);
  const locked = join(folder, 'locked');
  if (process.getuid?.() === 0) {
    const disk = await memoryDisk(t, '2m');
    if (!disk) return;
    assert.equal(spawnSync('mount', ['-o', 'remount,ro', disk]).status, 0);
    await symlink(disk, locked);
  } else {
    await mkdir(locked, { mode: 0o555 });
  }
  await assert.rejects(checkTarget(join(locked, 'out')), unwritable);
  for (const keep of [true, false]) {
    await assert.rejects(entry.deliver(join(locked, 'out'), { keep }), unwritable);
  }
  await entry.deliver(out, { keep: false });
  if (process.getuid?.() !== 0) await chmod(locked, 0o755);
});

test('copies to another file system, kept or not', async (t) => {
  const { entry } = await complete(t);
  const disk = await memoryDisk(t, '4m');
  if (!disk) return;
  const out = join(disk, 'out.bin');
  await writeFile(out, 'an older file');
  assert.equal(await entry.deliver(out, { keep: true }), 'copied');
  assert.ok(await isContent(out));
  assert.equal(await entry.deliver(out, { keep: false }), 'copied');
  assert.ok(await isContent(out));
  await assertOnly(disk, 'out.bin');
});

test('a full target disk is told before a byte is copied', async (t) => {
  const { entry, folder } = await complete(t);
  const disk = await memoryDisk(t, '256k');
  if (!disk) return;
  for (const keep of [true, false]) {
    await assert.rejects(entry.deliver(join(disk, 'out'), { keep }), withCode('DiskFull'));
  }
  await assertOnly(disk);
  await entry.deliver(join(folder, 'out'), { keep: false });
});

test('a cancelled copy leaves nothing behind', async (t) => {
  const { entry, folder, out } = await complete(t);
  await entry.deliver(out, { keep: true });
  const copy = entry.deliver(join(folder, 'copy'), { keep: true }, AbortSignal.abort());
  // Only a copy takes long enough to be cancelled.
  const cancelled = await copy.then(
    (placement) => placement === 'reflinked',
    (error) => withCode('Cancelled')(error),
  );
  assert.ok(cancelled);
  await assertOnly(
    folder,
    'out.bin',
    'store',
    ...((await hasFile(join(folder, 'copy'))) ? ['copy'] : []),
  );
});

async function hasFile(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

test('what is not complete is not delivered', async (t) => {
  const folder = await temporaryFolder(t);
  const entry = await (await storeIn(t, join(folder, 'store'))).open(content.verified);
  await assert.rejects(entry.deliver(join(folder, 'out'), { keep: true }), withCode('Internal'));
  await assert.rejects(entry.sha256(), withCode('Internal'));
  await assertOnly(folder, 'store');
});

test('a data file with a second name is copied, not given away', async (t) => {
  const { store, entry, out } = await complete(t);
  const [name] = await readdir(join(store.root, 'content'));
  await link(join(store.root, 'content', name!, 'data'), `${out}.mine`);
  assert.equal(await entry.deliver(out, { keep: false }), 'copied');
});

test('sha256 is that of the file', async (t) => {
  const { entry, out } = await complete(t);
  const digest = await entry.sha256();
  await entry.deliver(out, { keep: true });
  const expected = spawnSync(process.execPath, [
    '-p',
    `crypto.createHash('sha256').update(fs.readFileSync(${JSON.stringify(out)})).digest('hex')`,
  ]).stdout.toString();
  assert.equal(digest, expected.trim());
  await assert.rejects(entry.sha256(AbortSignal.abort()), withCode('Cancelled'));
});
