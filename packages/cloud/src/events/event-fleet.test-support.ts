import type { DeviceEvent, EventBatch, EventOf } from '@sluice/protocol';

let last = 0;
/** A UUID that nobody else has here. */
function uuid(): string {
  return `00000000-0000-4000-8000-${String(++last).padStart(12, '0')}`;
}

export const groupHash = `${'G'.repeat(43)}=`;

function download(content: string) {
  return {
    EventId: uuid(),
    SessionId: uuid(),
    FileId: 'f'.repeat(64),
    JobId: 'job',
    UpdateId: content,
    PredefinedCallerName: null,
    ContentType: 'Quality Updates',
    Background: true,
    ExperimentId: null,
    IsVpn: null,
    RouteToCacheServer: null,
    CdnUrl: null,
    CdnIp: null,
    ErrorCode: null,
    DoErrorCode: null,
  };
}

const soFar = {
  BytesFromCacheServer: 0,
  BytesFromCDN: 0,
  BytesFromPeers: 0,
  BytesFromGroupPeers: 0,
  BytesFromIntPeers: 0,
  BytesFromLinkLocalPeers: 0,
  BytesFromLocalCache: 0,
  BytesRequested: null,
  FileSize: 1_000,
  DownloadMode: 1 as const,
  DownloadModeReason: '',
  GroupId: groupHash,
  TotalTimeMs: 0,
  SourceBytes: [],
  DuplicateBytes: 0,
  PeersNotUsed: [],
  PeerEligible: true,
  PeersSuccessCount: 0,
  PeersCannotConnectCount: 0,
  PeersUnknownCount: 0,
};

export function started(
  Time: number,
  content: string,
  given: Partial<EventOf<'DownloadStarted'>> = {},
): DeviceEvent {
  return {
    ...download(content),
    Name: 'DownloadStarted',
    Time,
    BytesRequested: null,
    CostFlags: null,
    DeviceProfile: null,
    DiceRoll: null,
    DoClientVersion: '1',
    DownloadMode: 1,
    DownloadModeReason: '',
    DownloadModeSrc: 'Default',
    FilePath: null,
    FileSize: 1_000,
    FileSizeCaller: null,
    GroupId: groupHash,
    IsEncrypted: false,
    IsThrottled: false,
    PeerId: 'a'.repeat(40),
    SetConfigs: {},
    UsedMemoryStream: false,
    ...given,
  };
}

export function completed(
  Time: number,
  content: string,
  given: Partial<EventOf<'DownloadCompleted'>> = {},
): DeviceEvent {
  return {
    ...download(content),
    ...soFar,
    Name: 'DownloadCompleted',
    Time,
    CacheServerConnectionCount: 0,
    CdnConnectionCount: 0,
    GroupConnectionCount: 0,
    InternetConnectionCount: 0,
    LanConnectionCount: 0,
    LinkLocalConnectionCount: 0,
    CdnErrorCodes: [],
    CdnErrorCounts: [],
    CongestionPrevention: false,
    DataSourcesTotal: 1,
    DownlinkBps: null,
    DownlinkUsageBps: 0,
    UplinkBps: null,
    UplinkUsageBps: 0,
    ExpiresAt: null,
    NumPeers: 0,
    NumPeersLocal: 0,
    RestrictedUpload: false,
    GCurMemoryStreamBytes: 0,
    GMaxMemoryStreamBytes: 0,
    ...given,
  };
}

export function paused(
  Time: number,
  content: string,
  given: Partial<EventOf<'DownloadPaused'>> = {},
): DeviceEvent {
  const { Name, ReasonCode } = { Name: 'DownloadPaused', ReasonCode: 'Caller' } as const;
  return { ...download(content), ...soFar, Name, ReasonCode, Time, ...given };
}

export function jobError(
  Time: number,
  content: string,
  given: Partial<EventOf<'JobError'>> = {},
): DeviceEvent {
  return { ...download(content), ...soFar, Name: 'JobError', Time, ...given };
}

export function snapshot(
  Time: number,
  given: Partial<EventOf<'DeviceSnapshot'>> = {},
): DeviceEvent {
  return {
    EventId: uuid(),
    Name: 'DeviceSnapshot',
    Time,
    PeerId: 'a'.repeat(40),
    DeviceName: null,
    DoClientVersion: '1.2',
    OSPlatform: 'linux',
    OSVersion: '6.1',
    DeviceProfile: null,
    DownloadMode: 1,
    DownloadModeSrc: 'Mdm',
    SetConfigs: {},
    CacheSizeBytes: 0,
    CacheFiles: 0,
    GroupId: groupHash,
    EventsDropped: 0,
    City: null,
    Country: null,
    Isp: null,
    ...given,
  };
}

export function batchOf(DeviceId: string, Events: DeviceEvent[]): EventBatch {
  return { DeviceId, BatchId: uuid(), SentAt: 0, Events };
}
