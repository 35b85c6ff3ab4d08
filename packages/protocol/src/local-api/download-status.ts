import type { DownloadModeName } from './download-modes.ts';

/** The states of a download (workflow.md §12); `Failed` is ours: ended by an error, resumable. */
export type DownloadState =
  | 'Created'
  | 'Transferring'
  | 'Paused'
  | 'Transferred'
  | 'Finalized'
  | 'Aborted'
  | 'Failed';

/** An error as the local API shows it. */
export interface ErrorReport {
  Code: string;
  Message: string;
  Remedy: string;
  ExitCode: number;
  /** Unsigned; in answers of the API. */
  HResult?: number;
}

/** Bytes by where they came from or went to. Bytes are payload of pieces. */
export interface DownloadCounters {
  BytesFromHttp: number;
  BytesFromCacheServer: number;
  BytesFromLanPeers: number;
  BytesFromLinkLocalPeers: number;
  BytesFromGroupPeers: number;
  BytesFromInternetPeers: number;
  BytesToLanPeers: number;
  BytesToLinkLocalPeers: number;
  BytesToGroupPeers: number;
  BytesToInternetPeers: number;
}

/**
 * One download as Get-DeliveryOptimizationStatus shows it (admin.md §2), and after a blank line what
 * Sluice adds. Bytes, bytes/s and milliseconds. `BytesFromHttp` includes `BytesFromCacheServer`.
 */
export interface DownloadStatus extends DownloadCounters {
  FileId: string;
  FileSize: number;
  FileSizeInCache: number;
  TotalBytesDownloaded: number;
  PercentPeerCaching: number;
  BytesFromPeers: number;
  Status: 'Downloading' | 'Complete' | 'Caching' | 'Paused';
  Priority: 'Background' | 'Foreground';
  DownloadDuration: number;
  HttpConnectionCount: number;
  CacheServerConnectionCount: number;
  LanConnectionCount: number;
  LinkLocalConnectionCount: number;
  GroupConnectionCount: number;
  InternetConnectionCount: number;
  DownloadMode: DownloadModeName;
  SourceURL: string;
  CacheHost: string | null;
  NumPeers: number;
  /** The caller, as it names itself. */
  PredefinedCallerApplication: string | null;
  ExpireOn: string | null;
  IsPinned: boolean;

  Id: string;
  State: DownloadState;
  DownloadModeReason: string;
  Output: string;
  /** Hex SHA-256 of the whole file, when it was asked for and checked. */
  Sha256: string | null;
  /** Every piece matched an authenticated hash list, or the whole file its SHA-256. */
  Verified: boolean;
  /** Payload that was already here or came from two sources. */
  DuplicateBytes: number;
  /** Bytes found on disk from an earlier run, not fetched again. */
  ResumedBytes: number;
  BadPieces: number;
  BannedPeers: number;
  BytesPerSecond: number;
  Error: ErrorReport | null;
  /** What the user should know: why simple mode, what was given up. */
  Notes: string[];
}

/** The agent as `GET /v1/status` shows it. */
export interface AgentStatus {
  Version: string;
  Pid: number;
  PeerId: string;
  PeerPort: number;
  CloudUrl: string | null;
  Downloads: DownloadStatus[];
}

/** Whether no more changes of `state` will come. */
export function isFinalState(state: DownloadState): boolean {
  return state === 'Finalized' || state === 'Aborted' || state === 'Failed';
}
