import Type from 'typebox';
import { Count, PeerIdText } from '../fields.ts';
import {
  anyEvent,
  byteCounters,
  GroupHash,
  ModeNumber,
  NameText,
  ofDownload,
  orNull,
  PeersNotUsed,
  ProviderText,
  SetConfigs,
  SourceBytes,
  Time,
  textOf,
} from './fields.ts';

const closed = { additionalProperties: false };

/** A download was taken on; also one that goes on after a pause or a restart of the agent. */
export const DownloadStartedSchema = Type.Object(
  {
    ...anyEvent('DownloadStarted'),
    ...ofDownload,
    /** Of the file, what the caller wants; null while nobody knows how long it is. */
    BytesRequested: orNull(Count),
    CostFlags: orNull(textOf(64)),
    DeviceProfile: orNull(Type.Enum(['Desktop', 'VM', 'Container'])),
    DiceRoll: orNull(Count),
    DoClientVersion: textOf(64),
    DownloadMode: ModeNumber,
    DownloadModeReason: textOf(256),
    DownloadModeSrc: ProviderText,
    /** Only where paths are allowed. */
    FilePath: orNull(textOf(4096)),
    FileSize: orNull(Count),
    /** What the caller said of it. */
    FileSizeCaller: orNull(Count),
    GroupId: GroupHash,
    IsEncrypted: Type.Boolean(),
    /** A limit is set for what comes from outside the site. */
    IsThrottled: Type.Boolean(),
    PeerId: PeerIdText,
    SetConfigs,
    UsedMemoryStream: Type.Boolean(),
  },
  closed,
);

/**
 * How it went since the DownloadStarted before: over all events that end a run (Paused, Completed, Canceled,
 * JobError) each byte counts once, also when a job was paused, or its agent restarted, in between.
 */
const soFar = {
  ...byteCounters,
  BytesRequested: orNull(Count),
  FileSize: orNull(Count),
  /** The mode that was used, which may be another than the one at the start. */
  DownloadMode: ModeNumber,
  DownloadModeReason: textOf(256),
  GroupId: GroupHash,
  /** Ours: since the DownloadStarted before, waiting for its turn included. */
  TotalTimeMs: Count,
  /** Ours. */
  SourceBytes,
  /** Ours: payload that was already here or came twice. */
  DuplicateBytes: Count,
  PeersNotUsed,
  /** Nothing kept it from peers: mode, gates, hash list. */
  PeerEligible: Type.Boolean(),
  /** Peers that were connected to. */
  PeersSuccessCount: Count,
  /** Peers that could not be connected to. */
  PeersCannotConnectCount: Count,
  /** Peers that were heard of and not tried. */
  PeersUnknownCount: Count,
};

/** Somebody stopped it for now, or it stopped by itself and may go on: `ReasonCode`. */
export const DownloadPausedSchema = Type.Object(
  { ...anyEvent('DownloadPaused'), ...ofDownload, ...soFar, ReasonCode: NameText },
  closed,
);

/** All of it is here. */
export const DownloadCompletedSchema = Type.Object(
  {
    ...anyEvent('DownloadCompleted'),
    ...ofDownload,
    ...soFar,
    /** Connections of each kind that there were. */
    CacheServerConnectionCount: Count,
    CdnConnectionCount: Count,
    GroupConnectionCount: Count,
    InternetConnectionCount: Count,
    LanConnectionCount: Count,
    LinkLocalConnectionCount: Count,
    /** Faults of HTTP source and cache; `CdnErrorCounts` has how often, in the same order. */
    CdnErrorCodes: Type.Array(NameText, { maxItems: 32 }),
    CdnErrorCounts: Type.Array(Count, { maxItems: 32 }),
    /** It gave way to a full line. */
    CongestionPrevention: Type.Boolean(),
    /** Sources that there were. */
    DataSourcesTotal: Count,
    /** The most that was measured. */
    DownlinkBps: orNull(Count),
    /** What it took, on average. */
    DownlinkUsageBps: Count,
    UplinkBps: orNull(Count),
    UplinkUsageBps: Count,
    /** When it leaves the cache for its age. */
    ExpiresAt: orNull(Time),
    /** Peers that the cloud named. */
    NumPeers: Count,
    /** Peers that were found on the local network. */
    NumPeersLocal: Count,
    /** The device may not upload it to all who may ask. */
    RestrictedUpload: Type.Boolean(),
    GCurMemoryStreamBytes: Count,
    GMaxMemoryStreamBytes: Count,
  },
  closed,
);

/** It was given up by who asked for it, or deleted half done. */
export const DownloadCanceledSchema = Type.Object(
  { ...anyEvent('DownloadCanceled'), ...ofDownload, ...soFar, ReasonCode: NameText },
  closed,
);

/** A request to the HTTP source or a cache host failed. The same within a download is told once, counted. */
export const FailureCdnCommunicationSchema = Type.Object(
  {
    ...anyEvent('FailureCdnCommunication'),
    ...ofDownload,
    /** Of the answer, lines of `Name: value`; none that may name people or carry secrets. */
    CdnHeaders: orNull(Type.String({ maxLength: 2048, pattern: '^[\\t\\n\\u0020-\\u007e]*$' })),
    HttpStatusCode: orNull(Type.Integer({ minimum: 100, maximum: 999 })),
    IsHeadRequest: Type.Boolean(),
    /** 2 CDN, 5 cache server (workflow.md §5). */
    PeerType: Type.Enum([2, 5]),
    RequestOffset: orNull(Count),
    RequestSize: orNull(Count),
    ResponseSize: orNull(Count),
    ErrorCount: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  },
  closed,
);

/** A download or job ended by a fault: `ErrorCode`. With the bytes that came until then. */
export const JobErrorSchema = Type.Object(
  { ...anyEvent('JobError'), ...ofDownload, ...soFar },
  closed,
);
