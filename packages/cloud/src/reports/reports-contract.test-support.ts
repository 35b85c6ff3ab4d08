import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../database/database.ts';
import { batchOf, completed, groupHash } from '../events/event-fleet.test-support.ts';
import { EventStore } from '../events/event-store.ts';
import {
  type Ask,
  fleet,
  places,
  range,
  read,
  site2,
  t0,
  today,
} from './fleet-of-three.test-support.ts';
import { checkPercentages, checkThresholds, checkViewsOfToday } from './formulas.test-support.ts';
import { checkBounds, checkContents, checkViews } from './more-checks.test-support.ts';
import type { ReportQuery } from './reports.ts';

/** Reports say what the formulas of reports.md say, whatever the database. */
export function reportsContract(name: string, openDatabase: () => Promise<Database>): void {
  test(`${name}: reports of a fleet of three`, async () => {
    const database = await openDatabase();
    const store = await EventStore.open(database, places);
    const given = fleet.map(({ device: deviceId, site, events }) => ({
      batch: batchOf(deviceId, events),
      sender: { tenant: 'default', deviceId, site },
    }));
    // Two together, one alone, then all again, as devices do that heard no answer.
    assert.deepEqual(await store.ingest(given.slice(0, 2), range), [
      { Accepted: 5, Duplicates: 0, Refused: 0 },
      { Accepted: 3, Duplicates: 0, Refused: 0 },
    ]);
    const again = [given[0]!, given[2]!, given[2]!];
    const replies = await store.ingest(again, range);
    assert.deepEqual(
      replies.map(({ Accepted, Duplicates }) => [Accepted, Duplicates]),
      [
        [0, 5],
        [4, 0],
        [0, 4],
      ],
    );
    const elsewhere = {
      batch: batchOf('a', [completed(t0, 'c1', { BytesFromCDN: 5 })]),
      sender: { tenant: 'other', deviceId: 'a', site: site2 },
    };
    await store.ingest([elsewhere], range);

    const ask = async (report: string, more: Partial<ReportQuery> = {}) =>
      read(store, report, more);
    await checkUcdoStatus(ask);
    await checkSums(ask);
    await checkPercentages(ask);
    await checkContents(ask);
    if (database.shared) await checkViews(store);
    await checkBounds(store);
    await checkThresholds(store);
    if (database.shared) await checkViewsOfToday(store);
    await database.close();
  });
}

async function checkUcdoStatus(ask: Ask): Promise<void> {
  const [a, b, other, c, ...more] = await ask('ucdo-status');
  assert.deepEqual(more, []);
  assert.deepEqual(a, {
    AzureADDeviceId: 'a',
    AzureADTenantId: 'default',
    GlobalDeviceId: 'a',
    DeviceName: 'alpha',
    ContentType: 'Quality Updates',
    // Of c1: (200 + 50 + 30 + 100) of 980; with the 1,000 of c2 from the source, of 1,980.
    BWOptPercent7Days: (100 * 380) / 980,
    BWOptPercent28Days: (100 * 380) / 1_980,
    BytesFromCache: 100,
    BytesFromCDN: 1_600,
    BytesFromGroupPeers: 30,
    BytesFromIntPeers: 20,
    BytesFromPeers: 250,
    DownloadMode: 'LAN (1)',
    DownloadModeSrc: 'Mdm',
    ContentDownloadMode: 1,
    PeeringStatus: 'On',
    DOStatusDescription: 'Complete',
    GroupID: groupHash,
    PeerEligibleTransfers: 2,
    PeersSuccessCount: 2,
    PeersCannotConnectCount: 1,
    NoPeersCount: 3,
    PeersUnknownCount: 3,
    TotalTransfers: 2,
    // 10 s and 1 h 1 min 1 s
    TotalTimeForDownload: '01:01:11',
    City: 'Berlin',
    Country: 'Germany',
    ISP: 'Example, Net',
    OSVersion: 'linux 6.1',
    LastCensusSeenTime: t0 + 10_000,
    TimeGenerated: t0,
    TenantId: 'default',
    Type: 'UCDOStatus',
  });
  // Without a snapshot.
  assert.deepEqual(
    [b?.DeviceName, b?.DownloadMode, b?.PeeringStatus, b?.BWOptPercent28Days],
    ['#', 'Unknown', 'Unknown', 100],
  );
  assert.deepEqual(
    [b?.BytesFromPeers, b?.TotalTransfers, b?.PeerEligibleTransfers, b?.TotalTimeForDownload],
    [900, 1, 1, '00:00:20'],
  );
  assert.deepEqual(
    [other?.ContentType, other?.DOStatusDescription, other?.BWOptPercent28Days],
    ['Other', 'Failed', 0],
  );
  assert.deepEqual(
    [c?.DownloadMode, c?.PeeringStatus, c?.ContentDownloadMode, c?.PeerEligibleTransfers, c?.City],
    ['HTTP only (0)', 'Off', 0, 0, null],
  );
  assert.deepEqual((await ask('ucdo-status', { device: 'b' })).length, 1);
  const from = await ask('ucdo-status', { after: 'a', limit: 1 });
  assert.deepEqual(
    from.map((row) => row.AzureADDeviceId),
    ['b'],
  );
}

async function checkSums(ask: Ask): Promise<void> {
  const [other, quality, ...more] = await ask('ucdo-aggregated-status');
  assert.deepEqual(more, []);
  assert.deepEqual(quality, {
    AzureADDeviceId: null,
    AzureADTenantId: 'default',
    // Of a 380, of b all 1,000; of 1,980 and 1,000 and 1,000.
    BWOptPercent28Days: (100 * 1_380) / 3_980,
    BytesFromCache: 100,
    BytesFromCDN: 2_600,
    BytesFromGroupPeers: 130,
    BytesFromIntPeers: 20,
    BytesFromPeers: 1_150,
    ContentType: 'Quality Updates',
    DeviceCount: 3,
    TenantId: 'default',
    TimeGenerated: t0,
    Type: 'UCDOAggregatedStatus',
  });
  assert.deepEqual([other?.ContentType, other?.DeviceCount], ['Other', 1]);

  const groups = await ask('efficiency');
  assert.deepEqual(
    groups.map((g) => [g.GroupID, g.DeviceCount, g.P2PPercent, g.CachePercent]),
    [
      [groupHash, 2, (100 * 1_280) / 2_980, (100 * 100) / 2_980],
      [null, 1, 0, 0],
    ],
  );
  const cities = await ask('efficiency', { by: 'city' });
  assert.deepEqual(
    cities.map((g) => [g.City, g.DeviceCount, g.TotalBytes]),
    [
      ['Berlin', 2, 2_980],
      [null, 1, 1_000],
    ],
  );
  const types = await ask('efficiency', { by: 'contentType' });
  assert.deepEqual(
    types.map((t) => [t.ContentType, t.DeviceCount]),
    [
      ['Quality Updates', 3],
      ['Other', 1],
    ],
  );
  const days = await ask('volume-by-day');
  assert.deepEqual(
    days.map((d) => [d.Day, d.TotalBytes, d.BytesFromCDN]),
    [
      [today - 10, 1_000, 1_000],
      [today, 2_980, 1_600],
    ],
  );
  const [tiles] = await ask('summary');
  assert.deepEqual(
    [tiles?.TotalBytes, tiles?.VolumeByP2P, tiles?.VolumeByCache, tiles?.VolumeByCDN],
    [3_980, 1_280, 100, 2_600],
  );
  assert.deepEqual(
    [tiles?.DeviceCount, tiles?.P2PDeviceCount, tiles?.CacheDeviceCount, tiles?.SavingsStatus],
    [3, 1, 1, 'Warning'],
  );
  const [none] = await ask('summary', { tenant: 'nobody' });
  assert.deepEqual([none?.TotalBytes, none?.BWOptPercent, none?.SavingsStatus], [0, 0, 'None']);
  assert.deepEqual(
    (await ask('device-configuration')).map((row) => [row.DownloadMode, row.DeviceCount]),
    [
      ['HTTP only (0)', 1],
      ['LAN (1)', 1],
      ['Unknown', 1],
    ],
  );
  assert.deepEqual(await ask('errors'), [{ Reason: 'DiskFull', Count: 1 }]);
  assert.deepEqual(await ask('peers-not-used', { content: 'c1' }), [
    { Reason: 'DOMinRAMAllowedToPeer', Count: 5 },
    { Reason: 'PeerBanned', Count: 2 },
  ]);
  const seen = (await ask('device-events', { device: 'c' })).map((row) => row.Name);
  assert.deepEqual(seen, ['JobError', 'DownloadCompleted', 'DownloadStarted', 'DeviceSnapshot']);
  const list = await ask('devices');
  assert.deepEqual(
    list.map((d) => [d.DeviceId, d.TotalTransfers, d.FailedTransfers, d.TotalBytes]),
    [
      ['a', 2, 0, 1_980],
      ['b', 1, 0, 1_000],
      ['c', 2, 1, 1_000],
    ],
  );
}
