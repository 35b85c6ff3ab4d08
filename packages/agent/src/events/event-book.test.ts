/** What downloads tell the cloud: SluiceEvents, SluiceEventsFilePaths, SluiceEventsDeviceName. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { type TestContext, test } from 'node:test';
import type { DeviceEvent, DownloadRequest, EventName, EventOf } from '@sluice/protocol';
import { EventBatchSchema } from '@sluice/protocol/schemas';
import { Compile } from 'typebox/compile';
import type { AgentOptions } from '../agent-options.ts';
import { openJobs } from '../jobs/open-jobs.ts';
import { serveObject } from '../source/testing/object-server.ts';
import { until } from '../swarm/testing/until.ts';
import { refusedHost } from '../testing/addresses.test-kit.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { groupHash } from './privacy.ts';

const check = Compile(EventBatchSchema);
const bytes = bytesOf(3 * mib);
const GroupId = '01234567-89ab-cdef-0123-456789abcdef';
const day = 86_400_000;

async function world(t: TestContext, isPublished = true) {
  const stack = new AsyncDisposableStack();
  t.after(() => stack.disposeAsync());
  const source = stack.use(await serveObject(bytes));
  const cloud = stack.use(await FakeCloud.start());
  const device = stack.use(await Device.create());
  cloud.wantsEvents = true;
  const Url = `${source.origin}/a.iso?sig=secret`;
  if (isPublished) cloud.publish(Url, phfOf(bytes));
  // What the store holds is as old as its files are.
  const time = { now: Date.now() };
  const common = { cloudUrl: cloud.url, today: () => new Date(time.now) };
  const get = async (
    request: Partial<DownloadRequest> = {},
    options: Partial<AgentOptions> = {},
  ) => {
    const status = await device.get({ Url, ...request }, { ...common, ...options });
    await device.remove().catch(() => {});
    return status;
  };
  return { source, cloud, device, Url, time, common, get };
}

/** All that came, each in its right shape. */
function events({ batches }: FakeCloud): DeviceEvent[] {
  for (const batch of batches) {
    assert.ok(check.Check(batch), JSON.stringify(check.Errors(batch)[0]));
  }
  return batches.flatMap(({ Events }) => Events);
}

function only<N extends EventName>(cloud: FakeCloud, name: N): EventOf<N> {
  const found = events(cloud).filter(({ Name }) => Name === name);
  assert.equal(found.length, 1, `${found.length} × ${name}`);
  return found[0] as EventOf<N>;
}

const isSegment = (name: string) => /\.(jsonl|open)$/.test(name);

const names = (cloud: FakeCloud) => events(cloud).map(({ Name }) => Name);

test('a download is told of with all that belongs to it, and the device once a day', async (t) => {
  const w = await world(t);
  const asked = { GroupId, Mode: 2, PredefinedCallerApplication: 'a\ncaller', ContentType: 'Apps' };
  await w.get(asked as Partial<DownloadRequest>, {
    settings: { DOMaxUploadBandwidth: 9, DOGroupId: GroupId },
  });
  assert.deepEqual(names(w.cloud), ['DownloadStarted', 'DownloadCompleted', 'DeviceSnapshot']);
  const started = only(w.cloud, 'DownloadStarted');
  assert.deepEqual(
    [started.DownloadMode, started.DownloadModeSrc, started.FileSize, started.FilePath],
    [2, 'Request', bytes.length, null],
  );
  assert.deepEqual(started.SetConfigs.DOMaxUploadBandwidth, { Value: '9', Source: 'CommandLine' });
  assert.deepEqual(started.SetConfigs.DOGroupId?.Value, groupHash(GroupId));
  const completed = only(w.cloud, 'DownloadCompleted');
  assert.equal(completed.BytesFromCDN, bytes.length);
  assert.equal(completed.CdnUrl, w.Url.split('?')[0]);
  assert.deepEqual(
    [completed.CdnIp, completed.CdnConnectionCount, completed.DataSourcesTotal],
    ['127.0.0.1', 1, 1],
  );
  assert.deepEqual(
    [completed.PredefinedCallerName, completed.ContentType, completed.GroupId],
    ['a caller', 'Apps', groupHash(GroupId)],
  );
  assert.match(completed.UpdateId ?? '', /^DO-/);
  assert.ok(completed.PeerEligible);
  assert.equal(
    completed.SourceBytes.reduce((sum, { Bytes }) => sum + Bytes, 0),
    bytes.length,
  );
  assert.deepEqual(
    completed.PeersNotUsed.map(({ Rule }) => Rule),
    ['NoPeers'],
  );
  assert.deepEqual([completed.JobId, completed.SessionId], [started.JobId, started.SessionId]);
  const snapshot = only(w.cloud, 'DeviceSnapshot');
  assert.deepEqual([snapshot.DeviceName, snapshot.City, snapshot.EventsDropped], [null, null, 0]);
  assert.equal(JSON.stringify(w.cloud.batches).includes('secret'), false);
  assert.equal(JSON.stringify(w.cloud.batches).includes(GroupId), false);
  w.time.now += day / 2;
  await w.get();
  only(w.cloud, 'DeviceSnapshot');
  w.time.now += day / 2;
  await w.get();
  assert.equal(names(w.cloud).filter((name) => name === 'DeviceSnapshot').length, 2);
  const ids = new Set(w.cloud.batches.map(({ DeviceId }) => DeviceId));
  assert.deepEqual([...ids], [snapshot.PeerId]);
});

test('paths and the device’s name are told where that is allowed, and only there', async (t) => {
  const w = await world(t);
  await w.get({}, { settings: { SluiceEventsFilePaths: 1, SluiceEventsDeviceName: 1 } });
  assert.equal(only(w.cloud, 'DownloadStarted').FilePath, w.device.path('out'));
  assert.equal(only(w.cloud, 'DeviceSnapshot').DeviceName, hostname());
});

test('SluiceEvents: off tells nothing, basic only what reports count; simple mode nothing, either', async (t) => {
  const w = await world(t);
  await w.get({}, { settings: { SluiceEvents: 0 } });
  await w.get({ Mode: 99 });
  await w.get({}, { settings: { DODownloadMode: 99 } });
  assert.deepEqual(w.cloud.batches, []);
  await w.get({}, { settings: { SluiceEvents: 1, SluiceEventsDeviceName: 1 } });
  assert.deepEqual(names(w.cloud), ['DownloadCompleted', 'DeviceSnapshot']);
  const { CdnUrl, CdnIp, BytesFromLocalCache } = only(w.cloud, 'DownloadCompleted');
  assert.deepEqual([CdnUrl, CdnIp, BytesFromLocalCache], [null, null, bytes.length]);
  const { SetConfigs, DeviceName } = only(w.cloud, 'DeviceSnapshot');
  assert.deepEqual([SetConfigs, DeviceName], [{}, null]);
});

test('a cloud that wants no events is told none, and none are kept', async (t) => {
  const w = await world(t);
  w.cloud.wantsEvents = false;
  await w.get();
  assert.deepEqual(w.cloud.batches, []);
  assert.equal((await readdir(w.device.path('data'))).includes('events'), false);
});

test('what a source does wrong is told, once of each kind, and how the download ended', async (t) => {
  const w = await world(t, false);
  await using source = await MisbehavingSource.start(bytes);
  source.misbehave = (_, response) => {
    response.writeHead(404, { via: '1.1 proxy', 'set-cookie': 'id=secret' }).end();
    return 'answered';
  };
  const status = await w.get({ Url: `${source.origin}/file?sig=secret` });
  assert.equal(status.State, 'Failed');
  const failure = only(w.cloud, 'FailureCdnCommunication');
  assert.deepEqual(
    [failure.HttpStatusCode, failure.ErrorCode, failure.DoErrorCode, failure.PeerType],
    [404, 'SourceNotFound', 0x80190194, 2],
  );
  assert.match(failure.CdnHeaders ?? '', /^via: 1\.1 proxy/);
  assert.equal(failure.RequestOffset, 0);
  const { ErrorCode, BytesFromCDN, DownloadMode } = only(w.cloud, 'JobError');
  assert.deepEqual([ErrorCode, BytesFromCDN, DownloadMode], ['SourceNotFound', 0, 99]);
  assert.equal(JSON.stringify(w.cloud.batches).includes('secret'), false);
});

test('what ends with its agent was paused, and goes on as the same job; each byte counts once', async (t) => {
  const w = await world(t, false);
  await using source = await MisbehavingSource.start(bytes);
  const request = { Url: source.url(), Output: w.device.path('out') };
  w.cloud.publish(request.Url, phfOf(bytes));
  w.cloud.intercept = (path, response) => {
    if (path !== '/events') return false;
    response.writeHead(503).end('{}');
    return true;
  };
  source.limit = 2 * mib;
  const first = await w.device.agent({ ...w.common, persistent: true });
  const download = await first.download(request);
  await until(() => download.progress.onDisk() >= mib);
  await first.close();
  source.limit = Number.POSITIVE_INFINITY;
  const second = await w.device.agent({ ...w.common, persistent: true });
  await Promise.all(second.downloads().map((d) => d.finished));
  await second.close();
  w.cloud.intercept = () => false;
  // All waits on the disk: a single download takes it along.
  await w.get({ ...request, Output: w.device.path('out2') });
  const paused = only(w.cloud, 'DownloadPaused');
  assert.equal(paused.ReasonCode, 'AgentStopped');
  const completed = events(w.cloud).find(
    (e) => e.Name === 'DownloadCompleted' && e.JobId === paused.JobId,
  );
  assert.ok(completed?.Name === 'DownloadCompleted');
  assert.equal(paused.BytesFromCDN + completed.BytesFromCDN, bytes.length);
  assert.equal(completed.BytesFromLocalCache, paused.BytesFromCDN);
});

test('peers are told of by their kind, with those that could not be reached', async (t) => {
  const w = await world(t, false);
  await using source = await MisbehavingSource.start(bytes);
  await using neighbour = await Device.create();
  const request = { Url: source.url(), Mode: 1 as const };
  w.cloud.publish(request.Url, phfOf(bytes));
  const [Ip, Port] = (await refusedHost()).split(':');
  const gone = { PeerId: 'ab'.repeat(16).padEnd(40, '0'), Ip: Ip!, Port: Number(Port) };
  w.cloud.peers = [{ ...gone, Type: 'LAN', Left: 0 }];
  const other = await neighbour.agent({ ...w.common, persistent: true });
  await (await other.download({ ...request, Output: neighbour.path('out') })).finished;
  source.misbehave = (_, response) => {
    response.destroy();
    return 'answered';
  };
  await w.get(request);
  const [completed] = events(w.cloud).filter((e) => e.Name === 'DownloadCompleted');
  assert.ok(completed?.Name === 'DownloadCompleted');
  const { BytesFromPeers, BytesFromCDN, PeersSuccessCount, LanConnectionCount } = completed;
  assert.deepEqual(
    [BytesFromPeers, BytesFromCDN, PeersSuccessCount, LanConnectionCount, completed.NumPeers],
    [bytes.length, 0, 1, 1, 2],
  );
  assert.ok(completed.PeersCannotConnectCount >= 1);
  assert.ok(completed.PeersNotUsed.some(({ Rule }) => Rule === 'PeerRefused'));
  assert.ok(completed.CdnErrorCodes.length > 0);
});

test('a cloud that is silent keeps nobody longer than a second; switched off, what waits is gone', async (t) => {
  const w = await world(t);
  const held: ServerResponse[] = [];
  w.cloud.intercept = (path, response) => {
    if (path === '/events') held.push(response);
    return path === '/events';
  };
  const agent = await w.device.agent(w.common);
  await (await agent.download({ Url: w.Url, Output: w.device.path('out') })).finished;
  const endedAt = w.device.clock.now();
  await agent.close();
  assert.equal(held.length, 1);
  assert.ok(w.device.clock.now() - endedAt < 1_000);
  const spool = w.device.path('data/events');
  assert.deepEqual((await readdir(spool)).filter(isSegment).length, 1);
  const second = await w.device.agent({ ...w.common, persistent: true, random: () => 0 });
  await until(() => held.length === 2);
  const values = { SluiceEvents: 0 };
  await second.settings.change({ provider: 'Admin', values, isWhole: false });
  await second.close();
  assert.deepEqual((await readdir(spool)).filter(isSegment), []);
});

test('a job is told of as its caller sees it', async (t) => {
  const w = await world(t, false);
  await using source = await MisbehavingSource.start(bytes);
  source.limit = mib / 2;
  const agent = await w.device.agent({ ...w.common, persistent: true });
  const { clock } = w.device;
  const dataDir = w.device.path('data');
  const jobs = await openJobs(agent, dataDir, { clock, hasNetwork: () => true });
  const caller = { name: 'me', isAdmin: true };
  const job = await jobs.create(caller, { Uri: source.url(), LocalPath: w.device.path('out') });
  job.start();
  await source.limitReached;
  await job.pause();
  source.limit = mib;
  job.start();
  await source.limitReached;
  await jobs.end(job, 'abort');
  await jobs.close();
  await agent.close();
  await w.get({ Output: w.device.path('out2') });
  const own = events(w.cloud).filter((e) => 'JobId' in e && e.JobId === job.id);
  assert.deepEqual(
    own.map((e) => [e.Name, 'ReasonCode' in e ? e.ReasonCode : null]),
    [
      ['DownloadStarted', null],
      ['DownloadPaused', 'Caller'],
      ['DownloadStarted', null],
      ['DownloadCanceled', 'Caller'],
    ],
  );
});
