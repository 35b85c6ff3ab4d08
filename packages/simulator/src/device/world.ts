import type { Timeline } from '@sluice/protocol';
import type { Attention } from '../clock/attention.ts';
import type { DelayLines } from '../clock/delay-line.ts';
import type { FlowNetwork } from '../network/flow-network.ts';
import type { ArrayService } from './array-service.ts';
import type { ControlBytes } from './control-bytes.ts';
import type { HaveLogs } from './have-log.ts';

/** As in the agent, or as the scenario says. */
export interface Limits {
  members: number;
  incoming: number;
  slots: number;
  /** The slots do not follow what the line can serve. */
  fixed: boolean;
  turnMs: number;
  maxFetches: number;
}

/** What all devices of a fleet live in. */
export interface World {
  timeline: Timeline;
  lines: DelayLines;
  network: FlowNetwork;
  array: ArrayService;
  control: ControlBytes;
  logs: HaveLogs;
  pieceCount: number;
  /** Bytes. */
  pieceBytes: number;
  /** From the last byte of a piece to its being checked and written, ms. */
  verifyMs: number;
  /** A number in [0, 1). */
  random: () => number;
  limits: Limits;
  attention: Attention;
}
