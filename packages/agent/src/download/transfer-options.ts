import type { DecisionLog } from '@sluice/engine';
import type { Clock, PeerId, PieceGeometry, SluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { Live } from '../policy/live.ts';
import type { TransferRates } from '../rate/transfer-rates.ts';
import type { Source } from '../source/index.ts';
import type { ContentEntry } from '../store/index.ts';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import type { Waste } from './download-progress.ts';
import type { Origin } from './origin-tag.ts';

/** What a transfer works with. */
export interface TransferOptions {
  entry: ContentEntry;
  /** Where to record why. */
  log: DecisionLog;
  geometry: PieceGeometry;
  /** Ceiling of all piece buffers together, bytes. */
  maxBufferBytes: number;
  /**
   * Pieces have no digests: all must be of the version that this source has, and when that changes the
   * transfer ends with SourceChanged.
   */
  mustStaySame: (source: Source) => boolean;
  /** Whom to share with; undefined in simple mode. */
  swarm: ContentSwarm | undefined;
  /** How long to wait for peers, ms, when nobody connected can bring the rest. */
  hopeMs: () => number;
  self: PeerId;
  /** The same on all devices for one content. */
  salt: number;
  /** Whether somebody waits for it, at the moment. */
  foreground: Live<boolean>;
  /** See `SchedulerOptions`. */
  backgroundQos: () => number;
  /** Closed at the end of the transfer. */
  rates: TransferRates;
  clock: Clock;
  random: () => number;
  logger: Logger;
  nextSourceId: () => number;
  /** A piece is here that was not here before; bytes. */
  onReceived: (from: Origin, bytes: number) => void;
  /** Counted up. */
  waste: Waste;
  /** Another URL of the same object: it may be of another version, or without ranges, and is not missed. */
  isMirror: (source: Source) => boolean;
  /** A cache host has brought a piece, or failed a request. */
  onCache: (worked: boolean) => void;
  /** An origin will not be asked again; `error` is its last. */
  onGiveUp: (source: Source, error: SluiceError) => void;
}
