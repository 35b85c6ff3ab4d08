import { sluiceError } from '@sluice/protocol';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { EventTables } from '../events/tables.ts';
import type { Column, Row } from './column.ts';
import { contentColumns, contentSiteColumns, contentSites, contents } from './contents.ts';
import * as byDevice from './devices.ts';
import type { Scope } from './scope.ts';
import { ucdoAggregatedStatus, ucdoAggregatedStatusColumns } from './ucdo-aggregated-status.ts';
import { ucdoStatus, ucdoStatusColumns } from './ucdo-status.ts';
import * as volumes from './volumes.ts';

/** What is asked of a report; its own parameters are undefined when not given. */
export interface ReportQuery {
  tenant: string;
  /** Whole UTC days since 1970, both included. */
  from: number;
  to: number;
  /** ms since 1970. */
  now: number;
  /** Rows at the most; a device's rows stay together. */
  limit: number;
  /** Devices after this one only. */
  after: string | undefined;
  by: string | undefined;
  content: string | undefined;
  device: string | undefined;
  /** Bytes/s that the source can give, when somebody knows. */
  sourceRate: number | undefined;
}

/** A report as it is read: its columns, and its rows as they come from the database. */
export interface OpenReport {
  columns: Column[];
  /** Returns what to give as `after` for those that did not fit; undefined: those were all. */
  rows: Rows;
}
type Rows = AsyncGenerator<Row, string | undefined>;

type Make = (db: Kysely<EventTables>, query: ReportQuery) => OpenReport;

/** Contents at the most: each is looked at device by device. */
const maxContents = 100;
/** Rows of a page, unless said otherwise. */
export function usualLimit(report: string): number {
  return report === 'contents' ? 10 : 1_000;
}
/** Devices that are read at once. */
const blockSize = 200;

/** All reports by their names in the API. */
export const reports: Record<string, Make> = {
  'ucdo-status': (db, query) => ({
    columns: ucdoStatusColumns,
    rows: deviceRows(db, query, 'AzureADDeviceId', (scope, range) => {
      const now = sql`CAST(${query.now} AS bigint)`;
      const rows = ucdoStatus(scope, now, sql`${range('device_day.device_id')}`);
      return sql`${rows} ORDER BY t.device_id, t.content_type`;
    }),
  }),
  'ucdo-aggregated-status': (db, query) => ({
    columns: ucdoAggregatedStatusColumns,
    rows: few(db, query, ucdoAggregatedStatus(scopeOf(query), sql`CAST(${query.now} AS bigint)`)),
  }),
  summary: (db, query) => ({
    columns: volumes.summaryColumns,
    rows: few(db, query, volumes.summary(scopeOf(query))),
  }),
  'volume-by-day': (db, query) => ({
    columns: volumes.volumeByDayColumns,
    rows: few(db, query, volumes.volumeByDay(scopeOf(query))),
  }),
  efficiency: (db, query) => {
    const by = query.by ?? 'group';
    if (!Object.hasOwn(volumes.efficiencyKeys, by)) {
      const detail = `by: one of ${Object.keys(volumes.efficiencyKeys).join(', ')}`;
      throw sluiceError('RequestInvalid', { detail });
    }
    const key = by as volumes.EfficiencyKey;
    return {
      columns: volumes.efficiencyColumns(key),
      rows: few(db, query, volumes.efficiency(key, scopeOf(query))),
    };
  },
  'device-configuration': (db, query) => ({
    columns: byDevice.deviceConfigurationColumns,
    rows: few(db, query, byDevice.deviceConfiguration(scopeOf(query))),
  }),
  devices: (db, query) => ({
    columns: byDevice.deviceColumns,
    rows: deviceRows(
      db,
      query,
      'DeviceId',
      (scope, range) => sql`${byDevice.devices(scope, range('d.device_id'))} ORDER BY d.device_id`,
    ),
  }),
  contents: (db, query) => ({ columns: contentColumns, rows: contentRows(db, query) }),
  'content-sites': (db, query) => ({
    columns: contentSiteColumns,
    rows: few(db, query, contentSites(scopeOf(query), needed(query, 'content'))),
  }),
  'peers-not-used': (db, query) => ({
    columns: byDevice.reasonColumns,
    rows: few(db, query, byDevice.reasons('peers', scopeOf(query), query.content)),
  }),
  errors: (db, query) => ({
    columns: byDevice.reasonColumns,
    rows: few(db, query, byDevice.reasons('error', scopeOf(query), query.content)),
  }),
  'device-events': (db, query) => ({
    columns: byDevice.eventColumns,
    rows: few(
      db,
      query,
      byDevice.deviceEvents(scopeOf(query), needed(query, 'device'), query.content),
    ),
  }),
};

function scopeOf({ from, to, tenant }: ReportQuery): Scope & { tenant: string } {
  return { from: sql`CAST(${from} AS integer)`, to: sql`CAST(${to} AS integer)`, tenant };
}

function needed(query: ReportQuery, name: 'content' | 'device'): string {
  const value = query[name];
  if (value === undefined) throw sluiceError('RequestInvalid', { detail: `${name}: which one` });
  return value;
}

/** Of reports whose rows do not grow with the fleet, or are cut at the limit. */
async function* few(
  db: Kysely<EventTables>,
  { limit }: ReportQuery,
  query: RawBuilder<unknown>,
): Rows {
  yield* (await sql<Row>`${query} LIMIT ${limit}`.execute(db)).rows;
  return undefined;
}

async function* contentRows(db: Kysely<EventTables>, query: ReportQuery): Rows {
  const limit = Math.min(query.limit, maxContents);
  yield* await contents(db, scopeOf(query), { ...query, limit });
  return undefined;
}

/** SQL: the column names a device of the block. */
type InBlock = (column: string) => RawBuilder<unknown>;

/**
 * Reads a block of devices after the other: a fleet of any size, in bounded memory, and no long transaction. Ends
 * at the limit, but not in the middle of a device.
 */
async function* deviceRows(
  db: Kysely<EventTables>,
  query: ReportQuery,
  key: string,
  rowsOf: (scope: Scope, inBlock: InBlock) => RawBuilder<unknown>,
): Rows {
  let after = query.after ?? '';
  let count = 0;
  for (;;) {
    const end = await blockEnd(db, query, after);
    if (end === undefined) return undefined;
    const begin = after;
    const inBlock: InBlock = (column) =>
      query.device === undefined
        ? sql`${sql.ref(column)} > ${begin} AND ${sql.ref(column)} <= ${end}`
        : sql`${sql.ref(column)} = ${query.device}`;
    const block = rowsOf(scopeOf(query), inBlock) as RawBuilder<Row>;
    let last = begin;
    for (const row of (await block.execute(db)).rows) {
      const device = String(row[key]);
      if (count >= query.limit && device !== last) return last;
      count++;
      last = device;
      yield row;
    }
    after = end;
  }
}

/** The last device of the next block. */
async function blockEnd(
  db: Kysely<EventTables>,
  { tenant, limit, device }: ReportQuery,
  after: string,
): Promise<string | undefined> {
  let devices = db.selectFrom('device').select('device_id').where('tenant', '=', tenant);
  devices = devices.where('device_id', '>', after).orderBy('device_id');
  if (device !== undefined) devices = devices.where('device_id', '=', device);
  const rows = await devices.limit(Math.min(blockSize, limit + 1)).execute();
  return rows.at(-1)?.device_id;
}
