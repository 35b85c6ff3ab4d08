import { type RawBuilder, type Sql, sql } from 'kysely';
import { atMost, sumOf } from './sums.ts';
import { snapshotColumns, sumColumns } from './tables.ts';

/*
 * The one definition of the sums, for both databases, for events as they come and for millions that a
 * bench makes: each is a statement that adds what a relation of facts (`Fact`) says to what is there.
 */

/** How the columns of a table are put together when a row is there already. */
type Merge = (name: string, table: string) => string;
const add: Merge = (name, table) => atMost(`${table}.${name} + excluded.${name}`);
const newer =
  (by: string, also = ''): Merge =>
  (name, table) =>
    `CASE WHEN excluded.${by} >= ${table}.${by}${also} THEN excluded.${name} ELSE ${table}.${name} END`;
const replace: Merge = (name) => `excluded.${name}`;
const larger: Merge = (name, table) =>
  `CASE WHEN excluded.${name} > ${table}.${name} THEN excluded.${name} ELSE ${table}.${name} END`;
const smaller: Merge = (name, table) =>
  `CASE WHEN excluded.${name} < ${table}.${name} THEN excluded.${name} ELSE ${table}.${name} END`;
/** Null is nothing yet. */
const earliest: Merge = (name, table) =>
  `CASE WHEN ${table}.${name} IS NULL OR excluded.${name} < ${table}.${name} THEN excluded.${name} ELSE ${table}.${name} END`;
const latest: Merge = (name, table) =>
  `CASE WHEN ${table}.${name} IS NULL OR excluded.${name} > ${table}.${name} THEN excluded.${name} ELSE ${table}.${name} END`;

interface RollUp {
  table: string;
  key: string[];
  /** Column → how it comes from the facts of one key, and how it joins what is there. */
  columns: Record<string, { of: string; merge: Merge }>;
}

const sums = Object.fromEntries(sumColumns.map((name) => [name, { of: sumOf(name), merge: add }]));

const rollUps: RollUp[] = [
  {
    table: 'device_day',
    key: ['tenant', 'device_id', 'content_type', 'day', 'site'],
    columns: { ...sums, last: { of: 'max(last)', merge: larger } },
  },
  {
    table: 'device_type',
    key: ['tenant', 'device_id', 'content_type'],
    columns: {
      first_day: { of: 'min(day)', merge: smaller },
      last_day: { of: 'max(day)', merge: larger },
      cache_day: { of: 'max(CASE WHEN bytes_cache > 0 THEN day END)', merge: latest },
    },
  },
  {
    table: 'volume_day',
    key: ['tenant', 'day', 'content_type', 'group_id', 'site'],
    columns: sums,
  },
  {
    table: 'content_day',
    key: ['tenant', 'content_id', 'day'],
    columns: {
      content_type: { of: 'max(content_type)', merge: replace },
      size: { of: 'max(size)', merge: larger },
      ...sums,
    },
  },
  {
    table: 'content_device',
    key: ['tenant', 'content_id', 'device_id'],
    columns: {
      site: { of: 'max(site)', merge: replace },
      last_day: { of: 'max(day)', merge: larger },
      started_at: { of: 'min(started_at)', merge: smaller },
      completed_at: { of: 'min(completed_at)', merge: earliest },
      bytes_cdn: { of: sumOf('bytes_cdn'), merge: add },
      bytes_all: {
        of: sumOf('bytes_cdn + bytes_cache + bytes_lan + bytes_group + bytes_int'),
        merge: add,
      },
    },
  },
];

/** What adds a relation of facts to each table of sums, to be run in this order in one transaction. */
export function rollUpStatements(facts: RawBuilder<unknown>): RawBuilder<unknown>[] {
  return rollUps.map((rollUp) => statement(rollUp, facts));
}

/** The same for a relation of reasons. */
export function reasonStatement(reasons: RawBuilder<unknown>): RawBuilder<unknown> {
  const key = ['tenant', 'day', 'kind', 'content_id', 'reason'];
  const n = { of: sumOf('n'), merge: add };
  return statement({ table: 'reason_day', key, columns: { n } }, reasons);
}

const device: RollUp = {
  table: 'device',
  key: ['tenant', 'device_id'],
  columns: {
    site: { of: 'max(site)', merge: newer('last_time') },
    group_id: {
      of: 'max(group_id)',
      merge: newer('last_time', ' AND excluded.group_id IS NOT NULL'),
    },
    ...Object.fromEntries(
      snapshotColumns.map((name) => [name, { of: `max(${name})`, merge: newer('snapshot_time') }]),
    ),
    first_time: { of: 'min(first_time)', merge: smaller },
    last_time: { of: 'max(last_time)', merge: larger },
    downlink: { of: 'max(downlink)', merge: larger },
    uplink: { of: 'max(uplink)', merge: larger },
    snapshot_time: { of: 'max(snapshot_time)', merge: larger },
  },
};

/** The same for a relation of devices, one row of each. */
export function deviceStatement(devices: RawBuilder<unknown>): RawBuilder<unknown> {
  return statement(device, devices);
}

function statement({ table, key, columns }: RollUp, from: RawBuilder<unknown>) {
  const names = [...key, ...Object.keys(columns)].join(', ');
  const values = Object.entries(columns).map(([name, { of }]) => `${of} AS ${name}`);
  const merges = Object.entries(columns).map(([name, c]) => `${name} = ${c.merge(name, table)}`);
  const keys = key.join(', ');
  // In the order of the keys: clouds that write the same rows wait for each other, and never in a circle.
  return sql`${raw(`INSERT INTO ${table} (${names}) SELECT ${keys}, ${values.join(', ')} FROM `)}${from}${raw(
    ` WHERE true GROUP BY ${keys} ORDER BY ${keys} ON CONFLICT (${keys}) DO UPDATE SET ${merges.join(', ')}`,
  )}`;
}

const raw: Sql['raw'] = sql.raw;
