import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { settingsRow } from '../../settings/settings-text.ts';
import {
  noPostgres,
  type PostgresServer,
  startPostgres,
} from '../../testing/postgres-server.test-support.ts';
import { catalogueContract } from '../catalogue-contract.test-support.ts';
import { openPostgres, postgresCatalogue } from './open-postgres.ts';

const openPostgresCatalogue = async (url: string) => postgresCatalogue(await openPostgres(url));

describe('PostgreSQL', { skip: noPostgres }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  catalogueContract('PostgreSQL', async () => openPostgresCatalogue(await server.emptyDatabase()));

  test('clouds that start together make the tables once, and see what the other published', async () => {
    const url = await server.emptyDatabase();
    const opened = [openPostgresCatalogue(url), openPostgresCatalogue(url)];
    const [one, two] = await Promise.all(opened);
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
    for (const catalogue of [one, two]) await catalogue!.close();
  });

  test('of two changes to the settings from one state the second is refused', async () => {
    const db = await openPostgres(await server.emptyDatabase());
    const row = settingsRow(db);
    assert.equal(await row.read(), '');
    assert.deepEqual(
      [await row.replace('', 'a'), await row.replace('', 'b'), await row.replace('a', 'c')],
      [true, false, true],
    );
    assert.equal(await row.replace('a', 'd'), false);
    assert.equal(await row.read(), 'c');
    await db.destroy();
  });

  test('no database, or no URL of one, is a clear error that holds no password', async () => {
    await assert.rejects(openPostgresCatalogue('mysql://h'), (e) =>
      isSluiceError(e, 'InvalidArgument'),
    );
    const nobody = 'postgres://u:geheim@127.0.0.1:1/d';
    await assert.rejects(openPostgresCatalogue(nobody), (e) => {
      assert.ok(isSluiceError(e, 'StoreUnavailable'));
      return !e.message.includes('geheim');
    });
  });
});
