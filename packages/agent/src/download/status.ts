import { type CacheSettings, expiryOf } from '@sluice/engine';
import type {
  DownloadCounters,
  DownloadModeName,
  DownloadState,
  DownloadStatus,
  ErrorReport,
  SluiceError,
} from '@sluice/protocol';
import type { CachingRecord } from '../store/index.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import { bytesTo, type PeerClass } from '../swarm/peer-class.ts';

/** Everything a status is made of. */
export interface StatusFacts {
  id: string;
  fileId: string;
  state: DownloadState;
  url: string;
  output: string;
  foreground: boolean;
  mode: DownloadModeName;
  modeReason: string;
  fileSize: number;
  inCache: number;
  counters: DownloadCounters;
  resumedBytes: number;
  duplicateBytes: number;
  badPieces: number;
  bytesPerSecond: number;
  durationMs: number;
  cacheHost: string | undefined;
  httpConnections: number;
  cacheConnections: number;
  swarm: ContentSwarm | undefined;
  numPeers: number;
  seeding: boolean;
  sha256: string | undefined;
  verified: boolean;
  caller: string | undefined;
  caching: CachingRecord | undefined;
  maxAge: CacheSettings;
  error: SluiceError | undefined;
  notes: string[];
}

/** A download as the local API shows it: DO's fields (admin.md §2) and ours. */
export function statusOf(f: StatusFacts): DownloadStatus {
  const counters = withUploads(f.counters, f.swarm);
  const fromPeers =
    counters.BytesFromLanPeers +
    counters.BytesFromLinkLocalPeers +
    counters.BytesFromGroupPeers +
    counters.BytesFromInternetPeers;
  const total = counters.BytesFromHttp + fromPeers;
  const connections = countConnections(f.swarm);
  return {
    Id: f.id,
    FileId: f.fileId,
    State: f.state,
    Status: statusName(f),
    SourceURL: f.url,
    Output: f.output,
    Priority: f.foreground ? 'Foreground' : 'Background',
    DownloadMode: f.mode,
    DownloadModeReason: f.modeReason,
    FileSize: f.fileSize,
    FileSizeInCache: isHere(f) ? f.fileSize : f.inCache,
    TotalBytesDownloaded: total,
    BytesFromPeers: fromPeers,
    PercentPeerCaching: total === 0 ? 0 : (100 * fromPeers) / total,
    ...counters,
    ResumedBytes: f.resumedBytes,
    DuplicateBytes: f.duplicateBytes,
    BadPieces: f.badPieces,
    BannedPeers: f.swarm?.bannedCount ?? 0,
    BytesPerSecond: Math.round(f.bytesPerSecond),
    DownloadDuration: Math.round(f.durationMs),
    HttpConnectionCount: f.httpConnections,
    CacheServerConnectionCount: f.cacheConnections,
    LanConnectionCount: connections.Lan,
    LinkLocalConnectionCount: connections.LinkLocal,
    GroupConnectionCount: connections.Group,
    InternetConnectionCount: connections.Internet,
    CacheHost: f.cacheHost ?? null,
    NumPeers: f.numPeers,
    PredefinedCallerApplication: f.caller ?? null,
    ExpireOn: expireOn(f),
    IsPinned: f.caching?.isPinned ?? false,
    Sha256: f.sha256 ?? null,
    Verified: f.verified,
    Error: f.error ? errorReport(f.error) : null,
    Notes: [...f.notes],
  };
}

function expireOn({ caching, maxAge }: StatusFacts): string | null {
  const time = caching && expiryOf({ expireOn: undefined, publisher: {}, ...caching }, maxAge);
  return time === undefined ? null : new Date(time).toISOString();
}

function errorReport(error: SluiceError): ErrorReport {
  const { code, message, remedy, exitCode } = error;
  return { Code: code, Message: message, Remedy: remedy, ExitCode: exitCode };
}

/** DO's names: Complete = here but not offered, Caching = offered to others. What ended early may go on: Paused. */
function statusName(f: StatusFacts): DownloadStatus['Status'] {
  if (f.state === 'Paused' || f.state === 'Aborted' || f.state === 'Failed') return 'Paused';
  if (isHere(f)) return f.seeding ? 'Caching' : 'Complete';
  return 'Downloading';
}

function isHere({ state }: StatusFacts): boolean {
  return state === 'Finalized' || state === 'Transferred';
}

function withUploads(
  counters: DownloadCounters,
  swarm: ContentSwarm | undefined,
): DownloadCounters {
  const all = { ...counters };
  if (swarm) {
    for (const [peerClass, bytes] of Object.entries(swarm.sent)) {
      all[bytesTo[peerClass as PeerClass]] = bytes;
    }
  }
  return all;
}

function countConnections(swarm: ContentSwarm | undefined): Record<PeerClass, number> {
  const counts = { Lan: 0, LinkLocal: 0, Group: 0, Internet: 0 };
  for (const member of swarm?.members ?? []) counts[member.peerClass]++;
  return counts;
}
