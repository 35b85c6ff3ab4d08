import { type Kysely, type RawBuilder, sql } from 'kysely';
import { dayMs } from '../src/events/facts.ts';
import { factColumns } from '../src/events/given-columns.ts';
import { rollUpStatements } from '../src/events/roll-ups.ts';
import type { EventTables } from '../src/events/tables.ts';

/** A fleet that a bench makes: every two events are one download, over 28 days. */
export interface MadeFleet {
  events: number;
  devices: number;
  contents: number;
  sites: number;
}

const days = 28;
const types = ['Quality Updates', 'Feature Updates', 'Office', 'Apps', 'Driver Updates', 'Other'];

/**
 * Makes events in the database by generate_series, and their sums from a table of the same facts, by the very
 * statements that the ingest runs.
 */
export async function makeEvents(db: Kysely<EventTables>, fleet: MadeFleet): Promise<void> {
  const today = Math.floor(Date.now() / dayMs);
  const columns = Object.entries(factColumns).map(([name, type]) => `${name} ${type}`);
  await sql`CREATE UNLOGGED TABLE made (${sql.raw(columns.join(', '))})`.execute(db);
  const perDay = Math.ceil(fleet.events / 2 / days);
  for (let d = 0; d < days; d++) {
    const day = today - days + 1 + d;
    const name = sql.table(`event_${String(day).padStart(6, '0')}`);
    await sql`CREATE TABLE IF NOT EXISTS ${name} PARTITION OF event
      FOR VALUES FROM (${sql.lit(day)}) TO (${sql.lit(day + 1)})`.execute(db);
    await sql`TRUNCATE made`.execute(db);
    await madeFacts(fleet, day, d * perDay, perDay).execute(db);
    await sql`INSERT INTO event SELECT day, gen_random_uuid(), tenant, device_id,
      CASE WHEN started = 1 THEN 'DownloadStarted' ELSE 'DownloadCompleted' END, time, content_id,
      repeat('x', 100) FROM made`.execute(db);
    for (const statement of rollUpStatements(sql`made`)) await statement.execute(db);
    process.stderr.write(`\r${d + 1} of ${days} days`);
  }
  await sql`DROP TABLE made`.execute(db);
  await makeDevices(db, fleet, today);
  process.stderr.write('\r');
}

function madeFacts(fleet: MadeFleet, day: number, first: number, count: number) {
  const { devices, contents, sites } = fleet;
  const size = 100_000_000;
  const type = sql.raw(
    `(ARRAY[${types.map((t) => `'${t}'`).join(', ')}])[content % ${types.length} + 1]`,
  );
  /** Columns by name; `e` is 0 for the start of a download, 1 for its end. */
  const values: Record<string, RawBuilder<unknown> | number> = {
    tenant: sql`'default'`,
    device_id: sql`lpad(to_hex(device), 40, '0')`,
    content_type: type,
    content_id: sql`'DO-' || content`,
    site: sql.raw(`'198.18.' || (device % ${sites}) / 250 || '.' || (device % ${sites}) % 250`),
    group_id: sql`'group ' || device % 40`,
    day,
    time: sql.raw(`start + e * span`),
    size,
    started_at: sql`start`,
    completed_at: sql`CASE WHEN e = 1 THEN start + span END`,
    last: sql.raw(`(start + e * span) * 1024 + 16 + 2 * e`),
    bytes_cdn: sql.raw(`e * ${size / 5}`),
    bytes_cache: sql.raw(`e * ${size / 5}`),
    bytes_lan: sql.raw(`e * ${size / 2}`),
    bytes_group: sql.raw(`e * ${size / 10}`),
    started: sql`1 - e`,
    completed: sql`e`,
    eligible: sql`e`,
    total_ms: sql`e * span`,
    peers_success: sql`3 * e`,
  };
  const list = Object.keys(factColumns).map((name) => {
    const value = values[name] ?? 0;
    return typeof value === 'number' ? sql`${sql.lit(value)}` : value;
  });
  return sql`INSERT INTO made SELECT ${sql.join(list)} FROM (
    SELECT i * 7919 % ${sql.lit(devices)} AS device, e,
      ${sql.lit(day * dayMs)} + i % 80000000 AS start, 1000 + i % 600000 AS span,
      -- A few contents are wanted by most.
      CAST(floor(power(i * 104729 % 1000003 / 1000003.0, 3) * ${sql.lit(contents)}) AS bigint) AS content
    FROM generate_series(CAST(${sql.lit(first)} AS bigint), ${sql.lit(first + count - 1)}) i,
      generate_series(0, 1) e) made_of`;
}

async function makeDevices(db: Kysely<EventTables>, { devices, sites }: MadeFleet, today: number) {
  await sql`INSERT INTO device SELECT 'default', lpad(to_hex(device), 40, '0'), 0, ${sql.lit(today * dayMs)},
    '198.18.' || (device % ${sql.lit(sites)}) / 250 || '.' || (device % ${sql.lit(sites)}) % 250, 'group ' || device % 40, 10000000, 10000000, 1,
    'device ' || device, 'linux', '1', device % 4, 'Mdm', NULL, NULL, NULL, NULL
    FROM generate_series(0, ${sql.lit(devices - 1)}) device`.execute(db);
  await sql`INSERT INTO site_place SELECT DISTINCT site, 'city ' || length(site) || right(site, 1),
    'country ' || right(site, 1), 'isp ' || right(site, 1) FROM device`.execute(db);
}
