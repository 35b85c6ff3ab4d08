import assert from 'node:assert/strict';
import type { DeviceEvent } from '@sluice/protocol';
import {
  completed,
  jobError,
  paused,
  snapshot,
  started,
} from '../events/event-fleet.test-support.ts';
import type { EventStore } from '../events/event-store.ts';
import { dayMs } from '../events/facts.ts';
import { csvPlaces } from '../events/geo/csv-places.ts';
import type { Row } from './column.ts';
import { type ReportQuery, reports } from './reports.ts';

export const today = 20_000;
export const t0 = today * dayMs + 1_000_000;
export const range = { from: (today - 89) * dayMs, to: t0 + dayMs };
export const [site1, site2] = ['198.51.100.1', '203.0.113.9'];
export const places = csvPlaces(
  'network,country,city,isp\n198.51.100.0/24,Germany,Berlin,"Example, Net"\n',
);

/** A fleet of three, every value of whose reports is worked out by hand in the checks. */
export const fleet: { device: string; site: string; events: DeviceEvent[] }[] = [
  {
    device: 'a',
    site: site1,
    events: [
      snapshot(t0 - 1, { DeviceName: 'alpha' }),
      started(t0, 'c1'),
      completed(t0 + 10_000, 'c1', {
        BytesFromCDN: 600,
        BytesFromCacheServer: 100,
        BytesFromPeers: 200,
        BytesFromLinkLocalPeers: 50,
        BytesFromGroupPeers: 30,
        BytesFromIntPeers: 20,
        DuplicateBytes: 10,
        TotalTimeMs: 10_000,
        PeersSuccessCount: 2,
        PeersCannotConnectCount: 1,
        PeersUnknownCount: 3,
        DownlinkBps: 100,
        UplinkBps: 50,
        PeersNotUsed: [
          { Rule: 'PeerBanned', PeerClass: 'Lan', Count: 2 },
          { Rule: 'DOMinRAMAllowedToPeer', PeerClass: null, Count: 5 },
        ],
      }),
      // Before the last seven days, and before the 28.
      completed(t0 - 10 * dayMs, 'c2', { BytesFromCDN: 1_000, TotalTimeMs: 3_661_000 }),
      completed(t0 - 28 * dayMs, 'c2', { BytesFromPeers: 77_777, TotalTimeMs: 5 }),
    ],
  },
  {
    device: 'b',
    site: site1,
    events: [
      started(t0 + 2_000, 'c1'),
      // A run of its own, whose bytes are not in those of the next.
      paused(t0 + 10_000, 'c1', { BytesFromPeers: 300, TotalTimeMs: 8_000 }),
      completed(t0 + 22_000, 'c1', {
        BytesFromPeers: 600,
        BytesFromGroupPeers: 100,
        TotalTimeMs: 12_000,
        // Its line it does not measure.
        DownlinkUsageBps: 200,
        UplinkBps: 50,
      }),
    ],
  },
  {
    device: 'c',
    site: site2,
    events: [
      snapshot(t0, { DownloadMode: 0, GroupId: null, DownloadModeSrc: 'Registry' }),
      started(t0 + 4_000, 'c1', { GroupId: null }),
      completed(t0 + 44_000, 'c1', {
        BytesFromCDN: 1_000,
        TotalTimeMs: 40_000,
        DownloadMode: 0,
        GroupId: null,
        PeerEligible: false,
        DownlinkBps: 50,
        UplinkBps: 50,
      }),
      jobError(t0 + 50_000, 'c3', { ErrorCode: 'DiskFull', ContentType: 'Other', GroupId: null }),
    ],
  },
];

export type Ask = (report: string, more?: Partial<ReportQuery>) => Promise<Row[]>;

export async function read(store: EventStore, report: string, more: Partial<ReportQuery>) {
  const { rows, columns } = reports[report]!(store.db, {
    ...{ tenant: 'default', from: today - 27, to: today, now: t0, limit: 100 },
    ...{ after: undefined, by: undefined, content: undefined, device: undefined },
    sourceRate: undefined,
    ...more,
  });
  const all = await Array.fromAsync(rows);
  const names = new Set(columns.map((column) => column.name));
  for (const row of all) for (const key of Object.keys(row)) assert.ok(names.has(key), key);
  return all.map((row) => ({ ...row }));
}
