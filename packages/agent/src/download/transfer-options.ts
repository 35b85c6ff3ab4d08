import type { Clock, DownloadCounters, PeerId, PieceGeometry, SluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Source } from '../source/index.ts';
import type { ContentEntry } from '../store/index.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';

/** What a transfer works with. */
export interface TransferOptions {
  entry: ContentEntry;
  geometry: PieceGeometry;
  /** Ceiling of all piece buffers together, bytes. */
  maxBufferBytes: number;
  /** Whom to share with; undefined in simple mode. */
  swarm: ContentSwarm | undefined;
  self: PeerId;
  /** The same on all devices for one content. */
  salt: number;
  foreground: boolean;
  clock: Clock;
  random: () => number;
  logger: Logger;
  nextSourceId: () => number;
  counters: DownloadCounters;
  /** An origin will not be asked again; `error` is its last. */
  onGiveUp: (source: Source, error: SluiceError) => void;
}
