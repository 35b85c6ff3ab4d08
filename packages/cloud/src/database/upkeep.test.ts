import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { isSluiceError } from '@sluice/protocol';
import pg from 'pg';
import { startCloud, temporaryDir } from '../cloud.test-support.ts';
import { databaseChecks } from '../doctor/database-checks.ts';
import {
  noPostgres,
  postgresProgram,
  startPostgres,
} from '../testing/postgres-server.test-support.ts';
import { backup } from './backup.ts';
import type { TableSteps } from './database.ts';
import { migrate } from './migrate.ts';
import { tableSets } from './table-sets.ts';

const run = promisify(execFile);
const missing = (all: TableSteps[]) => all.reduce((n, steps) => n + steps.missing.length, 0);

test('SQLite: the check makes nothing, migrating makes all that a start makes', async (t) => {
  const dir = await temporaryDir(t);
  const dataDir = join(dir, 'data');
  const before = await migrate({ dataDir, check: true });
  assert.ok(!existsSync(dataDir));
  assert.ok(missing(before) > 5);
  assert.deepEqual(await migrate({ dataDir, check: false }), before);
  assert.equal(missing(await migrate({ dataDir, check: true })), 0);
  await startCloud(t, { dataDir });
  // What a cloud opened, and what is looked at: the same.
  const made = (await readdir(dataDir)).filter((name) => name.endsWith('.sqlite'));
  assert.deepEqual(made.sort(), before.map(({ name }) => `${name}.sqlite`).sort());

  const db = new DatabaseSync(join(dataDir, 'catalogue.sqlite'));
  db.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-future', '')");
  db.close();
  const future = (await migrate({ dataDir, check: true })).filter((s) => s.unknown.length > 0);
  assert.deepEqual(
    future.map((s) => [s.name, s.unknown]),
    [['catalogue', ['9999-future']]],
  );
  await assert.rejects(migrate({ dataDir, check: false }), (e) =>
    isSluiceError(e, 'DataDirUnusable'),
  );
});

test('a backup of a cloud that runs is a cloud as it was then', async (t) => {
  const first = await startCloud(t);
  await first.publish();
  const folder = join(await temporaryDir(t), 'monday');
  await backup(first.dataDir, folder);
  for (const bad of [folder, join(first.dataDir, 'x')]) {
    await assert.rejects(backup(first.dataDir, bad), (e) => isSluiceError(e, 'InvalidArgument'));
  }
  await assert.rejects(backup(await temporaryDir(t), `${folder}2`), (e) =>
    isSluiceError(e, 'DataDirUnusable'),
  );
  assert.ok(!existsSync(`${folder}2`));
  const restored = await startCloud(t, { dataDir: folder });
  assert.equal(restored.token, first.token);
  const { json } = await restored.admin('/admin/content');
  assert.equal(json.Contents.length, 1);
});

test('PostgreSQL: migrated once by whoever is first; what was dumped is restored', {
  skip: noPostgres,
}, async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  const database = await server.emptyDatabase();
  const dataDir = await temporaryDir(t);
  assert.ok(missing(await migrate({ dataDir, database, check: true })) > 5);
  await Promise.all([1, 2].map(() => migrate({ dataDir, database, check: false })));
  assert.equal(missing(await migrate({ dataDir, database, check: true })), 0);
  const client = new pg.Client(database);
  await client.connect();
  const { rows } = await client.query(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^migration_.*(?<!_lock)$'",
  );
  await client.end();
  const tables = tableSets(true).map(({ name }) => `migration_${name.replaceAll('-', '_')}`);
  assert.deepEqual(rows.map(({ relname }) => relname).sort(), tables.sort());
  const findings = await databaseChecks({ dataDir, database }, Date.now);
  assert.deepEqual(
    findings.map(({ Name, Result }) => [Name, Result]),
    ['Database', 'Database version', 'Clock'].map((name) => [name, 'Ok']),
  );

  const first = await startCloud(t, { database });
  await first.publish();
  await first.cloud.close();
  const dump = join(dataDir, 'dump');
  await run(postgresProgram('pg_dump'), ['--format=custom', `--file=${dump}`, database]);
  await server.emptyDatabase();
  // As docs/cloud.md says.
  const options = ['--no-owner', '--clean', '--if-exists', '--single-transaction'];
  await run(postgresProgram('pg_restore'), [...options, `--dbname=${database}`, dump]);
  const second = await startCloud(t, { database });
  assert.equal((await second.admin('/admin/content')).json.Contents.length, 1);
});
