import { type RawBuilder, sql } from 'kysely';
import { statusTexts } from '../events/facts.ts';
import { sumOf } from '../events/sums.ts';
import { columns } from './column.ts';
import {
  byteSums,
  inScope,
  modeText,
  peeringText,
  type Scope,
  savings,
  savingsOfWeek,
  totalBytes,
} from './scope.ts';

/** The fields of UCDOStatus (reports.md §5). */
export const ucdoStatusColumns = columns({
  AzureADDeviceId: 'text',
  AzureADTenantId: 'text',
  GlobalDeviceId: 'text',
  DeviceName: 'text',
  ContentType: 'text',
  BWOptPercent7Days: 'real',
  BWOptPercent28Days: 'real',
  BytesFromCache: 'integer',
  BytesFromCDN: 'integer',
  BytesFromGroupPeers: 'integer',
  BytesFromIntPeers: 'integer',
  BytesFromPeers: 'integer',
  DownloadMode: 'text',
  DownloadModeSrc: 'text',
  ContentDownloadMode: 'integer',
  PeeringStatus: 'text',
  DOStatusDescription: 'text',
  GroupID: 'text',
  PeerEligibleTransfers: 'integer',
  PeersSuccessCount: 'integer',
  PeersCannotConnectCount: 'integer',
  NoPeersCount: 'integer',
  PeersUnknownCount: 'integer',
  TotalTransfers: 'integer',
  TotalTimeForDownload: 'text',
  City: 'text',
  Country: 'text',
  ISP: 'text',
  OSVersion: 'text',
  LastCensusSeenTime: 'time',
  TimeGenerated: 'time',
  TenantId: 'text',
  Type: 'text',
});

/**
 * SQL: UCDOStatus, a row for each device and content type.
 * @param where which rows of device_day, beside the scope; the table is called `device_day`
 * @param now ms since 1970
 */
export function ucdoStatus(
  scope: Scope,
  now: RawBuilder<unknown>,
  where: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  const rows = sql`device_day WHERE ${inScope(scope, 'device_day')} AND ${where}`;
  return sql`
    SELECT t.device_id AS "AzureADDeviceId", t.tenant AS "AzureADTenantId",
      t.device_id AS "GlobalDeviceId", coalesce(d.device_name, '#') AS "DeviceName",
      t.content_type AS "ContentType", t."BWOptPercent7Days", t."BWOptPercent28Days",
      t."BytesFromCache", t."BytesFromCDN", t."BytesFromGroupPeers", t."BytesFromIntPeers",
      t."BytesFromPeers", ${modeText} AS "DownloadMode",
      coalesce(d.download_mode_src, '') AS "DownloadModeSrc",
      CASE WHEN ${usedMode} < 0 THEN NULL ELSE ${usedMode} END AS "ContentDownloadMode",
      ${peeringText} AS "PeeringStatus", ${statusText} AS "DOStatusDescription",
      coalesce(d.group_id, '') AS "GroupID", t.eligible AS "PeerEligibleTransfers",
      t.success AS "PeersSuccessCount", t.cannot AS "PeersCannotConnectCount",
      t.success + t.cannot AS "NoPeersCount", t.unknown AS "PeersUnknownCount",
      t.transfers AS "TotalTransfers", ${clockText} AS "TotalTimeForDownload",
      coalesce(p.city, d.city) AS "City", coalesce(p.country, d.country) AS "Country",
      coalesce(p.isp, d.isp) AS "ISP", d.os_version AS "OSVersion",
      d.last_time AS "LastCensusSeenTime", ${now} AS "TimeGenerated", t.tenant AS "TenantId",
      'UCDOStatus' AS "Type"
    FROM (
      SELECT tenant, device_id, content_type, ${byteSums},
        ${savingsOfWeek(scope)} AS "BWOptPercent7Days", ${savings} AS "BWOptPercent28Days",
        ${counts}, max(last) AS last
      FROM ${rows} GROUP BY tenant, device_id, content_type
    ) t
    LEFT JOIN device d ON d.tenant = t.tenant AND d.device_id = t.device_id
    LEFT JOIN (
      SELECT tenant, device_id, site, row_number() OVER (
        PARTITION BY tenant, device_id ORDER BY ${totalBytes} DESC, site) AS place
      FROM ${rows} GROUP BY tenant, device_id, site
    ) m ON m.tenant = t.tenant AND m.device_id = t.device_id AND m.place = 1
    LEFT JOIN site_place p ON p.site = m.site`;
}

const counts = sql.raw(
  [
    `${sumOf('eligible')} AS eligible`,
    `${sumOf('peers_success')} AS success`,
    `${sumOf('peers_cannot')} AS cannot`,
    `${sumOf('peers_unknown')} AS unknown`,
    `${sumOf('completed + canceled + failed')} AS transfers`,
    `${sumOf('total_ms')} AS total_ms`,
  ].join(', '),
);

/** See `lastOf`: the mode of the last event, -1 for none; its status. */
const usedMode = sql.raw('CAST(t.last / 8 % 128 - 1 AS integer)');
const statusText = sql.raw(
  `CASE t.last % 8 ${statusTexts.map((text, i) => `WHEN ${i} THEN '${text}'`).join(' ')} END`,
);

const two = (n: string) => `CASE WHEN ${n} < 10 THEN '0' ELSE '' END || CAST(${n} AS text)`;
/** hh:mm:ss of whole seconds. */
const clockText = sql.raw(
  [
    two('t.total_ms / 3600000'),
    two('(t.total_ms / 60000) % 60'),
    two('(t.total_ms / 1000) % 60'),
  ].join(" || ':' || "),
);
