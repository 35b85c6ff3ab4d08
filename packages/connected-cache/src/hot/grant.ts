import type { Identity } from '../upstream/identity.ts';
import type { RangeWish } from './plain-request.ts';

/** What a thread would like to send. */
export interface Asked {
  target: string;
  host: string;
  range: RangeWish | undefined;
}

/** Pieces in a row of one data file, all there and checked. */
export interface Run {
  /** The descriptor; it stays open as long as the lease is used. */
  file: number;
  /** In the object; `end` exclusive. */
  start: number;
  end: number;
  /** Of `start` in the file. */
  offset: number;
}

/** Leave to send bytes of one state of an object from its files. A plain object: it goes to other threads. */
export interface Grant {
  slot: number;
  word: number;
  /** Of this state of the object, and of no other. */
  object: number;
  length: number;
  /** Of the bytes of one data file; runs are by the number of theirs. */
  fileBytes: number;
  runs: [index: number, run: Run][];
  /** The lines of the head that are the same in each answer. */
  head: string;
  /** `host[:port]` */
  source: string;
  identity: Identity;
  /** Wall time in ms: when it was new, and from when until when it is fresh. */
  newAt: number;
  freshFrom: number;
  freshUntil: number;
}
