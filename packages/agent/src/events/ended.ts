import type { SourceClass } from '@sluice/protocol';
import { DownloadModes, type DownloadWhy, type EventOf } from '@sluice/protocol';
import type { Download } from '../download/download.ts';
import { commonFacts, type EventSurroundings, groupOf, wantedBytes } from './download-facts.ts';
import { plainText } from './privacy.ts';

/** Peers that could not be connected to end with one of these. */
const unreachable = new Set(['PeerRefused', 'PeerConnectTimeout', 'PeerUnreachable', 'PeerLost']);
const maxRules = 100;
const maxTallies = 36;

type EndFacts = Omit<EventOf<'JobError'>, 'EventId' | 'Name' | 'Time'>;
type CompletedFacts = Omit<EventOf<'DownloadCompleted'>, 'EventId' | 'Name' | 'Time'>;

/** What is said of every download that has ended. */
export function endFacts(
  download: Download,
  why: DownloadWhy,
  around: EventSurroundings,
): EndFacts {
  const { progress } = download;
  const { came, refusals, mode } = progress;
  const status = download.status();
  const FileSize = wantedBytes(download);
  const failed = sum(why.RuledOut.filter(({ Rule }) => unreachable.has(Rule)).map((r) => r.Count));
  const hasPeers = mode !== 'Simple' && mode !== 'CdnOnly';
  return {
    ...commonFacts(download, around),
    BytesFromCacheServer: came.cache,
    BytesFromCDN: came.http,
    BytesFromPeers: came.Lan,
    BytesFromGroupPeers: came.Group,
    BytesFromIntPeers: came.Internet,
    BytesFromLinkLocalPeers: came.LinkLocal,
    BytesFromLocalCache: progress.resumedBytes,
    BytesRequested: FileSize,
    FileSize,
    DownloadMode: DownloadModes[mode],
    DownloadModeReason: plainText(progress.modeReason, 256),
    GroupId: groupOf(download, around.resolved),
    TotalTimeMs: status.DownloadDuration,
    SourceBytes: why.Bytes.slice(0, maxTallies),
    DuplicateBytes: progress.waste.duplicateBytes,
    PeersNotUsed: peersNotUsed(why),
    PeerEligible: hasPeers && refusals.length === 0,
    PeersSuccessCount: why.Sources.filter(({ Source }) => isPeer(Source)).length,
    PeersCannotConnectCount: failed,
    PeersUnknownCount: Math.max(0, (progress.atEnd?.unconnected ?? 0) - failed),
  };
}

/** The same of one that is here, with all that belongs to it. */
export function completedFacts(
  download: Download,
  why: DownloadWhy,
  around: EventSurroundings & { restrictedUpload: boolean },
): CompletedFacts {
  const { progress } = download;
  const end = endFacts(download, why, around);
  const status = download.status();
  const perSecond = (bytes: number) =>
    Math.round((1_000 * bytes) / Math.max(1, status.DownloadDuration));
  const of = (source: SourceClass) => why.Sources.filter(({ Source }) => Source === source).length;
  const faults = progress.cdnFaults.entries();
  const sent =
    status.BytesToLanPeers +
    status.BytesToLinkLocalPeers +
    status.BytesToGroupPeers +
    status.BytesToInternetPeers;
  return {
    ...end,
    CacheServerConnectionCount: of('cache'),
    CdnConnectionCount: of('http'),
    GroupConnectionCount: of('Group'),
    InternetConnectionCount: of('Internet'),
    LanConnectionCount: of('Lan'),
    LinkLocalConnectionCount: of('LinkLocal'),
    CdnErrorCodes: faults.map(({ fault }) => fault.error.code),
    CdnErrorCounts: faults.map(({ count }) => count),
    CongestionPrevention: progress.hasYielded,
    DataSourcesTotal: why.Sources.length,
    // Nothing measures more of a line than what it is used for.
    DownlinkBps: null,
    DownlinkUsageBps: perSecond(sum(Object.values(progress.came))),
    UplinkBps: null,
    UplinkUsageBps: perSecond(sent),
    ExpiresAt: status.ExpireOn === null ? null : Date.parse(status.ExpireOn),
    NumPeers: why.NumPeers,
    NumPeersLocal: progress.atEnd?.localPeers ?? 0,
    RestrictedUpload: around.restrictedUpload,
    GCurMemoryStreamBytes: 0,
    GMaxMemoryStreamBytes: 0,
  };
}

/** Rules by name: the record of why has them with their words, too. */
function peersNotUsed({ RuledOut }: DownloadWhy): EndFacts['PeersNotUsed'] {
  const counts = new Map<string, EndFacts['PeersNotUsed'][number]>();
  for (const { Rule, Affects, PeerClass, Count } of RuledOut) {
    if (Affects !== 'peers' || PeerClass === 'http' || PeerClass === 'cache') continue;
    const key = `${Rule} ${PeerClass}`;
    const known = counts.get(key) ?? { Rule, PeerClass, Count: 0 };
    known.Count += Count;
    counts.set(key, known);
  }
  return [...counts.values()].slice(0, maxRules);
}

function isPeer(source: SourceClass): boolean {
  return source !== 'http' && source !== 'cache';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
