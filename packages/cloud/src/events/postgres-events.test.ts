import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { EventBatch } from '@sluice/protocol';
import { sql } from 'kysely';
import { startCloud } from '../cloud.test-support.ts';
import { postgresDatabase } from '../database/postgres-database.ts';
import { reportsContract } from '../reports/reports-contract.test-support.ts';
import {
  noPostgres,
  type PostgresServer,
  startPostgres,
} from '../testing/postgres-server.test-support.ts';
import { batchOf, completed } from './event-fleet.test-support.ts';
import { EventStore } from './event-store.ts';
import { noPlaces } from './geo/places.ts';
import { deleteOld } from './retention.ts';

describe('events in PostgreSQL', { skip: noPostgres }, () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server.stop());

  reportsContract('PostgreSQL', async () => postgresDatabase(await server.emptyDatabase()));

  test('a cloud is killed while it takes events: sent again to another, each counts once', async (t) => {
    const database = await server.emptyDatabase();
    const other = await startCloud(t, { database });
    const kit = new URL('./killed-cloud.test-kit.ts', import.meta.url);
    const killed = fork(kit, [database]);
    const [url] = (await once(killed, 'message')) as [string];
    const now = Date.now();
    // All of one content on one day: every batch wants the same rows of the sums.
    const batches = Array.from({ length: 40 }, (_, n) =>
      batchOf(`dev-${n % 8}`, [
        completed(now, 'c', { BytesFromCDN: 1, PeersSuccessCount: 1 }),
        completed(now, 'c', { BytesFromPeers: 1 }),
      ]),
    );
    let answered = 0;
    const first = batches.map(async (batch) => {
      const reply = await post(url, batch).catch(() => undefined);
      // Some are answered, some are in its transaction, some wait, some are on their way.
      if (reply && ++answered === 1) killed.kill('SIGKILL');
    });
    const second = batches.slice(0, 20).map((batch) => post(other.cloud.url, batch));
    await Promise.all([...first, ...second]);
    assert.ok(answered > 0);
    for (const batch of batches) {
      const { Accepted, Duplicates } = (await post(other.cloud.url, batch))!;
      assert.equal(Accepted + Duplicates, 2);
    }
    const { json } = await other.admin('/admin/reports/summary');
    const [sums] = json.Rows;
    assert.deepEqual([sums.BytesFromCDN, sums.BytesFromPeers, sums.DeviceCount], [40, 40, 8]);
    const [content] = (await other.admin('/admin/reports/contents')).json.Rows;
    assert.deepEqual(
      [content.BytesFromCDN, content.DeviceCount, content.CompletedCount],
      [40, 8, 8],
    );
  });

  test('one cloud at a time deletes what is old', async () => {
    const url = await server.emptyDatabase();
    const databases = [await postgresDatabase(url), await postgresDatabase(url)];
    const [one, two] = await Promise.all(databases.map((d) => EventStore.open(d, noPlaces)));
    await one!.db.connection().execute(async (connection) => {
      await sql`SELECT pg_advisory_lock(${0x51d1d2})`.execute(connection);
      assert.equal(await deleteOld(two!, { eventDays: 1, sumDays: 1 }, Date.now()), false);
      await sql`SELECT pg_advisory_unlock(${0x51d1d2})`.execute(connection);
    });
    assert.equal(await deleteOld(two!, { eventDays: 1, sumDays: 1 }, Date.now()), true);
    for (const database of databases) await database.close();
  });
});

async function post(url: string, batch: EventBatch) {
  const response = await fetch(`${url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify(batch)),
  });
  const text = await response.text();
  assert.equal(response.status, 202, text);
  return JSON.parse(text) as { Accepted: number; Duplicates: number };
}
