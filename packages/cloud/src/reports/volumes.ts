import { type RawBuilder, sql } from 'kysely';
import { columns } from './column.ts';
import {
  activeIn,
  byteColumns,
  byteSums,
  cacheEfficiency,
  inScope,
  isPeering,
  ofTenant,
  p2pEfficiency,
  type Scope,
  savings,
  totalBytes,
  wasActive,
} from './scope.ts';

const volumeColumns = {
  TotalBytes: 'integer',
  ...byteColumns,
  BWOptPercent: 'real',
  P2PPercent: 'real',
  CachePercent: 'real',
} as const;
const volumes = sql`${totalBytes} AS "TotalBytes", ${byteSums}, ${savings} AS "BWOptPercent",
  ${p2pEfficiency} AS "P2PPercent", ${cacheEfficiency} AS "CachePercent"`;

export const volumeByDayColumns = columns({ Tenant: 'text', Day: 'day', ...volumeColumns });

/** SQL: what came from where, day by day; days of which no download was told are not in it. */
export function volumeByDay(scope: Scope): RawBuilder<unknown> {
  return sql`SELECT tenant AS "Tenant", day AS "Day", ${volumes}
    FROM volume_day WHERE ${inScope(scope, 'volume_day')} GROUP BY tenant, day ORDER BY tenant, day`;
}

/** By what efficiency is shown (reports.md §7), and the column of `volume_day v`, `site_place p` or `device d`. */
export const efficiencyKeys = {
  contentType: { name: 'ContentType', volume: 'v.content_type', device: undefined },
  group: { name: 'GroupID', volume: "nullif(v.group_id, '')", device: "nullif(d.group_id, '')" },
  site: { name: 'Site', volume: 'v.site', device: 'd.site' },
  city: { name: 'City', volume: 'p.city', device: 'p.city' },
  country: { name: 'Country', volume: 'p.country', device: 'p.country' },
  isp: { name: 'ISP', volume: 'p.isp', device: 'p.isp' },
} as const;
export type EfficiencyKey = keyof typeof efficiencyKeys;

export function efficiencyColumns(by: EfficiencyKey) {
  const key = efficiencyKeys[by].name;
  return columns({ Tenant: 'text', [key]: 'text', DeviceCount: 'integer', ...volumeColumns });
}

/**
 * SQL: efficiency by group, site, …, those with the most devices first. Bytes count where and in which group they came;
 * a device where it was last.
 */
export function efficiency(by: EfficiencyKey, scope: Scope): RawBuilder<unknown> {
  const { name, volume, device } = efficiencyKeys[by];
  const alias = sql.ref(name);
  const sums = sql`SELECT v.tenant, ${sql.raw(volume)} AS k, ${volumes}
    FROM volume_day v LEFT JOIN site_place p ON p.site = v.site
    WHERE ${inScope(scope, 'v')} GROUP BY v.tenant, ${sql.raw(volume)}`;
  const counted =
    device === undefined
      ? sql`(SELECT count(*) FROM device_type x WHERE x.tenant = s.tenant
          AND x.content_type = s.k AND ${wasActive(scope)})`
      : sql`coalesce(c.n, 0)`;
  const counts =
    device === undefined
      ? sql``
      : sql`LEFT JOIN (
          SELECT d.tenant, ${sql.raw(device)} AS k, count(*) AS n
          FROM device d LEFT JOIN site_place p ON p.site = d.site
          WHERE ${ofTenant(scope.tenant, 'd')} AND ${activeIn(scope)}
          GROUP BY d.tenant, ${sql.raw(device)}
        ) c ON c.tenant = s.tenant AND coalesce(c.k, '') = coalesce(s.k, '')`;
  const listed = sql.raw(
    Object.keys(volumeColumns)
      .map((column) => `s."${column}"`)
      .join(', '),
  );
  return sql`SELECT s.tenant AS "Tenant", s.k AS ${alias}, ${counted} AS "DeviceCount", ${listed}
    FROM (${sums}) s ${counts} ORDER BY "DeviceCount" DESC, s.tenant, s.k`;
}

export const summaryColumns = columns({
  ...volumeColumns,
  VolumeByP2P: 'integer',
  VolumeByCache: 'integer',
  VolumeByCDN: 'integer',
  DeviceCount: 'integer',
  P2PDeviceCount: 'integer',
  CacheDeviceCount: 'integer',
  SavingsStatus: 'text',
});

/** SQL: the tiles of the dashboard (reports.md §7). One row. */
export function summary(scope: Scope): RawBuilder<unknown> {
  const devices = (which: RawBuilder<unknown>) =>
    sql`(SELECT count(*) FROM device d WHERE ${ofTenant(scope.tenant, 'd')} AND ${which})`;
  return sql`SELECT s.*, "BytesFromPeers" + "BytesFromGroupPeers" AS "VolumeByP2P",
      "BytesFromCache" AS "VolumeByCache", "BytesFromCDN" AS "VolumeByCDN",
      ${devices(activeIn(scope))} AS "DeviceCount",
      ${devices(sql`${isPeering} AND ${activeIn(scope)}`)} AS "P2PDeviceCount",
      ${devices(activeIn(scope, 'cache'))} AS "CacheDeviceCount",
      CASE WHEN "TotalBytes" = 0 THEN 'None' WHEN "BWOptPercent" < 10 THEN 'Error'
        WHEN "BWOptPercent" <= 60 THEN 'Warning' ELSE 'Good' END AS "SavingsStatus"
    FROM (SELECT ${zeroed} FROM (
      SELECT ${volumes} FROM volume_day WHERE ${inScope(scope, 'volume_day')}) v) s`;
}

/** Without a row to add up, sums are NULL. */
const zeroed = sql.raw(
  Object.keys(volumeColumns)
    .map((name) => `coalesce("${name}", 0) AS "${name}"`)
    .join(', '),
);
