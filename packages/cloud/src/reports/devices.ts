import { type RawBuilder, sql } from 'kysely';
import { sumOf } from '../events/sums.ts';
import { columns } from './column.ts';
import {
  activeIn,
  byteColumns,
  byteSums,
  inScope,
  modeText,
  ofTenant,
  peeringText,
  type Scope,
  savings,
  totalBytes,
} from './scope.ts';

export const deviceConfigurationColumns = columns({
  Tenant: 'text',
  DownloadMode: 'text',
  PeeringStatus: 'text',
  DeviceCount: 'integer',
});

/** SQL: devices of the window by how they are set (reports.md §7, Device Configuration). */
export function deviceConfiguration(scope: Scope): RawBuilder<unknown> {
  return sql`SELECT d.tenant AS "Tenant", ${modeText} AS "DownloadMode",
      ${peeringText} AS "PeeringStatus", count(*) AS "DeviceCount"
    FROM device d WHERE ${ofTenant(scope.tenant, 'd')} AND ${heardIn(scope)}
    GROUP BY d.tenant, ${modeText}, ${peeringText} ORDER BY d.tenant, ${modeText}`;
}

/** A device counts if it did anything, a snapshot included (reports.md §1). */
function heardIn(scope: Scope): RawBuilder<unknown> {
  return sql`(d.last_time / 86400000 BETWEEN ${scope.from} AND ${scope.to} OR ${activeIn(scope)})`;
}

export const deviceColumns = columns({
  DeviceId: 'text',
  DeviceName: 'text',
  OSVersion: 'text',
  ClientVersion: 'text',
  DownloadMode: 'text',
  PeeringStatus: 'text',
  GroupID: 'text',
  Site: 'text',
  City: 'text',
  Country: 'text',
  ISP: 'text',
  FirstSeenTime: 'time',
  LastSeenTime: 'time',
  SnapshotTime: 'time',
  TotalTransfers: 'integer',
  FailedTransfers: 'integer',
  TotalBytes: 'integer',
  ...byteColumns,
  BWOptPercent: 'real',
});

const sums = [
  'TotalTransfers',
  'FailedTransfers',
  'TotalBytes',
  ...Object.keys(byteColumns),
  'BWOptPercent',
];

/** SQL: every device that was ever heard, with what it did in the window. @param where of `device d` and `device_day d` */
export function devices(scope: Scope, where: RawBuilder<unknown>): RawBuilder<unknown> {
  const listed = sums.map((name) => `coalesce(t."${name}", 0) AS "${name}"`).join(', ');
  return sql`SELECT d.device_id AS "DeviceId", coalesce(d.device_name, '#') AS "DeviceName",
      d.os_version AS "OSVersion", d.client_version AS "ClientVersion",
      ${modeText} AS "DownloadMode", ${peeringText} AS "PeeringStatus",
      coalesce(d.group_id, '') AS "GroupID", d.site AS "Site", coalesce(p.city, d.city) AS "City",
      coalesce(p.country, d.country) AS "Country", coalesce(p.isp, d.isp) AS "ISP",
      d.first_time AS "FirstSeenTime", d.last_time AS "LastSeenTime",
      nullif(d.snapshot_time, 0) AS "SnapshotTime", ${sql.raw(listed)}
    FROM device d
    LEFT JOIN (
      SELECT d.tenant, d.device_id, ${sql.raw(sumOf('completed + canceled + failed'))} AS "TotalTransfers",
        ${sql.raw(sumOf('failed'))} AS "FailedTransfers", ${totalBytes} AS "TotalBytes",
        ${byteSums}, ${savings} AS "BWOptPercent"
      FROM device_day d WHERE ${inScope(scope, 'd')} AND ${where} GROUP BY d.tenant, d.device_id
    ) t ON t.tenant = d.tenant AND t.device_id = d.device_id
    LEFT JOIN site_place p ON p.site = d.site
    WHERE ${ofTenant(scope.tenant, 'd')} AND ${where}`;
}

export const reasonColumns = columns({ Reason: 'text', Count: 'integer' });

/** SQL: why peers were not used, or what went wrong, the most frequent first. */
export function reasons(
  kind: 'peers' | 'error',
  scope: Scope,
  content: string | undefined,
): RawBuilder<unknown> {
  const only = content === undefined ? sql`true` : sql`content_id = ${content}`;
  return sql`SELECT reason AS "Reason", ${sql.raw(sumOf('n'))} AS "Count" FROM reason_day
    WHERE ${inScope(scope, 'reason_day')} AND kind = ${sql.lit(kind)} AND ${only}
    GROUP BY reason ORDER BY "Count" DESC, reason`;
}

export const eventColumns = columns({
  Time: 'time',
  Name: 'text',
  DeviceId: 'text',
  ContentId: 'text',
  EventId: 'text',
  Event: 'text',
});

/** SQL: the events of a device as they came, the newest first. `Event` is JSON. */
export function deviceEvents(
  scope: Scope & { tenant: string },
  device: string,
  content: string | undefined,
): RawBuilder<unknown> {
  const only = content === undefined ? sql`true` : sql`event.content_id = ${content}`;
  return sql`SELECT time AS "Time", name AS "Name", device_id AS "DeviceId",
      content_id AS "ContentId", CAST(event_id AS text) AS "EventId", body AS "Event"
    FROM event WHERE ${inScope(scope, 'event')} AND device_id = ${device} AND ${only}
    ORDER BY time DESC, event_id`;
}
