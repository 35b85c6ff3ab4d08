import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { breakGlass } from '../admin/access/authenticate.ts';
import { adminContract, anEvent, assertChain } from '../admin/admin-contract.test-support.ts';
import { AuditLog } from '../admin/audit/audit-log.ts';
import { openAdmin } from '../admin/users/open-admin.ts';
import { CacheNodes } from '../cache-nodes/cache-nodes.ts';
import { catalogueContract } from '../catalogue/catalogue-contract.test-support.ts';
import { KyselyCatalogue } from '../catalogue/kysely-catalogue.ts';
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
  adminContract('PostgreSQL', async () => postgresDatabase(await server.emptyDatabase()));

  test('what one cloud says of admins holds at the other at once, and both write one audit log', async () => {
    const url = await server.emptyDatabase();
    const databases = await Promise.all([postgresDatabase(url), postgresDatabase(url)]);
    const now = () => 1_000;
    const [one, two] = await Promise.all(databases.map((d) => openAdmin(d, now)));
    const user = { name: 'anna', tenant: 'default', role: 'viewer', password: 'x' } as const;
    const anna = await one!.users.create(user, breakGlass);
    const key = await two!.sessions.begin(anna);
    const session = await one!.sessions.find(key);
    assert.equal(session?.user.name, 'anna');
    const given = { name: 'ci', tenant: 'default', role: 'viewer', expires_at: null } as const;
    const { token } = await one!.tokens.create(given, breakGlass);
    assert.equal((await two!.tokens.find(token))?.name, 'ci');
    await two!.tokens.revoke('ci', breakGlass);
    assert.equal(await one!.tokens.find(token), undefined);
    await two!.sessions.end(session.digest);
    assert.equal(await one!.sessions.find(key), undefined);
    // Guesses at one cloud and at the other are counted together.
    const guesses = Array.from({ length: 12 }, (_, i) => [one, two][i % 2]!.attempts);
    const taken = await Promise.allSettled(guesses.map((a, i) => a.take(`10.0.0.${i}`, 'anna')));
    assert.equal(taken.filter((t) => t.status === 'rejected').length, 2);

    const logs = await Promise.all(databases.map((d) => AuditLog.open(d, now)));
    await Promise.all(Array.from({ length: 20 }, (_, i) => logs[i % 2]!.append(anEvent)));
    const page = { newestFirst: false, after: undefined, limit: 100 };
    const entries = await logs[0]!.list(page);
    assert.deepEqual(
      entries.map((e) => e.Seq),
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    assertChain(entries);
    for (const database of databases) await database.close();
  });

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
