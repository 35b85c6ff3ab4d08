import { type Kysely, type RawBuilder, sql } from 'kysely';
import { sumOf } from '../events/sums.ts';
import type { EventTables } from '../events/tables.ts';
import { boundOf } from './bound.ts';
import { columns, type Row } from './column.ts';
import { byteColumns, byteSums, inScope, type Scope, savings, totalBytes } from './scope.ts';

export const contentColumns = columns({
  ContentId: 'text',
  ContentType: 'text',
  ContentLength: 'integer',
  FirstStart: 'time',
  DeviceCount: 'integer',
  CompletedCount: 'integer',
  TimeTo50PercentMs: 'integer',
  TimeTo95PercentMs: 'integer',
  TimeTo100PercentMs: 'integer',
  BoundMs: 'integer',
  BoundTerm: 'text',
  RatioToBound: 'real',
  TotalBytes: 'integer',
  ...byteColumns,
  BWOptPercent: 'real',
  DuplicateBytes: 'integer',
  DuplicatePercent: 'real',
  SiteCount: 'integer',
  SourceCopies: 'real',
  SourceCopiesPerSite: 'real',
  TopReason: 'text',
  TopReasonCount: 'integer',
});

/** Of the window: the contents that brought the most bytes, or the one asked for. */
function contentSums(
  scope: Scope,
  { content, limit }: { content?: string | undefined; limit: number },
): RawBuilder<unknown> {
  const only = content === undefined ? sql`true` : sql`content_id = ${content}`;
  return sql`SELECT content_id AS "ContentId", max(content_type) AS "ContentType",
      max(size) AS "ContentLength", ${totalBytes} AS "TotalBytes", ${byteSums},
      ${savings} AS "BWOptPercent", ${sql.raw(sumOf('bytes_duplicate'))} AS "DuplicateBytes"
    FROM content_day WHERE ${inScope(scope, 'content_day')} AND ${only}
    GROUP BY content_id ORDER BY "TotalBytes" DESC, content_id LIMIT ${limit}`;
}

interface Spread {
  content_id: string;
  first: number;
  devices: number;
  completed: number;
  t50: number | null;
  t95: number | null;
  t100: number | null;
  slowest: number | null;
  uplinks: number;
  uplinks_unknown: number;
  cdn: number;
  sites: number;
  lines: number;
}

/**
 * SQL: how contents spread over those who began them. The time to q % is that of the ⌈q·n⌉-th of n devices, from the
 * first start of all; NULL as long as fewer are done. What a site can take from outside is the fastest device's downlink.
 */
function spread(tenant: string, ids: readonly string[]): RawBuilder<Spread> {
  const placeOf = (percent: number) => sql.raw(`(t.devices * ${percent} + 99) / 100`);
  const at = (percent: number) =>
    sql`max(CASE WHEN o.place = ${placeOf(percent)} THEN o.completed_at - t.first END)`;
  const sums = ['devices', 'completed', 'uplinks', 'uplinks_unknown', 'cdn'];
  return sql<Spread>`
    WITH c AS MATERIALIZED (
      SELECT content_id, device_id, site, started_at, completed_at, bytes_cdn FROM content_device
      WHERE tenant = ${tenant} AND content_id IN (${sql.join(ids)})
    ), sites AS (
      SELECT content_id, c.site, min(started_at) AS first, count(*) AS devices,
        count(completed_at) AS completed, min(nullif(d.downlink, 0)) AS slowest,
        max(d.downlink) AS line, sum(d.uplink) AS uplinks,
        sum(CASE WHEN d.uplink = 0 THEN 1 ELSE 0 END) AS uplinks_unknown, sum(bytes_cdn) AS cdn
      FROM c JOIN device d ON d.tenant = ${tenant} AND d.device_id = c.device_id
      GROUP BY content_id, c.site
    ), t AS (
      SELECT content_id, min(first) AS first, min(slowest) AS slowest, count(*) AS sites,
        ${sql.raw(sumOf('line'))} AS lines,
        ${sql.raw(sums.map((name) => `${sumOf(name)} AS ${name}`).join(', '))}
      FROM sites GROUP BY content_id
    ), o AS (
      SELECT content_id, completed_at,
        row_number() OVER (PARTITION BY content_id ORDER BY completed_at) AS place
      FROM c WHERE completed_at IS NOT NULL
    )
    SELECT t.content_id, t.first, t.slowest, t.sites, t.lines,
      ${sql.raw(sums.map((name) => `t.${name}`).join(', '))},
      ${at(50)} AS t50, ${at(95)} AS t95, ${at(100)} AS t100
    FROM t LEFT JOIN o ON o.content_id = t.content_id
      AND o.place IN (${placeOf(50)}, ${placeOf(95)}, ${placeOf(100)})
    GROUP BY t.content_id, t.first, t.slowest, t.sites, t.lines,
      ${sql.raw(sums.map((name) => `t.${name}`).join(', '))}`;
}

/** SQL: for each content, why peers were not used most often. */
function topReasons(scope: Scope, ids: readonly string[]) {
  return sql<{ content_id: string; reason: string; n: number }>`
    SELECT content_id, reason, n FROM (
      SELECT content_id, reason, ${sql.raw(sumOf('n'))} AS n,
        row_number() OVER (PARTITION BY content_id ORDER BY sum(n) DESC, reason) AS place
      FROM reason_day WHERE ${inScope(scope, 'reason_day')} AND kind = 'peers'
        AND content_id IN (${sql.join(ids)}) GROUP BY content_id, reason
    ) ranked WHERE place = 1`;
}

/** The contents of the window, the largest volume first. @param sourceRate of the source, bytes/s, if known */
export async function contents(
  db: Kysely<EventTables>,
  scope: Scope & { tenant: string },
  asked: { content?: string | undefined; limit: number; sourceRate?: number | undefined },
): Promise<Row[]> {
  const { rows: sums } = await (contentSums(scope, asked) as RawBuilder<Row>).execute(db);
  const ids = sums.map((row) => String(row.ContentId));
  if (ids.length === 0) return [];
  const byId = <T extends { content_id: string }>(rows: T[]) =>
    new Map(rows.map((row) => [row.content_id, row]));
  const spreads = byId((await spread(scope.tenant, ids).execute(db)).rows);
  const reasons = byId((await topReasons(scope, ids).execute(db)).rows);
  return sums.map((row) => {
    const id = String(row.ContentId);
    return {
      ...row,
      ...spreadRow(Number(row.ContentLength), spreads.get(id), asked.sourceRate),
      DuplicatePercent: percentOf(Number(row.DuplicateBytes), Number(row.TotalBytes)),
      TopReason: reasons.get(id)?.reason ?? null,
      TopReasonCount: reasons.get(id)?.n ?? 0,
    };
  });
}

function spreadRow(size: number, spread: Spread | undefined, sourceRate: number | undefined): Row {
  // Its start was told, but so long ago that it is not kept any more.
  if (!spread) return {};
  const bound = boundOf({
    size,
    devices: spread.devices,
    sourceRate,
    linesRate: spread.lines > 0 ? spread.lines : undefined,
    slowestDownlink: spread.slowest ?? undefined,
    uplinks: spread.uplinks_unknown === 0 ? spread.uplinks : undefined,
  });
  const { sites } = spread;
  const copies = size > 0 ? spread.cdn / size : null;
  return {
    FirstStart: spread.first,
    DeviceCount: spread.devices,
    CompletedCount: spread.completed,
    TimeTo50PercentMs: spread.t50,
    TimeTo95PercentMs: spread.t95,
    TimeTo100PercentMs: spread.t100,
    BoundMs: bound ? Math.round(bound.ms) : null,
    BoundTerm: bound?.term ?? null,
    RatioToBound: bound && bound.ms > 0 && spread.t100 !== null ? spread.t100 / bound.ms : null,
    SiteCount: sites,
    SourceCopies: copies,
    SourceCopiesPerSite: copies !== null && sites > 0 ? copies / sites : null,
  };
}

function percentOf(part: number, whole: number): number {
  return whole > 0 ? (100 * part) / whole : 0;
}

export const contentSiteColumns = columns({
  Site: 'text',
  City: 'text',
  Country: 'text',
  ISP: 'text',
  DeviceCount: 'integer',
  CompletedCount: 'integer',
  BytesFromCDN: 'integer',
  TotalBytes: 'integer',
  SourceCopies: 'real',
});

/** SQL: for each site of a content, how many copies its source gave there; 1 is the least. */
export function contentSites(
  scope: Scope & { tenant: string },
  content: string,
): RawBuilder<unknown> {
  const { tenant } = scope;
  return sql`SELECT c.site AS "Site", p.city AS "City", p.country AS "Country", p.isp AS "ISP",
      count(*) AS "DeviceCount", count(c.completed_at) AS "CompletedCount",
      ${sql.raw(sumOf('c.bytes_cdn'))} AS "BytesFromCDN", ${sql.raw(sumOf('c.bytes_all'))} AS "TotalBytes",
      CAST(1.0 * sum(c.bytes_cdn) / nullif((SELECT max(size) FROM content_day
        WHERE tenant = ${tenant} AND content_id = ${content}), 0) AS double precision) AS "SourceCopies"
    FROM content_device c LEFT JOIN site_place p ON p.site = c.site
    WHERE c.tenant = ${tenant} AND c.content_id = ${content}
      AND c.last_day >= ${scope.from}
    GROUP BY c.site, p.city, p.country, p.isp ORDER BY "BytesFromCDN" DESC, c.site`;
}
