import { type RawBuilder, sql } from 'kysely';
import { sumOf } from '../events/sums.ts';

/**
 * What a query is about. The API fills it with numbers and a tenant, the views of PostgreSQL with
 * expressions and all tenants: the formulas are the same.
 */
export interface Scope {
  /** Whole UTC days since 1970, both included. */
  from: RawBuilder<unknown>;
  to: RawBuilder<unknown>;
  /** Undefined: all. */
  tenant: string | undefined;
}

/** SQL: a row of this table is in the scope. */
export function inScope({ from, to, tenant }: Scope, table: string): RawBuilder<unknown> {
  const days = sql`${sql.ref(`${table}.day`)} BETWEEN ${from} AND ${to}`;
  return sql`${days} AND ${ofTenant(tenant, table)}`;
}

export function ofTenant(tenant: string | undefined, table: string): RawBuilder<unknown> {
  if (tenant === undefined) return sql`true`;
  return sql`${sql.ref(`${table}.tenant`)} = ${tenant}`;
}

/**
 * SQL: the row of `device_type x` is of a device that had anything in the window, or anything from a cache. The last
 * day alone says so of windows that end today; the days are looked at where the device went on after the window.
 */
export function wasActive(
  { from, to }: Scope,
  what: 'anything' | 'cache' = 'anything',
): RawBuilder<unknown> {
  const last = sql.raw(what === 'cache' ? 'x.cache_day' : 'x.last_day');
  const had = sql.raw(what === 'cache' ? 'y.bytes_cache > 0' : 'true');
  return sql`(${last} BETWEEN ${from} AND ${to} OR ${last} > ${to} AND x.first_day <= ${to}
    AND EXISTS (SELECT 1 FROM device_day y WHERE y.tenant = x.tenant AND y.device_id = x.device_id
      AND y.content_type = x.content_type AND y.day BETWEEN ${from} AND ${to} AND ${had}))`;
}

/** SQL: the same of the device of `device d`. */
export function activeIn(scope: Scope, what?: 'cache'): RawBuilder<unknown> {
  return sql`EXISTS (SELECT 1 FROM device_type x
    WHERE x.tenant = d.tenant AND x.device_id = d.device_id AND ${wasActive(scope, what)})`;
}

/** Names of the reports for the sums of bytes, by the columns of the tables. */
const bytes = {
  BytesFromCDN: 'bytes_cdn',
  BytesFromCache: 'bytes_cache',
  BytesFromPeers: 'bytes_lan',
  BytesFromGroupPeers: 'bytes_group',
  BytesFromIntPeers: 'bytes_int',
};
/** They as columns of a report. */
export const byteColumns = Object.fromEntries(
  Object.keys(bytes).map((name) => [name, 'integer'] as const),
);
/** What stayed off the source, by the formulas (reports.md §2): Internet peers are not in them. */
const local = 'bytes_lan + bytes_group + bytes_cache';
const total = `${local} + bytes_cdn`;

/** SQL: the sums of bytes by source. */
export const byteSums = sql.raw(
  Object.entries(bytes)
    .map(([name, column]) => `${sumOf(column)} AS "${name}"`)
    .join(', '),
);

/** SQL: `TotalBytes` of reports.md §2. */
export const totalBytes = sql.raw(sumOf(total));

/** 100 · part / total, 0 when nothing came. */
function percent(part: string, when = ''): string {
  const sum = (what: string) => (when ? `sum(CASE WHEN ${when} THEN ${what} END)` : `sum(${what})`);
  return `CAST(coalesce(100.0 * ${sum(part)} / nullif(${sum(total)}, 0), 0) AS double precision)`;
}

/** SQL: bandwidth savings, P2P and connected-cache efficiency. */
export const savings = sql.raw(percent(local));
export const p2pEfficiency = sql.raw(percent('bytes_lan + bytes_group'));
export const cacheEfficiency = sql.raw(percent('bytes_cache'));
/** SQL: bandwidth savings of the last seven days of the window. */
export function savingsOfWeek({ to }: Scope): RawBuilder<unknown> {
  // The parts of the text are ours; the day is put in between.
  const marker = 'day > @week';
  const [first = '', ...rest] = percent(local, marker).split('@week');
  return rest.reduce((text, part) => sql`${text}${to} - 7${sql.raw(part)}`, sql.raw(first));
}

const modeNames = {
  0: 'HTTP only',
  1: 'LAN',
  2: 'Group',
  3: 'Internet',
  99: 'Simple',
  100: 'Bypass',
};

/** SQL: `LAN (1)`; Unknown when empty or invalid. */
export const modeText = sql.raw(
  `CASE d.download_mode ${Object.entries(modeNames)
    .map(([number, name]) => `WHEN ${number} THEN '${name} (${number})'`)
    .join(' ')} ELSE 'Unknown' END`,
);

/** SQL: whether the device is set to have peers. */
export const isPeering = sql.raw('d.download_mode IN (1, 2, 3)');
export const peeringText = sql.raw(
  "CASE WHEN d.download_mode IN (1, 2, 3) THEN 'On' WHEN d.download_mode IN (0, 99, 100) THEN 'Off' ELSE 'Unknown' END",
);
