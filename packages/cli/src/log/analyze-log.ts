import type { LogLine } from './log-line.ts';

/** What Get-DeliveryOptimizationLogAnalysis tells (admin.md §8). Bytes; percentages 0 to 100. */
export interface LogAnalysis {
  TotalFiles: number;
  ForegroundFiles: number;
  /** That of the newest download; null while there is none. */
  MinimumFileSizeToCache: number | null;
  /** At least that large. */
  EligibleFiles: number;
  FilesThatFoundPeers: number;
  /** At least one byte came from a peer. */
  PeeringFiles: number;
  OverallEfficiencyPct: number;
  EfficiencyInPeeredFilesPct: number;
}

/** One connection to a peer that is over. */
export interface LoggedConnection {
  IP: string;
  PeerType: string;
  /** Why it ended: a code of the catalogue of errors. */
  StatusCode: string;
  BytesSent: number;
  BytesReceived: number;
  /** Null when the log has no download of the content. */
  FileId: string | null;
}

/** Adds up the lines of a log; given one by one, so that a long one need not be in memory. */
export class LogAnalyst {
  readonly connections: LoggedConnection[] = [];
  readonly #fileIds = new Map<string, string>();
  readonly #hashOf = new Map<LoggedConnection, string>();
  readonly #result = {
    TotalFiles: 0,
    ForegroundFiles: 0,
    EligibleFiles: 0,
    FilesThatFoundPeers: 0,
    PeeringFiles: 0,
  };
  #minimum: number | null = null;
  #all = { bytes: 0, fromPeers: 0 };
  #peered = { bytes: 0, fromPeers: 0 };

  add(line: LogLine): void {
    if (line.msg === 'a download has ended') this.#addDownload(line);
    else if (line.msg === 'a peer has left') this.#addConnection(line);
  }

  analysis(): LogAnalysis {
    for (const connection of this.connections) {
      connection.FileId = this.#fileIds.get(this.#hashOf.get(connection)!) ?? null;
    }
    return {
      ...this.#result,
      MinimumFileSizeToCache: this.#minimum,
      OverallEfficiencyPct: shareOf(this.#all),
      EfficiencyInPeeredFilesPct: shareOf(this.#peered),
    };
  }

  #addDownload(line: LogLine): void {
    const fromPeers = numberOf(line.BytesFromPeers);
    const bytes = numberOf(line.TotalBytesDownloaded);
    const minimum = numberOf(line.MinFileSizeToCache);
    this.#minimum = minimum;
    const result = this.#result;
    result.TotalFiles++;
    if (line.Priority === 'Foreground') result.ForegroundFiles++;
    if (numberOf(line.FileSize) >= minimum) result.EligibleFiles++;
    if (numberOf(line.NumPeers) > 0) result.FilesThatFoundPeers++;
    const { HashOfHashes, FileId } = line;
    if (typeof HashOfHashes === 'string') this.#fileIds.set(HashOfHashes, String(FileId));
    this.#all.bytes += bytes;
    this.#all.fromPeers += fromPeers;
    if (fromPeers === 0) return;
    result.PeeringFiles++;
    this.#peered.bytes += bytes;
    this.#peered.fromPeers += fromPeers;
  }

  #addConnection(line: LogLine): void {
    const connection = {
      IP: String(line.Ip),
      PeerType: line.PeerType === 'Lan' ? 'LAN' : String(line.PeerType),
      StatusCode: String(line.Code),
      BytesSent: numberOf(line.BytesSent),
      BytesReceived: numberOf(line.BytesReceived),
      FileId: null,
    };
    this.connections.push(connection);
    this.#hashOf.set(connection, String(line.HashOfHashes));
  }
}

function shareOf({ bytes, fromPeers }: { bytes: number; fromPeers: number }): number {
  return bytes > 0 ? Math.round((10_000 * fromPeers) / bytes) / 100 : 0;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && value >= 0 ? value : 0;
}
