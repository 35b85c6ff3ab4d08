import type { PeerId, PieceMap } from '@sluice/protocol';
import type { DecisionLog } from './why/decision-log.ts';

export interface SchedulerOptions {
  pieceCount: number;
  /** Bytes. */
  pieceSize: number;
  /** Bytes; the last piece counts as a full one when not given. */
  contentLength?: number;
  /** What is here already. */
  have: PieceMap;
  self: PeerId;
  /** A number that all devices derive alike from the content. */
  salt: number;
  /** A number in [0, 1). */
  random: () => number;
  /** At first: foreground gives up on slow peers sooner. The event `priority` changes it. */
  foreground: boolean;
  /**
   * Peers that together bring so much keep a background download off HTTP, bytes/s
   * (DOMinBackgroundQos, policies.md §8), as it is set now; `defaultBackgroundQos` if not given.
   */
  backgroundQos?: (() => number) | undefined;
  /** Where to record why; one of its own when not given. */
  log?: DecisionLog;
}
