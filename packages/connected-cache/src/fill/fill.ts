import { crc32 } from 'node:zlib';
import { sluiceError } from '@sluice/protocol';
import type { Counters } from '../stats.ts';
import type { CacheStore } from '../store/cache-store.ts';
import { diskError } from '../store/disk-error.ts';
import type { Segment } from '../store/segment.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { Body } from '../upstream/exchange.ts';
import { sourceError } from '../upstream/source-error.ts';
import { RecentBytes } from './recent-bytes.ts';
import { SegmentWriter } from './segment-writer.ts';

/** More bytes than this waiting for the disk make the fill stop reading from the source. */
const maxQueued = 4 * 1024 * 1024;

/** What a fill needs of those around it. */
export interface FillHost {
  readonly store: CacheStore;
  readonly counters: Counters;
  /** Which fill brings a piece. */
  readonly claims: Map<number, Fill>;
  /** Whether anybody waits for a piece of these. */
  wanted(first: number, last: number): boolean;
  /** The fill has ended, one way or the other, and left no work behind. */
  ended(fill: Fill): void;
}

/** A piece whose bytes come in or wait for the disk. */
interface Arriving {
  segment: Segment;
  crc: number;
}

/**
 * One answer of the source on its way to the disk: bytes of one object in order, of which it keeps
 * the pieces it has claimed. Whoever wants a claimed piece gets its bytes from here as they come.
 */
export class Fill {
  readonly object: StoredObject;
  readonly #host: FillHost;
  /** Host of the source, for messages. */
  readonly #source: string;
  readonly #recent = new RecentBytes();
  readonly #writer: SegmentWriter;
  /** Claimed and not all received. */
  readonly #open = new Set<number>();
  /** Claimed, begun and not all on disk; ascending. */
  readonly #arriving = new Map<number, Arriving>();
  #last = -1;
  #waiting: (() => void)[] = [];
  #body: Body | undefined;
  #paused = false;
  #position = 0;
  #end = 0;
  #written = 0;
  /** Nothing more is received; nothing more is done. */
  #over = false;
  #finished = false;
  #error: unknown;

  constructor(host: FillHost, object: StoredObject, source: string) {
    this.object = object;
    this.#host = host;
    this.#source = source;
    this.#writer = new SegmentWriter({
      written: (end) => this.#onWritten(end),
      drained: () => this.#over && this.#finish(),
      failed: (error) => this.#onDiskError(error),
    });
    host.store.use(object);
    host.counters.ActiveFills++;
  }

  /** Why it failed, if it did. */
  get error(): unknown {
    return this.#error;
  }

  /** The fill is to bring this piece; said before its bytes come. */
  claim(piece: number): void {
    this.#host.claims.set(piece, this);
    this.#open.add(piece);
    this.#last = Math.max(this.#last, piece);
  }

  /** Takes the body of an answer that brings bytes `start` up to `end`. */
  receive(body: Body, start: number, end: number): void {
    if (this.#over) {
      body.abort();
      return;
    }
    this.#body = body;
    this.#position = start;
    this.#written = start;
    this.#end = end;
    this.#host.counters.FillRequests++;
    for (const piece of this.#open) {
      const from = piece * this.object.geometry.pieceSize;
      if (from < start || this.#endOf(piece) > end) this.#giveUp(piece);
    }
    this.#wake();
    if (this.#open.size === 0) {
      this.fail(this.#broken('the answer brings no whole piece'));
      return;
    }
    body.attach({
      data: (chunk) => this.#onData(chunk),
      end: () => this.#onEnd(),
      error: (error) => this.fail(sourceError(error, this.#source)),
    });
  }

  /** Bytes from `offset` on that came lately; undefined when there are none here. */
  recent(offset: number): Uint8Array | undefined {
    return this.#recent.at(offset);
  }

  /** Whether all bytes of the claimed piece have come. */
  hasReceived(piece: number): boolean {
    return !this.#open.has(piece);
  }

  /** Up to where the claimed piece at `offset` can be read from the disk; `offset` = not at all. */
  readableEnd(offset: number): number {
    const piece = this.object.pieceAt(offset);
    if (!this.#arriving.has(piece)) return offset;
    return Math.max(offset, Math.min(this.#written, this.#endOf(piece)));
  }

  /** Calls `fn` once when something has happened: bytes came or it is over. */
  onProgress(fn: () => void): void {
    this.#waiting.push(fn);
  }

  /** Ends it; those who wait get `error`. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#error = error;
    this.#host.counters.FailedFills++;
    this.stop();
  }

  /** Receives no more. What has come whole is still written. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#body?.abort();
    for (const piece of this.#open) this.#giveUp(piece);
    if (this.#writer.idle) this.#finish();
    this.#wake();
  }

  #onData(chunk: Uint8Array): void {
    this.#host.counters.SourceBytes += chunk.length;
    if (this.#position + chunk.length > this.#end) this.fail(this.#broken('too many bytes'));
    for (let at = 0; at < chunk.length && !this.#over; ) {
      const piece = this.object.pieceAt(this.#position);
      const part = chunk.subarray(at, at + this.#endOf(piece) - this.#position);
      if (this.#open.has(piece)) this.#take(piece, part);
      this.#position += part.length;
      at += part.length;
      if (this.#position === this.#endOf(piece)) this.#onBoundary(piece);
    }
    this.#recent.trim(this.#written);
    this.#regulate();
    this.#wake();
  }

  #take(piece: number, part: Uint8Array): void {
    let arriving = this.#arriving.get(piece);
    if (!arriving) {
      arriving = { segment: this.#host.store.reserve(this.object, piece), crc: 0 };
      this.#arriving.set(piece, arriving);
    }
    arriving.crc = crc32(part, arriving.crc);
    this.#recent.push(this.#position, part);
    this.#writer.push(arriving.segment, this.#position, part);
  }

  #onBoundary(piece: number): void {
    this.#open.delete(piece);
    // The end of the body is about to be told, and leaves the connection in order.
    if (this.#position === this.#end) return;
    if (this.#open.size === 0 || !this.#host.wanted(piece + 1, this.#last)) this.stop();
  }

  #onEnd(): void {
    if (this.#position < this.#end) this.fail(this.#broken('the answer ended too early'));
    else this.stop();
  }

  #onWritten(end: number): void {
    this.#written = end;
    for (const [piece, { segment, crc }] of this.#arriving) {
      if (this.#endOf(piece) > end) break;
      this.#arriving.delete(piece);
      this.#unclaim(piece);
      this.#host.store.keep(segment, piece, crc);
    }
    this.#recent.trim(end);
    this.#regulate();
    this.#wake();
  }

  #onDiskError(cause: unknown): void {
    // They are written in order, so it is the first that failed.
    const [arriving] = this.#arriving.values();
    const error = diskError(cause, arriving?.segment.drive.folder ?? '');
    if (arriving) this.#host.store.noteFailure(arriving.segment, cause);
    if (this.#over && this.#error === undefined) {
      // All had come, but it cannot be kept.
      this.#error = error;
      this.#host.counters.FailedFills++;
    }
    this.fail(error);
    this.#finish();
  }

  #regulate(): void {
    const { queued } = this.#writer;
    if (!this.#paused && queued > maxQueued) {
      this.#paused = true;
      this.#body?.pause();
    } else if (this.#paused && queued < maxQueued / 2) {
      this.#paused = false;
      this.#body?.resume();
    }
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    const { store, counters } = this.#host;
    for (const [piece, { segment }] of this.#arriving) {
      this.#unclaim(piece);
      store.release(segment, piece);
    }
    this.#arriving.clear();
    counters.ActiveFills--;
    store.unuse(this.object);
    this.#host.ended(this);
    this.#wake();
  }

  #giveUp(piece: number): void {
    this.#open.delete(piece);
    this.#unclaim(piece);
  }

  #unclaim(piece: number): void {
    if (this.#host.claims.get(piece) === this) this.#host.claims.delete(piece);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const fn of waiting) fn();
  }

  #endOf(piece: number): number {
    return piece * this.object.geometry.pieceSize + this.object.pieceLength(piece);
  }

  #broken(detail: string): Error {
    return sluiceError('CacheSourceFailed', { host: this.#source, detail });
  }
}
