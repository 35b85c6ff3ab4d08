import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { entryPaths, folderNameOf } from './entry-paths.ts';
import { contentOf, storeIn, temporaryFolder, withCode } from './store-fixture.ts';

const pieceSize = 16_384;
const content = contentOf(10 * pieceSize - 100, pieceSize);
const { verified, simple } = content;

function pathsIn(root: string, key = verified.key) {
  return entryPaths(join(root, 'content', folderNameOf(key)));
}

async function newStore(t: TestContext) {
  return storeIn(t, await temporaryFolder(t));
}

test('damaged entries are set aside, told, and no reason to fail', async (t) => {
  const told: string[] = [];
  const root = await temporaryFolder(t);
  const store = await storeIn(t, root, { onDamaged: ({ detail }) => told.push(detail) });
  const { record, folder } = pathsIn(root);
  const good = await readRecord();
  async function readRecord() {
    await (await store.open(verified)).close();
    return JSON.parse(await readFile(record, 'utf8'));
  }
  const damages = [
    '',
    '{',
    'null',
    '[]',
    ' '.repeat(1_048_577),
    ...[
      { version: 2 },
      { key: 5 },
      { key: 'https://example.com/other' },
      { contentLength: -1 },
      { contentLength: 1e300 },
      { pieceSize: 0 },
      { pieceSize: 1e9 },
      { hashOfHashes: {} },
      { validator: '' },
      { seal: { size: 1 } },
      { delivered: 'yes' },
    ].map((change) => JSON.stringify({ ...good, ...change })),
  ];
  for (const text of damages) {
    await (await store.open(verified)).close();
    await writeFile(record, text);
    assert.deepEqual(await store.entries(), [], text.slice(0, 200));
    assert.deepEqual(await readdir(folder), ['lock']);
  }
  assert.equal(told.length, damages.length);
  // What is left without a record is nothing at all, and goes.
  assert.deepEqual(await store.entries(), []);
  await assert.rejects(stat(folder), { code: 'ENOENT' });
  await (await store.open(verified)).close();
  await writeFile(record, '{');
  const entry = await store.open(verified);
  assert.equal(entry.pieces.count, 0);
  assert.equal(told.length, damages.length + 1);
});

test('an entry that cannot be read does not hide the others', async (t) => {
  const told: string[] = [];
  const root = await temporaryFolder(t);
  const store = await storeIn(t, root, { onDamaged: ({ folder }) => told.push(folder) });
  for (const key of ['a', 'b']) await (await store.open({ ...simple, key })).close();
  const { record, folder } = pathsIn(root, 'a');
  await rm(record);
  await symlink(record, record);
  assert.deepEqual(
    (await store.entries()).map((e) => e.description.key),
    ['b'],
  );
  assert.deepEqual(told, [folder]);
});

test('a deletion that a kill cut short is ended at the next start', async (t) => {
  const root = await temporaryFolder(t);
  const left = join(root, 'content', `${folderNameOf('a')}-0123.deleted`);
  await mkdir(left, { recursive: true });
  await writeFile(join(left, 'data'), 'x');
  await storeIn(t, root);
  assert.deepEqual(await readdir(join(root, 'content')), []);
});

test('what cannot be stored is refused before anything is written', async (t) => {
  const store = await newStore(t);
  const { digests: _, hashOfHashes: __, ...bare } = verified;
  const invalid = withCode('InvalidArgument');
  await assert.rejects(store.open({ ...bare, key: '' }), invalid);
  await assert.rejects(store.open({ ...bare, key: 'x'.repeat(9000) }), invalid);
  await assert.rejects(store.open({ ...bare, contentLength: -1 }), invalid);
  await assert.rejects(store.open({ ...bare, contentLength: 2 ** 53 }), invalid);
  await assert.rejects(store.open({ ...bare, contentLength: 2 ** 50 }), invalid);
  await assert.rejects(store.open({ ...bare, pieceSize: 0 }), invalid);
  await assert.rejects(store.open({ ...bare, digests: verified.digests }), invalid);
  await assert.rejects(
    store.open({ ...verified, digests: verified.digests.subarray(32) }),
    invalid,
  );
  const { hashOfHashes } = contentOf(5, pieceSize, 'b').verified;
  await assert.rejects(store.open({ ...verified, hashOfHashes }), withCode('PhfMismatch'));
  await assert.rejects(store.open({ ...bare, job: 'x'.repeat(2 ** 20) }), invalid);
  assert.deepEqual(await store.entries(), []);
});

test('a content that does not fit is refused before anything is fetched', async (t) => {
  const store = await newStore(t);
  const huge = { key: 'huge', contentLength: 2 ** 45, pieceSize: 2 ** 26, validator: '"1"' };
  await assert.rejects(store.open(huge), withCode('DiskFull'));
  await assert.rejects(stat(pathsIn(store.root, 'huge').data), { code: 'ENOENT' });
});

test('content of no bytes is complete at once', async (t) => {
  const store = await newStore(t);
  const empty = contentOf(0, pieceSize);
  for (const d of [empty.verified, empty.simple]) {
    const entry = await store.open({ ...d, key: JSON.stringify(d) });
    assert.ok(entry.pieces.complete);
    assert.equal(
      await entry.sha256(),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    assert.equal(await entry.deliver(join(store.root, 'out'), { keep: false }), 'moved');
    assert.equal((await stat(join(store.root, 'out'))).size, 0);
  }
});

test('remove deletes, keys are not paths, and close closes all', async (t) => {
  const store = await newStore(t);
  const keys = ['../../../etc/passwd', '/', '.', 'a\0b', 'ключ'];
  for (const key of keys) await store.open({ ...simple, key });
  assert.deepEqual(await readdir(store.root), ['content']);
  assert.equal((await store.entries()).length, keys.length);
  await store.close();
  await assert.rejects(store.open(simple), withCode('StoreClosed'));
  const next = await storeIn(t, store.root);
  for (const key of [...keys, 'never there']) await next.remove(key);
  assert.deepEqual(await readdir(join(store.root, 'content')), []);
});

test('a store whose folder cannot be made says so', async (t) => {
  const root = join(await temporaryFolder(t), 'file');
  await writeFile(root, '');
  await assert.rejects(storeIn(t, root), withCode('DiskUnwritable'));
});
