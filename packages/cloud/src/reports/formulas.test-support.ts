import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { batchOf, completed, groupHash, snapshot } from '../events/event-fleet.test-support.ts';
import type { EventStore } from '../events/event-store.ts';
import { dayMs } from '../events/facts.ts';
import type { Row } from './column.ts';
import { type Ask, range, read, site1, site2, t0 } from './fleet-of-three.test-support.ts';
import type { ReportQuery } from './reports.ts';

/** The three percentages wherever the fleet of three has them. */
export async function checkPercentages(ask: Ask): Promise<void> {
  const ofAll = [(100 * 1_380) / 3_980, (100 * 1_280) / 3_980, (100 * 100) / 3_980];
  // 1,000 from the source less: on the last day those of ten days before, at the first site those of the other.
  const ofMost = [(100 * 1_380) / 2_980, (100 * 1_280) / 2_980, (100 * 100) / 2_980];
  assert.deepEqual((await ask('summary')).map(percents), [ofAll]);
  assert.deepEqual((await ask('volume-by-day')).map(percents), [[0, 0, 0], ofMost]);
  const [types] = await ask('efficiency', { by: 'contentType' });
  assert.deepEqual(percents(types), ofAll);
  for (const [by, column, most, other] of [
    ['group', 'GroupID', groupHash, null],
    ['site', 'Site', site1, site2],
    ['city', 'City', 'Berlin', null],
    ['country', 'Country', 'Germany', null],
    ['isp', 'ISP', 'Example, Net', null],
  ] as const) {
    const rows = await ask('efficiency', { by });
    assert.deepEqual(
      rows.map((row) => [row[column], row.DeviceCount, row.TotalBytes, ...percents(row)]),
      [
        [most, 2, 2_980, ...ofMost],
        [other, 1, 1_000, 0, 0, 0],
      ],
    );
  }
}

function percents(row: Row | undefined): unknown[] {
  return [row?.BWOptPercent, row?.P2PPercent, row?.CachePercent];
}

/** Of 1,000 bytes, what saves: up to 60 % is a warning, less than 10 % an error. What Internet peers gave counts nowhere. */
export async function checkThresholds(store: EventStore): Promise<void> {
  for (const [saved, status] of [
    [0, 'Error'],
    [99, 'Error'],
    [100, 'Warning'],
    [600, 'Warning'],
    [601, 'Good'],
    [1_000, 'Good'],
  ] as const) {
    const tenant = `saves-${saved}`;
    const bytes = { BytesFromCDN: 1_000 - saved, BytesFromPeers: saved, BytesFromIntPeers: 5_000 };
    await store.ingest([sent(tenant, [completed(t0, 'c1', bytes)])], range);
    const [tiles] = await read(store, 'summary', { tenant });
    const seen = [tiles?.TotalBytes, tiles?.BWOptPercent, tiles?.P2PPercent, tiles?.SavingsStatus];
    assert.deepEqual(seen, [1_000, saved / 10, saved / 10, status]);
  }
}

/** The views have what the reports have. Their last day is the database's, and so is that of this tenant's events. */
export async function checkViewsOfToday(store: EventStore): Promise<void> {
  const now = Date.now();
  const events = [
    snapshot(now, { DeviceName: 'omega' }),
    completed(now, 'c1', { BytesFromCDN: 250, BytesFromPeers: 700, BytesFromCacheServer: 50 }),
    completed(now - 9 * dayMs, 'c2', { BytesFromCDN: 1_000, ContentType: 'Apps' }),
    completed(now - 40 * dayMs, 'c3', { BytesFromGroupPeers: 9_999 }),
  ];
  const around = { from: now - 60 * dayMs, to: now + dayMs };
  await store.ingest([sent('today', events)], around);
  const to = Math.floor(now / dayMs);
  const ask = (report: string, more: Partial<ReportQuery> = {}) =>
    read(store, report, { tenant: 'today', from: to - 27, to, now, ...more });
  const tenantOf: Record<string, string> = {
    ucdo_status: 'TenantId',
    ucdo_aggregated_status: 'TenantId',
  };
  for (const [view, report] of [
    ['ucdo_status', await ask('ucdo-status')],
    ['ucdo_aggregated_status', await ask('ucdo-aggregated-status')],
    ['device_configuration', await ask('device-configuration')],
    ['efficiency_by_group', await ask('efficiency')],
    ['efficiency_by_site', await ask('efficiency', { by: 'site' })],
    ['efficiency_by_city', await ask('efficiency', { by: 'city' })],
    ['efficiency_by_country', await ask('efficiency', { by: 'country' })],
    ['efficiency_by_isp', await ask('efficiency', { by: 'isp' })],
    ['efficiency_by_content_type', await ask('efficiency', { by: 'contentType' })],
  ] as const) {
    const column = sql.ref(tenantOf[view] ?? 'Tenant');
    const { rows } =
      await sql<Row>`SELECT * FROM ${sql.table(view)} WHERE ${column} = 'today'`.execute(store.db);
    assert.ok(report.length > 0, view);
    assert.deepEqual(rows.map(timeless), report.map(timeless), view);
  }
}

/** Views have dates where reports have milliseconds, and say when they were read. */
function timeless({ TimeGenerated: _, LastCensusSeenTime: at, ...row }: Row): Row {
  return { ...row, ...(at !== undefined && { LastCensusSeenTime: Number(at) }) };
}

function sent(tenant: string, events: Parameters<typeof batchOf>[1]) {
  return { batch: batchOf('d', events), sender: { tenant, deviceId: 'd', site: site1 } };
}
