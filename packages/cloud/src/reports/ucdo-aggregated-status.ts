import { type RawBuilder, sql } from 'kysely';
import { columns } from './column.ts';
import { byteSums, inScope, type Scope, savings, wasActive } from './scope.ts';

/** The fields of UCDOAggregatedStatus (reports.md §6). */
export const ucdoAggregatedStatusColumns = columns({
  AzureADDeviceId: 'text',
  AzureADTenantId: 'text',
  BWOptPercent28Days: 'real',
  BytesFromCache: 'integer',
  BytesFromCDN: 'integer',
  BytesFromGroupPeers: 'integer',
  BytesFromIntPeers: 'integer',
  BytesFromPeers: 'integer',
  ContentType: 'text',
  DeviceCount: 'integer',
  TenantId: 'text',
  TimeGenerated: 'time',
  Type: 'text',
});

/** SQL: UCDOAggregatedStatus, a row for each tenant and content type. @param now ms since 1970 */
export function ucdoAggregatedStatus(scope: Scope, now: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    SELECT CAST(NULL AS text) AS "AzureADDeviceId", v.tenant AS "AzureADTenantId",
      v."BWOptPercent28Days", v."BytesFromCache", v."BytesFromCDN", v."BytesFromGroupPeers",
      v."BytesFromIntPeers", v."BytesFromPeers", v.content_type AS "ContentType",
      (SELECT count(*) FROM device_type x WHERE x.tenant = v.tenant
        AND x.content_type = v.content_type AND ${wasActive(scope)}) AS "DeviceCount",
      v.tenant AS "TenantId", ${now} AS "TimeGenerated", 'UCDOAggregatedStatus' AS "Type"
    FROM (
      SELECT tenant, content_type, ${byteSums}, ${savings} AS "BWOptPercent28Days"
      FROM volume_day WHERE ${inScope(scope, 'volume_day')} GROUP BY tenant, content_type
    ) v
    ORDER BY v.tenant, v.content_type`;
}
