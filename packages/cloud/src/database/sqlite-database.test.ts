import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { adminContract } from '../admin/admin-contract.test-support.ts';
import { catalogueContract } from '../catalogue/catalogue-contract.test-support.ts';
import { KyselyCatalogue } from '../catalogue/kysely-catalogue.ts';
import { sqliteDatabase } from './sqlite-database.ts';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-database-'));
});
after(() => rm(root, { recursive: true }));
const fresh = () => mkdtemp(join(root, 'x'));

catalogueContract('SQLite', async () => sqliteDatabase(await fresh()));
adminContract('SQLite', async () => sqliteDatabase(await fresh()));

const content = {
  contentId: 'a',
  hashOfHashes: `${'A'.repeat(43)}=`,
  contentLength: 1,
  pieceSize: 1_048_576,
  urls: ['http://h/1'],
  policies: {},
  phf: new Uint8Array([1]),
};

const refuses = (folder: string) =>
  assert.rejects(KyselyCatalogue.open(sqliteDatabase(folder)), (e) =>
    isSluiceError(e, 'DataDirUnusable'),
  );

test('what was published is there after a restart', async () => {
  const folder = await fresh();
  const first = sqliteDatabase(folder);
  await (await KyselyCatalogue.open(first)).publish(content);
  await first.close();
  const second = sqliteDatabase(folder);
  assert.equal((await (await KyselyCatalogue.open(second)).byUrl('http://h/1'))?.contentId, 'a');
  await second.close();
});

test('a file that is no database, or a directory that is not there, is a clear error', async () => {
  const folder = await fresh();
  await writeFile(
    join(folder, 'catalogue.sqlite'),
    'this is not a database, and long enough to look at its header'.repeat(20),
  );
  await refuses(folder);
  await refuses(join(folder, 'missing'));
});

test('tables of a newer Sluice are refused, not damaged', async () => {
  const folder = await fresh();
  const database = sqliteDatabase(folder);
  await KyselyCatalogue.open(database);
  await database.close();
  const db = new DatabaseSync(join(folder, 'catalogue.sqlite'));
  db.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-future', '')");
  db.close();
  await refuses(folder);
});
