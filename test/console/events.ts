import type { DeviceEvent, EventOf } from '@sluice/protocol';

let count = 0;

/** A UUID that nobody else has here, the same at each run. */
export function uuid(): string {
  return `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
}

/** A download as the seeded fleet has it. */
export interface MadeDownload {
  peerId: string;
  contentId: string;
  url: string;
  jobId: string;
  size: number;
  /** ms since 1970 */
  begun: number;
  tookMs: number;
  cdn: number;
  cache: number;
  lan: number;
  group: number;
  failed?: boolean;
}

const groupId = `${'G'.repeat(43)}=`;
const mode = { DownloadMode: 2 as const, DownloadModeReason: 'by DODownloadMode' };

/** What a device tells of one download, from its start to its end. */
export function eventsOf(download: MadeDownload): DeviceEvent[] {
  const { begun, tookMs, size } = download;
  const common = commonOf(download);
  const started: EventOf<'DownloadStarted'> = {
    ...common(),
    ...mode,
    Name: 'DownloadStarted',
    Time: begun,
    BytesRequested: size,
    CostFlags: null,
    DeviceProfile: 'Desktop',
    DiceRoll: null,
    DoClientVersion: '0.1.0',
    DownloadModeSrc: 'CloudDefault',
    FilePath: null,
    FileSize: size,
    FileSizeCaller: null,
    GroupId: groupId,
    IsEncrypted: false,
    IsThrottled: false,
    PeerId: download.peerId,
    SetConfigs: {},
    UsedMemoryStream: false,
  };
  const faulty: EventOf<'FailureCdnCommunication'> = {
    ...common(),
    Name: 'FailureCdnCommunication',
    Time: begun + tookMs / 2,
    ErrorCode: 'SourceReset',
    DoErrorCode: 0x80d0_5001,
    CdnHeaders: null,
    HttpStatusCode: 503,
    IsHeadRequest: false,
    PeerType: 2,
    RequestOffset: 0,
    RequestSize: size,
    ResponseSize: null,
    ErrorCount: 2,
  };
  const far = soFar(download);
  const end = { ...common(), ...far, Time: begun + tookMs };
  if (download.failed) {
    return [
      started,
      faulty,
      { ...end, Name: 'JobError', ErrorCode: 'DiskFull', DoErrorCode: 0x8007_0070 },
    ];
  }
  return [started, { ...end, ...connections, Name: 'DownloadCompleted' }];
}

export function snapshotOf(peerId: string, time: number, name: string): EventOf<'DeviceSnapshot'> {
  return {
    EventId: uuid(),
    Name: 'DeviceSnapshot',
    Time: time,
    PeerId: peerId,
    DeviceName: name,
    DoClientVersion: '0.1.0',
    OSPlatform: 'linux',
    OSVersion: 'Debian GNU/Linux 12',
    DeviceProfile: 'Desktop',
    DownloadMode: 2,
    DownloadModeSrc: 'CloudDefault',
    SetConfigs: {
      DODownloadMode: { Value: '2', Source: 'CloudDefault' },
      DOMaxCacheAge: { Value: '604800', Source: 'ConfigFile' },
    },
    CacheSizeBytes: 734_003_200,
    CacheFiles: 3,
    GroupId: groupId,
    EventsDropped: 0,
    City: 'Oslo',
    Country: 'Norway',
    Isp: null,
  };
}

function commonOf({ contentId, url, jobId }: MadeDownload) {
  return () => ({
    EventId: uuid(),
    SessionId: '00000000-0000-4000-9000-000000000001',
    FileId: 'f'.repeat(64),
    JobId: jobId,
    UpdateId: contentId,
    PredefinedCallerName: null,
    ContentType: 'Quality Updates',
    Background: true,
    ExperimentId: null,
    IsVpn: false,
    RouteToCacheServer: null,
    CdnUrl: url,
    CdnIp: null,
    ErrorCode: null,
    DoErrorCode: null,
  });
}

function soFar({ cdn, cache, lan, group, size, tookMs }: MadeDownload) {
  const brought = (
    Source: 'http' | 'cache' | 'Lan' | 'Group',
    Reason: 'responsible' | 'peer' | 'floor',
    Bytes: number,
  ) => ({
    ...{ Source, Reason, Bytes },
    AskedPieces: Math.ceil(Bytes / 1_048_576) + 1,
    Pieces: Math.ceil(Bytes / 1_048_576),
  });
  return {
    ...mode,
    BytesFromCacheServer: cache,
    BytesFromCDN: cdn,
    BytesFromPeers: lan,
    BytesFromGroupPeers: group,
    BytesFromIntPeers: 0,
    BytesFromLinkLocalPeers: 0,
    BytesFromLocalCache: 0,
    BytesRequested: size,
    FileSize: size,
    GroupId: groupId,
    TotalTimeMs: tookMs,
    SourceBytes: [
      brought('http', 'responsible', cdn),
      brought('cache', 'floor', cache),
      brought('Lan', 'peer', lan),
      brought('Group', 'peer', group),
    ].filter(({ Bytes }) => Bytes > 0),
    DuplicateBytes: 12_345,
    PeersNotUsed: [
      { Rule: 'PeerUnreachable', PeerClass: 'Group' as const, Count: 2 },
      { Rule: 'DOMinBatteryPercentageAllowedToUpload', PeerClass: null, Count: 1 },
    ],
    PeerEligible: true,
    PeersSuccessCount: 5,
    PeersCannotConnectCount: 2,
    PeersUnknownCount: 1,
  };
}

const connections = {
  CacheServerConnectionCount: 1,
  CdnConnectionCount: 2,
  GroupConnectionCount: 1,
  InternetConnectionCount: 0,
  LanConnectionCount: 5,
  LinkLocalConnectionCount: 0,
  CdnErrorCodes: [],
  CdnErrorCounts: [],
  CongestionPrevention: true,
  DataSourcesTotal: 8,
  DownlinkBps: 12_500_000,
  DownlinkUsageBps: 8_000_000,
  UplinkBps: 2_500_000,
  UplinkUsageBps: 100_000,
  ExpiresAt: null,
  NumPeers: 7,
  NumPeersLocal: 3,
  RestrictedUpload: false,
  GCurMemoryStreamBytes: 0,
  GMaxMemoryStreamBytes: 0,
};
