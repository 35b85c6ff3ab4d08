import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import {
  noPostgres,
  type PostgresServer,
  startPostgres,
} from '../../testing/postgres-server.test-support.ts';
import { catalogueContract } from '../catalogue-contract.test-support.ts';
import { openPostgresCatalogue } from './open-postgres-catalogue.ts';

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
