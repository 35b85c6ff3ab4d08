import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Compile } from 'typebox/compile';
import { type DeviceEvent, EventBatchSchema } from './event-batch.ts';
import { maxBatchBytes, maxBatchEvents } from './limits.ts';

const check = Compile(EventBatchSchema);
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const ofDownload = {
  SessionId: uuid(1),
  FileId: 'a'.repeat(64),
  JobId: uuid(2),
  UpdateId: 'DO-x',
  PredefinedCallerName: 'WU Client Download',
  ContentType: 'Quality Updates',
  Background: true,
  ExperimentId: null,
  IsVpn: false,
  RouteToCacheServer: { Setting: 'DOCacheHost', Source: 'Mdm', Value: 'cache:8080' },
  CdnUrl: 'http://[::1]:80/a@b/c%20d',
  CdnIp: '192.0.2.1',
  ErrorCode: null,
  DoErrorCode: null,
};
const soFar = {
  BytesFromCacheServer: 1,
  BytesFromCDN: 2,
  BytesFromPeers: 3,
  BytesFromGroupPeers: 4,
  BytesFromIntPeers: 5,
  BytesFromLinkLocalPeers: 6,
  BytesFromLocalCache: 7,
  BytesRequested: 28,
  FileSize: 28,
  DownloadMode: 1 as const,
  DownloadModeReason: 'asked for',
  GroupId: `${'A'.repeat(43)}=`,
  TotalTimeMs: 1_000,
  SourceBytes: [
    { Source: 'Lan' as const, Reason: 'peer' as const, AskedPieces: 2, Pieces: 1, Bytes: 3 },
  ],
  DuplicateBytes: 0,
  PeersNotUsed: [{ Rule: 'PeerBanned', PeerClass: null, Count: 2 }],
  PeerEligible: true,
  PeersSuccessCount: 1,
  PeersCannotConnectCount: 1,
  PeersUnknownCount: 0,
};
const snapshot = {
  PeerId: 'b'.repeat(40),
  DoClientVersion: '1.0.0',
  DeviceProfile: 'VM' as const,
  DownloadMode: 99 as const,
  SetConfigs: { DODownloadMode: { Value: '99', Source: 'GroupPolicy' } },
  GroupId: null,
};

const events: DeviceEvent[] = [
  {
    ...ofDownload,
    ...snapshot,
    Name: 'DownloadStarted',
    EventId: uuid(10),
    Time: 1,
    BytesRequested: null,
    CostFlags: null,
    DiceRoll: null,
    DownloadModeReason: 'by DODownloadMode',
    DownloadModeSrc: 'GroupPolicy',
    FilePath: null,
    FileSize: null,
    FileSizeCaller: null,
    IsEncrypted: false,
    IsThrottled: true,
    UsedMemoryStream: false,
  },
  {
    ...ofDownload,
    ...soFar,
    Name: 'DownloadPaused',
    EventId: uuid(11),
    Time: 2,
    ReasonCode: 'Caller',
  },
  {
    ...ofDownload,
    ...soFar,
    Name: 'DownloadCanceled',
    EventId: uuid(12),
    Time: 3,
    ReasonCode: 'Caller',
  },
  {
    ...ofDownload,
    ...soFar,
    Name: 'DownloadCompleted',
    EventId: uuid(13),
    Time: 4,
    CacheServerConnectionCount: 1,
    CdnConnectionCount: 1,
    GroupConnectionCount: 0,
    InternetConnectionCount: 0,
    LanConnectionCount: 1,
    LinkLocalConnectionCount: 0,
    CdnErrorCodes: ['SourceReset'],
    CdnErrorCounts: [2],
    CongestionPrevention: false,
    DataSourcesTotal: 3,
    DownlinkBps: null,
    DownlinkUsageBps: 10,
    UplinkBps: 5,
    UplinkUsageBps: 0,
    ExpiresAt: 1_800_000_000_000,
    NumPeers: 4,
    NumPeersLocal: 1,
    RestrictedUpload: false,
    GCurMemoryStreamBytes: 0,
    GMaxMemoryStreamBytes: 0,
  },
  {
    ...ofDownload,
    Name: 'FailureCdnCommunication',
    EventId: uuid(14),
    Time: 5,
    ErrorCode: 'SourceReset',
    DoErrorCode: 0x80d0_5001,
    CdnHeaders: 'Via: 1.1 x\nAge: 3',
    HttpStatusCode: 503,
    IsHeadRequest: false,
    PeerType: 5,
    RequestOffset: 0,
    RequestSize: 1,
    ResponseSize: null,
    ErrorCount: 3,
  },
  { ...ofDownload, ...soFar, Name: 'JobError', EventId: uuid(15), Time: 6, ErrorCode: 'DiskFull' },
  {
    ...snapshot,
    Name: 'DeviceSnapshot',
    EventId: uuid(16),
    Time: 7,
    DeviceName: null,
    OSPlatform: 'linux',
    OSVersion: '6.1',
    DownloadModeSrc: 'Default',
    CacheSizeBytes: 1,
    CacheFiles: 1,
    EventsDropped: 0,
    City: null,
    Country: null,
    Isp: null,
  },
];
const batch = (list: unknown[]) => ({
  DeviceId: 'b'.repeat(40),
  BatchId: uuid(3),
  SentAt: 1,
  Events: list,
});

test('every event passes as it is, and with nothing more or less', () => {
  assert.ok(check.Check(batch(events)), JSON.stringify(check.Errors(batch(events))[0]));
  for (const event of events) {
    assert.ok(!check.Check(batch([{ ...event, Other: 1 }])), `${event.Name} with more`);
    for (const field of Object.keys(event)) {
      const { [field]: _, ...rest } = event as Record<string, unknown>;
      assert.ok(!check.Check(batch([rest])), `${event.Name} without ${field}`);
    }
  }
});

test('what a cloud must not keep or cannot bear is refused', () => {
  const [started, , , completed, failure] = events;
  const wrong: unknown[] = [
    { ...started, CdnUrl: 'http://h/p?sig=secret' },
    { ...started, CdnUrl: 'http://name:secret@h/p' },
    { ...started, GroupId: '6f0a1b5e-0000-4000-8000-000000000000' },
    { ...started, FilePath: 'a\u0000b' },
    { ...started, DownloadMode: 4 },
    { ...started, Name: 'Other' },
    { ...started, SetConfigs: { DOMaxCacheAge: { Value: 1, Source: 'Mdm' } } },
    { ...started, SetConfigs: { 'not a name': { Value: '1', Source: 'Mdm' } } },
    { ...completed, BytesFromCDN: -1 },
    { ...completed, BytesFromCDN: 2 ** 60 },
    { ...completed, TotalTimeMs: 1.5 },
    { ...completed, ExpiresAt: 1e16 },
    { ...failure, CdnHeaders: 'x'.repeat(3_000) },
    { ...failure, PeerType: 1 },
    { ...failure, ErrorCount: 0 },
  ];
  for (const event of wrong) assert.ok(!check.Check(batch([event])), JSON.stringify(event));
  assert.ok(check.Check(batch(Array(maxBatchEvents).fill(failure))));
  assert.ok(!check.Check(batch(Array(maxBatchEvents + 1).fill(failure))));
  assert.ok(!check.Check(batch([])));
  assert.ok(JSON.stringify(batch(Array(maxBatchEvents).fill(completed))).length < maxBatchBytes);
});
