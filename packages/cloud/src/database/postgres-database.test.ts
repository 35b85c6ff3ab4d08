import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { CacheNodes } from '../cache-nodes/cache-nodes.ts';
import { catalogueContract } from '../catalogue/catalogue-contract.test-support.ts';
import { KyselyCatalogue } from '../catalogue/kysely-catalogue.ts';
import { ingestContract } from '../hash-log/hash-log-contract.test-support.ts';
import { settingsRow } from '../settings/settings-text.ts';
import {
  noPostgres,
  type PostgresServer,
  startPostgres,
} from '../testing/postgres-server.test-support.ts';
import { postgresDatabase } from './postgres-database.ts';

describe('PostgreSQL', { skip: noPostgres }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  catalogueContract('PostgreSQL', async () => postgresDatabase(await server.emptyDatabase()));

  ingestContract('PostgreSQL', async () => postgresDatabase(await server.emptyDatabase()));

  test('clouds that start together make the tables once, and see what the other published', async () => {
    const url = await server.emptyDatabase();
    const databases = await Promise.all([postgresDatabase(url), postgresDatabase(url)]);
    const [one, two] = await Promise.all(databases.map((d) => KyselyCatalogue.open(d)));
    await one!.publish({
      contentId: 'a',
      hashOfHashes: `${'A'.repeat(43)}=`,
      contentLength: 2 ** 40,
      pieceSize: 1_048_576,
      urls: ['http://h/1'],
      policies: {},
      phf: new Uint8Array([1]),
    });
    assert.equal((await two!.byUrl('http://h/1'))?.contentLength, 2 ** 40);
    for (const database of databases) await database.close();
  });

  test('a cache node that one cloud made registers with another', async () => {
    const url = await server.emptyDatabase();
    const databases = await Promise.all([postgresDatabase(url), postgresDatabase(url)]);
    const [one, two] = await Promise.all(databases.map((d) => CacheNodes.open(d, () => 1_000)));
    const key = await one!.create('site-1', {
      Cidrs: ['10.0.0.0/8'],
      MaxAllowableEgressInMbps: null,
      IsEnabled: true,
      Drives: [],
    });
    const { name } = await two!.register(key);
    assert.equal(name, 'site-1');
    await assert.rejects(one!.register(key), (e) => isSluiceError(e, 'NotAuthorized'));
    for (const database of databases) await database.close();
  });

  test('of two changes to the settings from one state the second is refused', async () => {
    const database = await postgresDatabase(await server.emptyDatabase());
    const row = await settingsRow(database);
    assert.equal(await row.read(), '');
    assert.deepEqual(
      [await row.replace('', 'a'), await row.replace('', 'b'), await row.replace('a', 'c')],
      [true, false, true],
    );
    assert.equal(await row.replace('a', 'd'), false);
    assert.equal(await row.read(), 'c');
    await database.close();
  });

  test('no database, or no URL of one, is a clear error that holds no password', async () => {
    await assert.rejects(postgresDatabase('mysql://h'), (e) => isSluiceError(e, 'InvalidArgument'));
    const nobody = 'postgres://u:geheim@127.0.0.1:1/d';
    await assert.rejects(postgresDatabase(nobody), (e) => {
      assert.ok(isSluiceError(e, 'StoreUnavailable'));
      return !e.message.includes('geheim');
    });
  });
});
