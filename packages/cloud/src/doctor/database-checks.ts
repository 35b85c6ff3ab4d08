import type { TableSteps } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { type CloudFinding, check, fail, ok, type Verdict, warn } from './finding.ts';

/** PostgreSQL's own number of the oldest version that will do. */
const oldest = 150_000;
/** Apart by so much, ms, what expires does so early or late; by so much, logins and sessions fail. */
const noticeable = 2_000;
const harmful = 30_000;
const patienceMs = 10_000;

interface Examined {
  dataDir: string;
  database?: string | undefined;
}

export async function databaseChecks(
  { dataDir, database }: Examined,
  now: () => number,
): Promise<CloudFinding[]> {
  const tables = await check('Database', async () =>
    state(await migrate({ dataDir, database, check: true }), database !== undefined),
  );
  // What cannot be reached has no version and no clock.
  if (database === undefined || tables.Result === 'Fail') return [tables];
  return [
    tables,
    await check('Database version', () => version(database)),
    await check('Clock', () => clock(database, now)),
  ];
}

export function state(steps: readonly TableSteps[], shared: boolean): Verdict {
  const newer = steps.filter(({ unknown }) => unknown.length > 0).map(({ name }) => name);
  if (newer.length > 0) {
    return fail(`tables are of a newer Sluice: ${newer.join(', ')}`, 'Run that version here too.');
  }
  const missing = steps.reduce((n, each) => n + each.missing.length, 0);
  const where = shared ? 'PostgreSQL' : 'SQLite files in the data directory';
  if (missing === 0) return ok(`${where}, up to date`);
  const remedy = 'sluice cloud migrate, or just start the cloud.';
  return warn(`${where}, ${missing} steps are missing`, remedy);
}

async function version(url: string): Promise<Verdict> {
  const { number, text } = await ask<{ number: number; text: string }>(
    url,
    `SELECT current_setting('server_version_num')::int AS number,
      current_setting('server_version') AS text`,
  );
  if (number >= oldest) return ok(`PostgreSQL ${text}`);
  return fail(`PostgreSQL ${text}`, 'Upgrade it to 15 or newer.');
}

async function clock(url: string, now: () => number): Promise<Verdict> {
  const query = 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS at';
  const before = now();
  const { at } = await ask<{ at: number }>(url, query);
  return skew(at, before, now());
}

/** @param at the clock of the database, read somewhen between `before` and `after` by ours; ms */
export function skew(at: number, before: number, after: number): Verdict {
  const apart = Math.max(0, before - at, at - after);
  const detail = `${(apart / 1000).toFixed(1)} s apart from the database`;
  const remedy = 'Have all machines of the cloud follow NTP.';
  if (apart > harmful) return fail(detail, remedy);
  return apart > noticeable ? warn(detail, remedy) : ok(detail);
}

async function ask<Row>(url: string, query: string): Promise<Row> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
  });
  await client.connect();
  try {
    return (await client.query(query)).rows[0];
  } finally {
    await client.end();
  }
}
