import type { Clock } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';
import type { Egress } from '../serve/egress.ts';
import type { KernelFiles } from '../store/kernel-files.ts';
import type { Asked, Grant } from './grant.ts';
import type { HotRow } from './hot-counts.ts';
import type { LeaseTable } from './lease-table.ts';

/** An answer that has ended, or was cut. */
export interface HotAnswered {
  client: string | undefined;
  /** The head of the request, as it came. */
  head: string;
  target: string;
  source: string;
  status: number;
  /** Sent from here. */
  bytes: number;
  /** By the node's clock: when it began, ms, and from there until the head was written. */
  began: number;
  headMs: number | undefined;
}

/** The node's egress limit as a thread sees it. */
export type EgressGate = Pick<Egress, 'turn' | 'take' | 'giveBack'>;

/** What a thread that serves what is hot needs of the rest of the node. */
export interface HotHost {
  readonly clock: Clock;
  readonly wallTime: WallTime;
  /** Undefined = as much as goes. */
  readonly egress: EgressGate | undefined;
  /** Whether its files may be sent by the thread; for how long and what, says the grant. */
  ask(asked: Asked): Promise<Grant | undefined>;
  /** The HTTP server is to go on with the connection, with these bytes of it read. */
  handOver(descriptor: number, bytes: Uint8Array): void;
  /** So many bytes of a lease were sent from there on. */
  used(slot: number, word: number, offset: number, bytes: number): void;
  answered(answer: HotAnswered): void;
  /** Something failed that nobody else hears of; the connection is cut. */
  failed(error: unknown): undefined;
}

export interface HotDeps {
  host: HotHost;
  kernel: KernelFiles;
  table: LeaseTable;
  /** The number of this thread, and what it counts. */
  thread: number;
  counts: HotRow;
  clientStallMs: number;
  keepAliveMs: number;
  /** Where the node answers, for what is left of an answer whose files went away. */
  nodeUrl(): string;
}
