import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { catalogueContract } from '../catalogue-contract.test-support.ts';
import { KyselyCatalogue } from '../kysely-catalogue.ts';
import { openSqlite } from './open-sqlite.ts';

const openSqliteCatalogue = async (file: string) => new KyselyCatalogue(await openSqlite(file));

let dir: string;
let files = 0;
const fresh = () => join(dir, `${files++}.sqlite`);
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-catalogue-'));
});
after(() => rm(dir, { recursive: true }));

catalogueContract('SQLite', () => openSqliteCatalogue(fresh()));

const content = {
  contentId: 'a',
  hashOfHashes: `${'A'.repeat(43)}=`,
  contentLength: 1,
  pieceSize: 1_048_576,
  urls: ['http://h/1'],
  policies: {},
  phf: new Uint8Array([1]),
};

test('what was published is there after a restart', async () => {
  const file = fresh();
  const first = await openSqliteCatalogue(file);
  await first.publish(content);
  await first.close();
  const second = await openSqliteCatalogue(file);
  assert.equal((await second.byUrl('http://h/1'))?.contentId, 'a');
  await second.close();
});

test('a file that is no database, or a directory that is not there, is a clear error', async () => {
  const garbage = fresh();
  await writeFile(
    garbage,
    'this is not a database, and long enough to look at its header'.repeat(20),
  );
  for (const file of [garbage, join(dir, 'missing', 'x.sqlite')]) {
    await assert.rejects(openSqliteCatalogue(file), (e) => isSluiceError(e, 'DataDirUnusable'));
  }
});

test('a catalogue of a newer Sluice is refused, not damaged', async () => {
  const file = fresh();
  await (await openSqliteCatalogue(file)).close();
  const db = new DatabaseSync(file);
  db.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-future', '')");
  db.close();
  await assert.rejects(openSqliteCatalogue(file), (e) => isSluiceError(e, 'DataDirUnusable'));
});
