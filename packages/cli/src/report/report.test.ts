/** From what a device told to what an admin reads, by the real command and a real cloud. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { ReportReply } from '@sluice/protocol';
import { runCli, startCli, temporaryHome } from '../run-cli.test-support.ts';
import { reportLines } from './report-lines.ts';

test('a report as a table, as JSON and as a file', async () => {
  await using home = await temporaryHome();
  const { env } = home;
  await using cloud = startCli(['cloud', '--json', '--listen', '127.0.0.1:0'], { env });
  const { Url } = JSON.parse(await cloud.firstLine()) as { Url: string };
  const report = (...args: string[]) => runCli(['report', ...args, '--cloud', Url], { env });
  const sent = await fetch(`${Url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(snapshotBatch),
  });
  assert.equal(sent.status, 202);

  const table = await report('device-configuration');
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /DownloadMode +LAN \(1\)\n/);
  const json = JSON.parse((await report('devices', '--json')).stdout) as ReportReply;
  assert.deepEqual([json.Report, json.Rows[0]?.DeviceName], ['devices', 'alpha']);
  const file = home.path('devices.parquet');
  assert.equal((await report('devices', '--parquet', '-o', file)).code, 0);
  const bytes = await readFile(file);
  assert.deepEqual(
    [bytes.toString('latin1', 0, 4), bytes.toString('latin1', bytes.length - 4)],
    ['PAR1', 'PAR1'],
  );
  assert.match((await report('nothing')).stderr, /404/);
});

const snapshotBatch = {
  DeviceId: 'a'.repeat(40),
  BatchId: '00000000-0000-4000-8000-000000000001',
  SentAt: 0,
  Events: [
    {
      EventId: '00000000-0000-4000-8000-000000000002',
      Name: 'DeviceSnapshot',
      Time: Date.now(),
      PeerId: 'a'.repeat(40),
      DeviceName: 'alpha',
      DoClientVersion: '1.2',
      OSPlatform: 'linux',
      OSVersion: '6.1',
      DeviceProfile: null,
      DownloadMode: 1,
      DownloadModeSrc: 'Mdm',
      SetConfigs: {},
      CacheSizeBytes: 0,
      CacheFiles: 0,
      GroupId: null,
      EventsDropped: 0,
      City: null,
      Country: null,
      Isp: null,
    },
  ],
};

test('a table says what its rows come to, and plays no tricks on the terminal', () => {
  const row = (Site: string, BytesFromCDN: number, BytesFromPeers: number) => ({
    ...{ Tenant: 'default', Site, City: null, BytesFromCDN, BytesFromPeers },
    BWOptPercent: (100 * BytesFromPeers) / (BytesFromCDN + BytesFromPeers),
  });
  const lines = reportLines({
    ...{ Report: 'efficiency', Tenant: 'default', From: '2027-01-01', To: '2027-01-28' },
    TimeGenerated: '2027-01-28T00:00:00.000Z',
    Rows: [row('192.0.2.1', 1_024, 3_072), row('\u001b[31mred\u0007', 2_048, 2_048)],
    Next: 'x',
  });
  assert.deepEqual(lines.join('\n').split('\n'), [
    'Site       BytesFromCDN  BytesFromPeers  BWOptPercent',
    '192.0.2.1      1.00 KiB        3.00 KiB        75.0 %',
    'red            2.00 KiB        2.00 KiB        50.0 %',
    '',
    '2 rows from 2027-01-01 to 2027-01-28, and more: see --limit: 8.00 KiB, 62.5 % not from the source',
  ]);
});
