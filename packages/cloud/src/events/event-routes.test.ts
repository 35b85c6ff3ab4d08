import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type EventBatch, ManualClock, sluiceError } from '@sluice/protocol';
import { parseErrorReply, parseEventsReply } from '@sluice/protocol/schemas';
import { parquetReadObjects } from 'hyparquet';
import { startCloud, temporaryDir } from '../cloud.test-support.ts';
import { sqliteDatabase } from '../database/sqlite-database.ts';
import { createApp } from '../http/app.ts';
import { Entrance } from '../http/entrance.ts';
import { RequestCounts } from '../metrics/request-counts.ts';
import { batchOf, completed, snapshot, started } from './event-fleet.test-support.ts';
import { eventRoutes } from './event-routes.ts';
import { EventStore } from './event-store.ts';
import { dayMs } from './facts.ts';
import { noPlaces } from './geo/places.ts';

const packed = (body: unknown) => gzipSync(JSON.stringify(body));
const gzip = { 'content-encoding': 'gzip' };

test('what devices tell is counted once, and read as JSON, CSV and Parquet', async (t) => {
  const { ask, admin } = await startCloud(t);
  const now = Date.now();
  // A name that a spreadsheet would run.
  const DeviceName = '=HYPERLINK("http://x","a,b")';
  const batch = batchOf('dev', [
    snapshot(now, { DeviceName }),
    started(now, 'c'),
    completed(now + 1, 'c', { BytesFromCDN: 1, BytesFromPeers: 3 }),
  ]);
  const first = await ask('/events', { body: packed(batch), headers: gzip });
  assert.equal(first.status, 202);
  assert.deepEqual(parseEventsReply(first.json), { Accepted: 3, Duplicates: 0 });
  // Plain, cut another way, with one that is new, and twice in one batch.
  const [one, two] = batch.Events as [EventBatch['Events'][number], EventBatch['Events'][number]];
  const fresh = completed(now, 'c', { BytesFromCDN: 4 });
  const again = await ask('/events', { body: batchOf('dev', [one, two, fresh, fresh]) });
  assert.deepEqual(again.json, { Accepted: 1, Duplicates: 3, Refused: 0 });
  assert.match((await ask('/metrics')).text, /events_accepted_total 4\n/);

  assert.equal((await ask('/admin/reports/summary')).status, 401);
  const report = (path: string) => admin(`/admin/reports/${path}`);
  const { json } = await report('ucdo-status');
  assert.deepEqual(
    [json.Report, json.Tenant, json.Next, json.Rows.length],
    ['ucdo-status', 'default', null, 1],
  );
  const [row] = json.Rows;
  assert.deepEqual([row.BytesFromCDN, row.BytesFromPeers, row.BWOptPercent28Days], [5, 3, 37.5]);
  assert.equal(row.DeviceName, DeviceName);

  const csv = await report('ucdo-status?format=csv');
  assert.match(String(csv.headers['content-type']), /^text\/csv/);
  const [head, line, rest] = csv.text.split('\r\n');
  assert.deepEqual([head!.slice(0, 15), rest], ['AzureADDeviceId', '']);
  assert.ok(line!.includes('"\'=HYPERLINK(""http://x"",""a,b"")"'), line);

  const [fromParquet] = await readParquet(
    await report('ucdo-status?format=parquet&from=2020-01-01'),
  );
  assert.equal(fromParquet!.BytesFromCDN, 5n);
  assert.equal(fromParquet!.DeviceName, DeviceName);
  assert.equal((fromParquet!.LastCensusSeenTime as Date).getTime(), now + 1);
  const empty = await readParquet(await report('contents?format=parquet&tenant=nobody'));
  assert.deepEqual(empty, []);

  for (const [path, status] of [
    ['nothing', 404],
    ['constructor', 404],
    ['efficiency?by=moon', 400],
    ['content-sites', 400],
    ['summary?from=2027-02-31', 400],
    ['summary?from=2027-01-02&to=2027-01-01', 400],
    ['summary?extra=1', 400],
  ] as const) {
    assert.equal((await report(path)).status, status, path);
  }
});

async function readParquet({ bytes }: { bytes: Buffer }): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
}

test('hostile batches are refused as a whole and change nothing', async (t) => {
  const { ask, admin } = await startCloud(t);
  const now = Date.now();
  const good = batchOf('dev', [completed(now, 'c', { BytesFromCDN: 1 })]);
  const changed = (fields: object) => ({ ...good, Events: [{ ...good.Events[0], ...fields }] });
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  const cases: [string, number, Parameters<typeof ask>[1]][] = [
    ['a bomb', 413, { body: bomb, headers: gzip }],
    ['too long', 413, { body: ' '.repeat((1 << 20) + 1) }],
    ['no gzip', 400, { body: JSON.stringify(good), headers: gzip }],
    ['half a gzip', 400, { body: packed(good).subarray(0, 100), headers: gzip }],
    ['another packing', 400, { body: 'x', headers: { 'content-encoding': 'br' } }],
    ['no events', 400, { body: batchOf('dev', []) }],
    ['too many', 400, { body: batchOf('dev', Array(501).fill(good.Events[0])) }],
    ['text as a number', 400, { body: changed({ BytesFromCDN: '1' }) }],
    ['less than nothing', 400, { body: changed({ BytesFromCDN: -1 }) }],
    ['more than a number holds', 400, { body: changed({ BytesFromCDN: 2 ** 60 }) }],
    ['a field nobody knows', 400, { body: changed({ Extra: 1 }) }],
    ['a fault of another kind', 400, { body: changed({ Name: 'DeviceSnapshot' }) }],
    ['a device that is a path', 400, { body: { ...good, DeviceId: '../x' } }],
  ];
  for (const [title, status, asked] of cases) {
    const answer = await ask('/events', asked);
    assert.equal(answer.status, status, `${title}: ${answer.text}`);
    parseErrorReply(answer.json);
  }
  const times = [0, now + 3 * dayMs, now - 200 * dayMs].map((time) => completed(time, 'c'));
  assert.deepEqual((await ask('/events', { body: batchOf('dev', times) })).json, {
    ...{ Accepted: 0, Duplicates: 0, Refused: 3 },
  });
  assert.deepEqual((await admin('/admin/reports/devices')).json.Rows, []);
  // The last of keys that are there twice is what is checked, and what is kept.
  const twice = JSON.stringify(good).replace('{', '{"DeviceId":"../x",');
  assert.equal((await ask('/events', { body: twice })).status, 202);
  const { Rows } = (await admin('/admin/reports/devices')).json;
  assert.deepEqual([Rows.length, Rows[0].DeviceId], [1, 'dev']);
});

test('a device with a session tells of itself only, for its own tenant', async (t) => {
  const database = sqliteDatabase(await temporaryDir(t, () => database.close()));
  const events = await EventStore.open(database, noPlaces);
  const trustedProxies: string[] = [];
  const entrance = new Entrance({
    clock: new ManualClock(),
    requestsPerSecond: 100,
    trustedProxies,
  });
  const app = createApp({ logger: undefined, entrance, trustedProxies, certificate: undefined });
  app.decorateRequest('device', undefined);
  app.addHook('onRequest', async (request) => {
    request.device = { deviceId: 'mine', tenant: 'acme', groupId: null };
  });
  const claim = async (peer: string) => {
    if (peer === 'yours') throw sluiceError('PeerIdTaken', { peer });
  };
  const identity = { peerIds: { claim } as never };
  const counts = new RequestCounts();
  eventRoutes(app, { events, eventDays: 90, identity, counts, wallTime: () => 10 * dayMs });
  const post = (device: string) =>
    app.inject({
      method: 'POST',
      url: '/events',
      payload: batchOf(device, [completed(9 * dayMs, 'c')]),
    });
  assert.equal((await post('yours')).statusCode, 403);
  assert.equal((await post('mine')).statusCode, 202);
  assert.equal((await post('a-peer-id-of-mine')).statusCode, 202);
  const kept = await events.db.selectFrom('event').select(['tenant', 'device_id']).execute();
  assert.deepEqual({ ...kept[0] }, { tenant: 'acme', device_id: 'mine' });
  assert.equal(kept.length, 2);
  await app.close();
});
