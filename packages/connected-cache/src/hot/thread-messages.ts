import type { AccessLogOptions } from '../watch/access-log.ts';
import type { Counted } from '../watch/traffic.ts';
import type { Use } from './answer-record.ts';
import type { Asked, Grant } from './grant.ts';

/** What a thread is started with. */
export interface ThreadStart {
  thread: number;
  threads: number;
  /** Of the lease table, and of the counts. */
  leases: SharedArrayBuffer;
  counts: SharedArrayBuffer;
  clientStallMs: number;
  keepAliveMs: number;
  log: AccessLogOptions | undefined;
  /** Bytes of one turn, when egress is limited. */
  turn: number | undefined;
  nodeUrl: string;
  /** Wall time just now, ms. */
  wallMs: number;
}

export type ToThread =
  /** A connection. */
  | { kind: 'take'; descriptor: number }
  | { kind: 'granted'; id: number; grant: Grant | undefined }
  /** The egress limit lets those bytes go. */
  | { kind: 'go'; id: number }
  | { kind: 'drain' }
  | { kind: 'cut' };

export type FromThread =
  | { kind: 'ask'; id: number; asked: Asked }
  | { kind: 'handOver'; descriptor: number; bytes: Uint8Array }
  | { kind: 'record'; uses: Use[]; traffic: Counted; lines: string[] }
  | { kind: 'egress'; id: number; bytes: number; begins: boolean }
  | { kind: 'giveBack'; bytes: number }
  | { kind: 'failed'; error: unknown }
  | { kind: 'drained' };
