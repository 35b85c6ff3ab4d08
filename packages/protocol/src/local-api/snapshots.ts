import type { DownloadModeName } from './download-modes.ts';
import type { DownloadCounters } from './download-status.ts';

/**
 * The device as Get-DeliveryOptimizationPerfSnap shows it (admin.md §3); what `-Verbose` adds is in
 * `Verbose`. Bytes, bytes/s, KB of 1024 bytes. Null: the system does not tell.
 */
export interface PerfSnap {
  FilesDownloaded: number;
  FilesUploaded: number;
  /** In the cache. */
  Files: number;
  TotalBytesDownloaded: number;
  TotalBytesUploaded: number;
  AverageDownloadSize: number;
  AverageUploadSize: number;
  DownloadMode: DownloadModeName;
  CacheSizeBytes: number;
  TotalDiskBytes: number;
  AvailableDiskBytes: number;
  /** Of all processors, since the snapshot before this one. */
  CpuUsagePct: number;
  MemUsageKB: number;
  NumberOfPeers: number;
  CacheHostConnections: number;
  CdnConnections: number;
  LanConnections: number;
  LinkLocalConnections: number;
  GroupConnections: number;
  InternetConnections: number;
  /** Of all adapters, since the snapshot before this one, at first since the system started. */
  DownlinkBps: number | null;
  DownlinkUsageBps: number;
  UplinkBps: number | null;
  UplinkUsageBps: number;
  /** What is set; 100: no percentage limits it. */
  ForegroundDownloadRatePct: number;
  BackgroundDownloadRatePct: number;
  UploadRatePct: number;
  /** Files that peers may get from this device now. */
  UploadCount: number;
  ForegroundDownloadCount: number;
  ForegroundDownloadsPending: number;
  BackgroundDownloadCount: number;
  BackgroundDownloadsPending: number;
  Verbose: Omit<DownloadCounters, 'BytesFromHttp'> & {
    BytesFromCdn: number;
    /** Peer connections per listed download. */
    AveragePeerConnections: number;
  };
}

/**
 * This calendar month as Get-DeliveryOptimizationPerfSnapThisMonth shows it (admin.md §4), with the
 * Group and LinkLocal counts of the CIM classes. `DownloadHttpBytes` includes `DownloadCacheHostBytes`.
 */
export interface MonthSnap {
  UploadLanBytes: number;
  UploadLinkLocalBytes: number;
  UploadGroupBytes: number;
  UploadInternetBytes: number;
  DownloadHttpBytes: number;
  DownloadCacheHostBytes: number;
  DownloadLanBytes: number;
  DownloadLinkLocalBytes: number;
  DownloadGroupBytes: number;
  DownloadInternetBytes: number;
  /** Bytes/s · 8 / 1024. */
  DownloadFgRateKbps: number;
  DownloadBgRateKbps: number;
  UploadLimitReached: boolean;
  /** The local first day, 00:00, ISO 8601. */
  MonthStartDate: string;
}

/** One peer as `Get-DeliveryOptimizationStatus -PeerInfo` shows it. Bytes of this connection, bytes/s of 20 s. */
export interface PeerInfo {
  IP: string;
  PeerType: 'LAN' | 'Group' | 'Internet' | 'LinkLocal';
  ConnectionEstablished: boolean;
  BytesSent: number;
  BytesReceived: number;
  UploadRateBytes: number;
  DownloadRateBytes: number;
}

/** The peers of a file, who brought most first. */
export interface FilePeers {
  FileId: string;
  Peers: PeerInfo[];
}
