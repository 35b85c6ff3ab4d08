import type { PieceMap } from '@sluice/protocol';
import type { Origin } from './origin.test-kit.ts';

/** What a device of a test fleet is and has. */
export interface DeviceOptions {
  index: number;
  pieceCount: number;
  /** Bytes/s. */
  up: number;
  down: number;
  origins: { origin: Origin; kind: 'http' | 'cache' }[];
  has: PieceMap;
  seed: number;
  foreground: boolean;
  sameSite: boolean;
  maxFetches: number;
  slots: number;
  turnMs: number;
  /** HTTP and cache are used so long after the start, when the peers are connected. */
  graceMs: number;
}
