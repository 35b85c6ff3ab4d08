import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { sluiceError } from '@sluice/protocol';
import { diskError } from '../store/disk-error.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { Body } from '../upstream/exchange.ts';
import { sourceError } from '../upstream/source-error.ts';
import { Bell } from './bell.ts';
import type { Block } from './block.ts';
import type { Arriving, FillHost } from './fill-host.ts';
import { Intake } from './intake.ts';
import { RecentBytes } from './recent-bytes.ts';
import { SegmentWriter } from './segment-writer.ts';

/** More bytes than this waiting for the disk make the fill stop reading from the source. */
const maxQueued = 4 * 1024 * 1024;
/** Where bytes go that nobody wants: pieces that are here already, of a source that sends everything. */
const unwanted = Buffer.allocUnsafeSlow(64 * 1024);

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
  readonly #progress = new Bell();
  #body: Body | undefined;
  #paused = false;
  readonly #intake: Intake;
  #received = 0;
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
    this.#intake = new Intake(host.pool, this.#writer, this.#recent);
    host.store.use(object);
    host.counters.ActiveFills++;
  }

  /** Host of the source. */
  get source(): string {
    return this.#source;
  }

  /** Pieces that it has brought. */
  get received(): number {
    return this.#received;
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
    this.#progress.tell();
    if (this.#open.size === 0) {
      this.fail(this.#broken('the answer brings no whole piece'));
      return;
    }
    body.attach({
      space: () => this.#space(),
      data: (chunk) => this.#onData(chunk),
      end: () => this.#onEnd(),
      error: (error) => this.fail(sourceError(error, this.#source)),
    });
  }

  /** Bytes from `offset` on that came lately; undefined when there are none here. */
  recent(offset: number): { bytes: Uint8Array; block: Block } | undefined {
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
    this.#progress.wait(fn);
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
    this.#host.over(this);
    if (this.#writer.idle) this.#finish();
    this.#progress.tell();
  }

  /** The rest of the block, no further than the piece goes. */
  #space(): Uint8Array | undefined {
    if (this.#paused || this.#over) return undefined;
    const piece = this.object.pieceAt(this.#position);
    const left = this.#endOf(piece) - this.#position;
    if (!this.#open.has(piece)) return unwanted.subarray(0, left);
    return this.#intake.space(left);
  }

  #onData(chunk: Uint8Array): void {
    const { counters } = this.#host;
    counters.SourceBytes += chunk.length;
    this.#host.received(this, chunk.length);
    const piece = this.object.pieceAt(this.#position);
    if (this.#position + chunk.length > this.#end) this.fail(this.#broken('too many bytes'));
    if (this.#over) return;
    if (this.#open.has(piece)) this.#take(piece, chunk);
    this.#position += chunk.length;
    if (this.#position === this.#endOf(piece)) this.#onBoundary(piece);
    else if (this.#intake.full) this.#flush(piece);
    this.#recent.trim(this.#written);
    this.#regulate();
    this.#progress.tell();
  }

  #take(piece: number, part: Uint8Array): void {
    let arriving = this.#arriving.get(piece);
    if (!arriving) {
      const segment = this.#host.store.reserve(this.object, piece);
      const known = this.#host.digestOf(piece) !== undefined;
      arriving = { segment, crc: 0, hash: known ? createHash('sha256') : undefined };
      this.#arriving.set(piece, arriving);
    }
    arriving.crc = crc32(part, arriving.crc);
    arriving.hash?.update(part);
    this.#intake.take(this.#position, part);
  }

  /** Gives what has come of the piece to the writer. */
  #flush(piece: number): void {
    this.#intake.flush(this.#arriving.get(piece)!.segment, this.#position);
  }

  /** Whether the piece, all there now, is what it should be. */
  #isGood(piece: number): boolean {
    const { hash } = this.#arriving.get(piece)!;
    return hash === undefined || hash.digest().equals(this.#host.digestOf(piece)!);
  }

  #onBoundary(piece: number): void {
    if (this.#open.has(piece)) {
      if (!this.#isGood(piece)) {
        // Whoever has had a part of it must not get the rest: so it is said before anything is woken.
        const detail = `piece ${piece} is not what the hash list says`;
        this.fail(sluiceError('CacheSourceInvalid', { host: this.#source, detail }));
        this.#host.isBad(piece, this);
        return;
      }
      this.#flush(piece);
      this.#received++;
      this.#open.delete(piece);
    }
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
      this.#host.kept(piece);
    }
    this.#recent.trim(end);
    this.#regulate();
    this.#progress.tell();
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
    this.#intake.clear();
    counters.ActiveFills--;
    store.unuse(this.object);
    this.#host.ended(this);
    this.#progress.tell();
  }

  #giveUp(piece: number): void {
    this.#open.delete(piece);
    this.#unclaim(piece);
  }

  #unclaim(piece: number): void {
    if (this.#host.claims.get(piece) === this) this.#host.claims.delete(piece);
  }

  #endOf(piece: number): number {
    return piece * this.object.geometry.pieceSize + this.object.pieceLength(piece);
  }

  #broken(detail: string): Error {
    return sluiceError('CacheSourceFailed', { host: this.#source, detail });
  }
}
