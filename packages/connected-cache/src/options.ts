import type { LookupFunction } from 'node:net';
import { resolve } from 'node:path';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { CertificateFiles } from './certificate/certificate-folder.ts';
import type { HashListOptions } from './fill/hash-lists.ts';
import type { OperationsOptions } from './operations/operations-options.ts';
import { type ContentClass, checkClasses } from './store/content-classes.ts';
import type { DriveOptions } from './store/drive-fleet.ts';
import type { StoreFiles } from './store/store-files.ts';

export interface CacheNodeOptions {
  /** Where the objects are kept; made when absent. One node at a time. With `maxBytes`: one drive. */
  cacheDir?: string;
  /** Port 0 = any free one. `fd` is a socket that listens already: systemd's, by socket activation. */
  listen: ListenAddress;
  /** HTTPS beside it, with the site's own certificate (connected-cache.md §8). */
  tls?: (CertificateFiles & { listen: { host: string; port: number } }) | undefined;
  /** The most that all clients together get, 10^6 bits/s; undefined = no limit. */
  maxAllowableEgressInMbps?: number | undefined;
  /** The most bytes of objects to keep in `cacheDir`. */
  maxBytes?: number;
  /** In place of `cacheDir` and `maxBytes`: up to nine folders with sizes of their own. */
  drives?: DriveOptions[];
  /** Contents with rules of their own; the first that matches counts. */
  classes?: ContentClass[];
  /** Hosts that bring the same objects: host → the host under whose name they are kept. */
  aliases?: Record<string, string>;
  /** Source hosts: `host`, `host:port`, `*.suffix`, each also with `https://` in front. */
  allow: string[];
  logger?: Logger;
  /** Where the hash lists of objects come from; without it nothing is verified. */
  hashLists?: HashListOptions;
  /** Hears of each piece that was not what the hash list of its object says. */
  badPiece?: (of: { url: string; piece: number; source: string }) => void;
  clock?: Clock;
  /** Threads that serve what is hot, 1 to 64; with 1 (the default) the node's own loop does. Linux only. */
  workers?: number;
  /** `host[:port]` of a cache node to ask before the source. */
  upstream?: string;
  operations?: OperationsOptions;
  /** For tests and unusual sites. */
  tuning?: Partial<CacheTuning>;
}

export type ListenAddress = { host: string; port: number } | { fd: number };

export interface CacheTuning {
  /** Bytes; what is fetched and kept at least. */
  pieceSize: number;
  /** The most pieces of one request to a source. */
  runPieces: number;
  /** The most requests to a source at once that read one object ahead; what somebody waits for comes beside them. */
  sourceConnections: number;
  /** Pieces per data file. */
  segmentPieces: number;
  /** The most data files to keep; an object has one for each `segmentPieces` pieces. */
  maxObjects: number;
  /** How long a source may take to accept a connection, ms. */
  connectTimeoutMs: number;
  /** How long it may take to begin its answer, ms. */
  headersTimeoutMs: number;
  /** How long it may pause within it, ms. */
  bodyTimeoutMs: number;
  /** A client that takes none of the bytes ready for it for so long is cut off, ms. */
  clientStallMs: number;
  /** How long answers under way may go on when the node closes, ms. */
  closeGraceMs: number;
  /** Name resolution for sources. */
  lookup: LookupFunction | undefined;
  /** PEM certificates to trust for sources instead of the usual ones. */
  ca: string | undefined;
  /** The disk, for tests that let it fail. */
  files: StoreFiles | undefined;
}

const MiB = 1024 * 1024;
/** As many as Microsoft's node takes (connected-cache.md §3). */
const mostDrives = 9;
const mostWorkers = 64;
const maxMbps = 10_000_000;
const mostRunPieces = 64;
const mostSegmentPieces = 64;

/** Fills in what is not said. In a small cache runs and files are short, so that it can turn over. */
export function tuningFor(options: CacheNodeOptions): CacheTuning {
  const { tuning } = options;
  const maxBytes = Math.min(...drivesOf(options).map((drive) => drive.maxBytes));
  const pieceSize = tuning?.pieceSize ?? MiB;
  const share = (part: number) => Math.max(1, Math.floor(maxBytes / part / pieceSize));
  return {
    pieceSize,
    runPieces: Math.min(mostRunPieces, share(4)),
    segmentPieces: Math.min(mostSegmentPieces, share(16)),
    sourceConnections: 8,
    maxObjects: 100_000,
    connectTimeoutMs: 15_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 20_000,
    clientStallMs: 60_000,
    closeGraceMs: 5_000,
    lookup: undefined,
    ca: undefined,
    files: undefined,
    ...tuning,
  };
}

/** The drives that are named in either way. */
export function drivesOf({ cacheDir, maxBytes, drives }: CacheNodeOptions): DriveOptions[] {
  if (drives) return drives;
  return cacheDir === undefined ? [] : [{ folder: cacheDir, maxBytes: maxBytes ?? 0 }];
}

/** @throws InvalidArgument */
export function checkOptions(options: CacheNodeOptions): void {
  const { listen, tls, allow, cacheDir, classes = [] } = options;
  const { maxAllowableEgressInMbps: egress = 1, workers = 1 } = options;
  const drives = drivesOf(options);
  if (drives.length < 1 || drives.length > mostDrives) throw invalid('drives', '1 to 9 of them');
  if (options.drives && cacheDir !== undefined) {
    throw invalid('drives', 'either drives or cacheDir, not both');
  }
  if (new Set(drives.map(({ folder }) => resolve(folder))).size < drives.length) {
    throw invalid('drives', 'each folder once');
  }
  if (!drives.every(({ maxBytes }) => Number.isSafeInteger(maxBytes) && maxBytes >= MiB)) {
    throw invalid('maxBytes', 'at least 1 MiB');
  }
  for (const address of [listen, ...(tls ? [tls.listen] : [])]) {
    if (!('port' in address)) continue;
    const { port } = address;
    if (Number.isInteger(port) && port >= 0 && port <= 65535) continue;
    throw invalid('listen', 'a port from 0 to 65535');
  }
  if (!(egress > 0 && egress <= maxMbps)) {
    throw invalid('maxAllowableEgressInMbps', `more than 0, at most ${maxMbps}`);
  }
  if (!(Number.isInteger(workers) && workers >= 1 && workers <= mostWorkers)) {
    throw invalid('workers', `1 to ${mostWorkers}`);
  }
  if (allow.length === 0) throw invalid('allow', 'at least one source host');
  checkClasses(classes);
}

function invalid(name: string, detail: string) {
  return sluiceError('InvalidArgument', { name, detail });
}
