import { availableParallelism, uptime } from 'node:os';
import { type LimitSettings, peerClasses } from '@sluice/engine';
import { type DownloadStatus, isFinalState, type PerfSnap } from '@sluice/protocol';
import type { Usage } from '../accounting/usage.ts';
import type { SpaceProbe } from '../cache/disk-space.ts';
import type { Download } from '../download/download.ts';
import type { Live } from '../policy/live.ts';
import type { ContentStore } from '../store/index.ts';
import type { UploadPermit } from '../swarm/upload-permit.ts';
import { linkBytes } from './link-meter.ts';

export interface PerfSnapSources {
  usage: Usage;
  store: ContentStore;
  /** Of the store. */
  folder: string;
  space: SpaceProbe;
  uploads: UploadPermit;
  settings: Live<LimitSettings>;
  downloads: () => Iterable<Download>;
}

/** What a snapshot counts from. */
interface Moment {
  /** `performance.now()`. */
  at: number;
  /** Of this process, µs. */
  cpu: number;
  received: number;
  sent: number;
}

/** Snapshots of the device (admin.md §3). */
export class PerfSnaps {
  readonly #sources: PerfSnapSources;
  /** The process and the system began with nothing. */
  #before: Moment = { at: 0, cpu: 0, received: 0, sent: 0 };
  #isFirst = true;

  constructor(sources: PerfSnapSources) {
    this.#sources = sources;
  }

  async take(): Promise<PerfSnap> {
    const { store, space, folder, downloads, settings } = this.#sources;
    const limits = settings.current;
    const all = [...downloads()];
    const statuses = all.map((d) => d.status());
    const [entries, disk] = await Promise.all([store.survey(), space.read(folder)]);
    return {
      ...this.#totals(),
      Files: entries.length,
      DownloadMode: modeOf(statuses),
      CacheSizeBytes: entries.reduce((sum, e) => sum + e.bytes, 0),
      TotalDiskBytes: disk.totalBytes,
      AvailableDiskBytes: disk.freeBytes,
      ...(await this.#loads()),
      MemUsageKB: Math.round(process.memoryUsage.rss() / 1024),
      ...connections(statuses),
      ...rates(all, statuses),
      ForegroundDownloadRatePct: limits.DOPercentageMaxForegroundBandwidth || 100,
      BackgroundDownloadRatePct: limits.DOPercentageMaxBackgroundBandwidth || 100,
      UploadRatePct: 100,
      UploadCount: this.#uploadable(all),
      ...counts(all),
      Verbose: this.#verbose(statuses),
    };
  }

  #totals() {
    const { FilesDownloaded, FilesUploaded, Down, Up } = this.#sources.usage.total;
    const down = sumOf(Down);
    const up = sumOf(Up);
    return {
      FilesDownloaded,
      FilesUploaded,
      TotalBytesDownloaded: down,
      TotalBytesUploaded: up,
      AverageDownloadSize: FilesDownloaded ? Math.round(down / FilesDownloaded) : 0,
      AverageUploadSize: FilesUploaded ? Math.round(up / FilesUploaded) : 0,
    };
  }

  #verbose(statuses: DownloadStatus[]): PerfSnap['Verbose'] {
    const { Down, Up } = this.#sources.usage.total;
    const peers = statuses.reduce((sum, s) => sum + peerConnections(s), 0);
    return {
      BytesFromCdn: Down.http,
      BytesFromCacheServer: Down.cache,
      BytesFromLanPeers: Down.Lan,
      BytesFromLinkLocalPeers: Down.LinkLocal,
      BytesFromGroupPeers: Down.Group,
      BytesFromInternetPeers: Down.Internet,
      BytesToLanPeers: Up.Lan,
      BytesToLinkLocalPeers: Up.LinkLocal,
      BytesToGroupPeers: Up.Group,
      BytesToInternetPeers: Up.Internet,
      AveragePeerConnections: statuses.length ? peers / statuses.length : 0,
    };
  }

  /** Of processor and links since the last snapshot. */
  async #loads() {
    const { user, system } = process.cpuUsage();
    const link = await linkBytes();
    const { received = 0, sent = 0 } = link ?? {};
    const now = { at: performance.now(), cpu: user + system, received, sent };
    const before = this.#before;
    const seconds = Math.max(0.001, (now.at - before.at) / 1000);
    const linkSeconds = this.#isFirst ? uptime() : seconds;
    const rate = (bytes: number) => (link ? Math.max(0, Math.round(bytes / linkSeconds)) : null);
    this.#before = now;
    this.#isFirst = false;
    const share = (now.cpu - before.cpu) / 1e6 / seconds / availableParallelism();
    return {
      CpuUsagePct: Math.round(Math.min(1, share) * 10_000) / 100,
      DownlinkBps: rate(received - before.received),
      UplinkBps: rate(sent - before.sent),
    };
  }

  #uploadable(downloads: Download[]): number {
    const { uploads } = this.#sources;
    if (!peerClasses.some((c) => uploads.allows(c))) return 0;
    return downloads.filter(({ progress }) => (progress.shared?.entry?.pieces.count ?? 0) > 0)
      .length;
  }
}

/** That of the newest download: each may have its own. */
function modeOf(statuses: DownloadStatus[]): PerfSnap['DownloadMode'] {
  return statuses.at(-1)?.DownloadMode ?? 'Lan';
}

function connections(statuses: DownloadStatus[]) {
  const sum = (of: (s: DownloadStatus) => number) => statuses.reduce((n, s) => n + of(s), 0);
  return {
    NumberOfPeers: sum((s) => s.NumPeers),
    CacheHostConnections: sum((s) => s.CacheServerConnectionCount),
    CdnConnections: sum((s) => s.HttpConnectionCount),
    LanConnections: sum((s) => s.LanConnectionCount),
    LinkLocalConnections: sum((s) => s.LinkLocalConnectionCount),
    GroupConnections: sum((s) => s.GroupConnectionCount),
    InternetConnections: sum((s) => s.InternetConnectionCount),
  };
}

function rates(downloads: Download[], statuses: DownloadStatus[]) {
  // Downloads of one content share its swarm.
  const swarms = new Set(downloads.map((d) => d.progress.shared?.swarm));
  const members = [...swarms].flatMap((swarm) => [...(swarm?.members ?? [])]);
  return {
    DownlinkUsageBps: statuses.reduce((n, s) => n + s.BytesPerSecond, 0),
    UplinkUsageBps: members.reduce((n, m) => n + m.traffic.rates().up, 0),
  };
}

/** Pending: what waits for its turn, or for the cloud to say what it is. */
function counts(downloads: Download[]) {
  const running = downloads.filter((d) => !isFinalState(d.progress.state));
  const of = (foreground: boolean, isUnderWay: boolean) =>
    running.filter(
      (d) =>
        d.foreground.current === foreground && (d.progress.transfer !== undefined) === isUnderWay,
    ).length;
  return {
    ForegroundDownloadCount: of(true, true),
    ForegroundDownloadsPending: of(true, false),
    BackgroundDownloadCount: of(false, true),
    BackgroundDownloadsPending: of(false, false),
  };
}

function peerConnections(s: DownloadStatus): number {
  const { LanConnectionCount, LinkLocalConnectionCount, GroupConnectionCount } = s;
  const nearby = LanConnectionCount + LinkLocalConnectionCount + GroupConnectionCount;
  return nearby + s.InternetConnectionCount;
}

function sumOf(byClass: Record<string, number>): number {
  return Object.values(byClass).reduce((a, b) => a + b, 0);
}
