import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskError } from './disk-error.ts';
import { contentOf, memoryDisk, pieceOf, storeIn, withCode, writePieces } from './store-fixture.ts';

const content = contentOf(3 * 1_048_576, 262_144);

test('a disk that fills up in the middle fails writes clearly, and they work when there is room again', async (t) => {
  const disk = await memoryDisk(t, '4m');
  if (!disk) return;
  const store = await storeIn(t, disk);
  const entry = await store.open(content.verified);
  await writePieces(entry, content, [0, 1]);
  const hog = join(disk, 'hog');
  await writeFile(hog, Buffer.alloc(3 * 1_048_576));
  const results = await Promise.allSettled(
    [2, 3, 4, 5].map((i) => entry.writePiece(i, pieceOf(content, i), 0)),
  );
  const failed = results.filter((r) => r.status === 'rejected');
  assert.ok(failed.length > 0 && failed.every((r) => withCode('DiskFull')(r.reason)));
  assert.equal(entry.pieces.count, 6 - failed.length);
  await rm(hog);
  await writePieces(entry, content);
  await entry.close();
  const reopened = await store.open(content.verified);
  assert.ok(reopened.pieces.complete);
  assert.equal(await reopened.deliver(join(disk, 'out'), { keep: false }), 'moved');
});

test('what other open entries still have to write is not free', async (t) => {
  const disk = await memoryDisk(t, '4m');
  if (!disk) return;
  const store = await storeIn(t, disk);
  const entry = await store.open(content.verified);
  const second = { ...content.verified, key: 'second' };
  await assert.rejects(store.open(second), withCode('DiskFull'));
  await entry.close();
  await store.remove(content.verified.key);
  await (await store.open(second)).close();
});

test('what can be spared makes room for a new content', async (t) => {
  const disk = await memoryDisk(t, '4m');
  if (!disk) return;
  const asked: number[] = [];
  const store = await storeIn(t, disk, {
    async makeRoom(bytes) {
      asked.push(bytes);
      await store.remove(content.verified.key);
    },
  });
  const old = await store.open(content.verified);
  await writePieces(old, content);
  await old.close();
  await (await store.open({ ...content.verified, key: 'second' })).close();
  assert.equal(asked.length, 1);
  assert.ok(asked[0]! >= content.bytes.length);
});

test('system errors become those of the catalogue, in the store and at the target', () => {
  const codeOf = (code: string, place: 'store' | 'target') =>
    diskError(Object.assign(new Error(code), { code }), '/x', place).code;
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) assert.equal(codeOf(code, 'store'), 'DiskFull');
  for (const code of ['EIO', 'ESTALE']) assert.equal(codeOf(code, 'target'), 'DiskFailed');
  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EBUSY']) {
    assert.equal(codeOf(code, 'store'), 'DiskUnwritable');
    assert.equal(codeOf(code, 'target'), 'TargetUnwritable');
  }
  assert.equal(codeOf('ERR_OUT_OF_RANGE', 'store'), 'Internal');
  assert.equal(diskError('text', '/x').code, 'Internal');
});
