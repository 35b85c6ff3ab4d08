/**
 * How long reports take over many events in PostgreSQL: `npm run bench:reports -- --events 10000000`. Events are
 * made in the database, their sums by the statements of the ingest; then every report is read as the API
 * reads it. `--database URL` measures one that a cloud has filled; nothing is made there.
 */
import { parseArgs } from 'node:util';
import { type Kysely, Kysely as KyselyClass, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { postgresDatabase } from '../src/database/postgres-database.ts';
import { EventStore } from '../src/events/event-store.ts';
import { dayMs } from '../src/events/facts.ts';
import { noPlaces } from '../src/events/geo/places.ts';
import type { EventTables } from '../src/events/tables.ts';
import { type ReportQuery, reports, usualLimit } from '../src/reports/reports.ts';
import { noPostgres, startPostgres } from '../src/testing/index.ts';
import { cpuOfPostgres } from './cpu-of-postgres.ts';
import { makeEvents } from './made-events.ts';

const { values } = parseArgs({
  options: { events: { type: 'string', default: '500000' }, database: { type: 'string' } },
});
const events = Number(values.events);
const fleet = {
  events,
  devices: Math.max(100, Math.round(events / 1_000)),
  contents: Math.max(20, Math.round(events / 5_000)),
  sites: Math.max(10, Math.round(events / 50_000)),
};
const rounds = 5;

if (noPostgres) throw new Error(noPostgres);
await using resources = new AsyncDisposableStack();
const url = values.database ?? (await ownDatabase());
const database = await postgresDatabase(url);
resources.defer(() => database.close());
const store = await EventStore.open(database, noPlaces);
if (values.database === undefined) await load();
const client = new pg.Client(url);
await client.connect();
resources.defer(() => client.end());
const tables = ['event', 'device_day', 'volume_day', 'content_day', 'content_device'] as const;
for (const table of tables) console.log(`${table.padEnd(24)} ${await countOf(table)} rows`);
// On a busy machine the CPU time says more than the time it took.
console.log(`\n${'report'.padEnd(36)} rows   first  median   worst of ${rounds}, ms; CPU ms`);
const today = Math.floor(Date.now() / dayMs);
for (const name of Object.keys(reports)) await measure(name);
for (const by of ['site', 'city', 'contentType']) await measure('efficiency', { by });
await measure('device-configuration', { from: today - 56, to: today - 7 });
await measure('summary', { from: today - 20, to: today - 7 });

async function ownDatabase(): Promise<string> {
  const server = await startPostgres();
  resources.defer(() => server.stop());
  return server.emptyDatabase();
}

/** The pool of a cloud gives up after ten seconds. */
async function load(): Promise<void> {
  const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) });
  const db: Kysely<EventTables> = new KyselyClass<EventTables>({ dialect });
  const start = performance.now();
  await makeEvents(db, fleet);
  // As autovacuum leaves them.
  await sql`VACUUM ANALYZE`.execute(db);
  await db.destroy();
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(
    `${events} events of ${fleet.devices} devices, ${fleet.contents} contents: ${seconds} s`,
  );
}

async function countOf(table: (typeof tables)[number]): Promise<number> {
  const { n } = await store.db
    .selectFrom(table)
    .select(sql<number>`count(*)`.as('n'))
    .executeTakeFirstOrThrow();
  return n;
}

async function measure(name: string, more: Partial<ReportQuery> = {}): Promise<void> {
  const query: ReportQuery = {
    ...{ tenant: 'default', from: today - 27, to: today, now: Date.now(), limit: usualLimit(name) },
    ...{ after: undefined, by: undefined, content: undefined, device: undefined },
    sourceRate: undefined,
    ...(name === 'content-sites' && { content: 'DO-0' }),
    ...(name === 'device-events' && { device: '1'.padStart(40, '0') }),
    ...more,
  };
  const times: number[] = [];
  const before = await cpuOfPostgres(client);
  let rows = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    rows = (await Array.fromAsync(reports[name]!(store.db, query).rows)).length;
    times.push(performance.now() - start);
  }
  const cpu = ((await cpuOfPostgres(client)) ?? Number.NaN) - (before ?? Number.NaN);
  const sorted = times.toSorted((a, b) => a - b);
  const shown = [times[0]!, sorted[Math.floor(rounds / 2)]!, sorted.at(-1)!, cpu / rounds / 1000];
  const title = [name, ...Object.values(more)].join(' ');
  const cells = [String(rows).padStart(5), ...shown.map((ms) => ms.toFixed(0).padStart(7))];
  console.log(`${title.padEnd(36)} ${cells.join(' ')}`);
}
