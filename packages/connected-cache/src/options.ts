import type { LookupFunction } from 'node:net';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { OperationsOptions } from './operations/operations-options.ts';

export interface CacheNodeOptions {
  /** Where the objects are kept; made when absent. One node at a time. */
  cacheDir: string;
  /** Port 0 = any free one. `fd` is a socket that listens already: systemd's, by socket activation. */
  listen: ListenAddress;
  /** The most bytes of objects to keep. */
  maxBytes: number;
  /** Source hosts: `host`, `host:port`, `*.suffix`, each also with `https://` in front. */
  allow: string[];
  logger?: Logger;
  clock?: Clock;
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
  /** Pieces per data file. */
  segmentPieces: number;
  /** The most objects to keep. */
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
}

const MiB = 1024 * 1024;
const mostRunPieces = 64;
const mostSegmentPieces = 64;

/** Fills in what is not said. In a small cache runs and files are short, so that it can turn over. */
export function tuningFor({ maxBytes, tuning }: CacheNodeOptions): CacheTuning {
  const pieceSize = tuning?.pieceSize ?? MiB;
  const share = (part: number) => Math.max(1, Math.floor(maxBytes / part / pieceSize));
  return {
    pieceSize,
    runPieces: Math.min(mostRunPieces, share(4)),
    segmentPieces: Math.min(mostSegmentPieces, share(16)),
    maxObjects: 100_000,
    connectTimeoutMs: 15_000,
    headersTimeoutMs: 30_000,
    bodyTimeoutMs: 20_000,
    clientStallMs: 60_000,
    closeGraceMs: 5_000,
    lookup: undefined,
    ca: undefined,
    ...tuning,
  };
}

/** @throws InvalidArgument */
export function checkOptions({ listen, maxBytes, allow }: CacheNodeOptions): void {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < MiB) {
    throw sluiceError('InvalidArgument', { name: 'maxBytes', detail: 'at least 1 MiB' });
  }
  if (
    'port' in listen &&
    !(Number.isInteger(listen.port) && listen.port >= 0 && listen.port <= 65535)
  ) {
    throw sluiceError('InvalidArgument', { name: 'listen', detail: 'a port from 0 to 65535' });
  }
  if (allow.length === 0) {
    throw sluiceError('InvalidArgument', { name: 'allow', detail: 'at least one source host' });
  }
}
