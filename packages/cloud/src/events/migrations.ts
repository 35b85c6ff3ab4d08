import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { sumColumns } from './tables.ts';

const sums = sumColumns.map((name) => `${name} bigint NOT NULL`).join(', ');

/**
 * The steps from nothing to today's tables. Each database has its own first one: only PostgreSQL has
 * partitions, UUIDs, and indexes that cost next to nothing for deleting by day. A step that shipped never changes.
 */
export function eventMigrations(postgres: boolean): Record<string, Migration> {
  return {
    '0001-events': {
      async up(db: Kysely<unknown>) {
        const statements = [eventTable(postgres), ...sumTables, ...deviceTables];
        if (postgres) {
          for (const table of dailyTables) {
            statements.push(`CREATE INDEX ${table}_by_day ON ${table} USING brin (day)`);
          }
          statements.push(
            'CREATE INDEX content_device_by_day ON content_device USING brin (last_day)',
          );
        } else statements.push('CREATE INDEX event_by_day ON event (day)');
        statements.push('CREATE INDEX event_by_device ON event (tenant, device_id, time)');
        for (const statement of statements) await sql.raw(statement).execute(db);
      },
    },
  };
}

/** Tables of sums that have a column `day`. */
export const dailyTables = ['device_day', 'volume_day', 'content_day', 'reason_day'] as const;

function eventTable(postgres: boolean): string {
  const columns = `
    day integer NOT NULL, event_id ${postgres ? 'uuid' : 'text'} NOT NULL, tenant text NOT NULL,
    device_id text NOT NULL, name text NOT NULL, time bigint NOT NULL, content_id text NOT NULL,
    body text NOT NULL`;
  // The same event always has the same time, so a key with its day finds every copy of it.
  return postgres
    ? `CREATE TABLE event (${columns}, PRIMARY KEY (event_id, day)) PARTITION BY RANGE (day)`
    : `CREATE TABLE event (${columns}, PRIMARY KEY (event_id, day)) WITHOUT ROWID`;
}

const sumTables = [
  `CREATE TABLE device_day (
    tenant text NOT NULL, device_id text NOT NULL, content_type text NOT NULL, day integer NOT NULL,
    site text NOT NULL, ${sums}, last bigint NOT NULL,
    PRIMARY KEY (tenant, device_id, content_type, day, site))`,
  `CREATE TABLE device_type (
    tenant text NOT NULL, device_id text NOT NULL, content_type text NOT NULL,
    first_day integer NOT NULL, last_day integer NOT NULL, cache_day integer,
    PRIMARY KEY (tenant, device_id, content_type))`,
  `CREATE TABLE volume_day (
    tenant text NOT NULL, day integer NOT NULL, content_type text NOT NULL, group_id text NOT NULL,
    site text NOT NULL, ${sums},
    PRIMARY KEY (tenant, day, content_type, group_id, site))`,
  `CREATE TABLE content_day (
    tenant text NOT NULL, content_id text NOT NULL, day integer NOT NULL, content_type text NOT NULL,
    size bigint NOT NULL, ${sums},
    PRIMARY KEY (tenant, content_id, day))`,
  `CREATE TABLE reason_day (
    tenant text NOT NULL, day integer NOT NULL, kind text NOT NULL, content_id text NOT NULL,
    reason text NOT NULL, n bigint NOT NULL,
    PRIMARY KEY (tenant, day, kind, content_id, reason))`,
];

const deviceTables = [
  `CREATE TABLE device (
    tenant text NOT NULL, device_id text NOT NULL, first_time bigint NOT NULL, last_time bigint NOT NULL,
    site text NOT NULL, group_id text, downlink bigint NOT NULL, uplink bigint NOT NULL, snapshot_time bigint NOT NULL, device_name text,
    os_version text, client_version text, download_mode integer, download_mode_src text, city text,
    country text, isp text, snapshot text,
    PRIMARY KEY (tenant, device_id))`,
  `CREATE TABLE site_place (site text PRIMARY KEY, city text, country text, isp text)`,
  `CREATE TABLE content_device (
    tenant text NOT NULL, content_id text NOT NULL, device_id text NOT NULL, site text NOT NULL,
    last_day integer NOT NULL, started_at bigint NOT NULL, completed_at bigint,
    bytes_cdn bigint NOT NULL, bytes_all bigint NOT NULL,
    PRIMARY KEY (tenant, content_id, device_id))`,
];
