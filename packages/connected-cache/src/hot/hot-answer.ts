import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { ByteRange } from '@sluice/protocol';
import type { Run } from './grant.ts';
import type { HeldLease } from './held-lease.ts';
import type { HotFront } from './hot-front.ts';
import type { PlainRequest } from './plain-request.ts';
import { sendRest } from './rest-of-answer.ts';

/** What one turn sends at most: less costs more, since each turn has its price; more gains nothing. */
const quantum = 4 * 1024 * 1024;
/** What Node writes between what the kernel sends: so it tells when there is room again. */
const fewBytes = 4096;
/** How often it is told that bytes are used. */
const noteEveryBytes = 8 * 1024 * 1024;
/** How much of a file on disk is read at once. */
const windowBytes = 2 * 1024 * 1024;

/** One answer from the files of a lease, which it uses until `end`. */
export class HotAnswer {
  readonly request: PlainRequest;
  readonly range: ByteRange;
  readonly #front: HotFront;
  readonly #socket: Socket;
  readonly #client: string | undefined;
  readonly #began: number;
  #lease: HeldLease;
  #at: number;
  /** Where the bytes that are counted as used begin. */
  #usedFrom: number;
  #fromHere = 0;
  #headMs: number | undefined;
  #queued: number | undefined;
  #few: Buffer | undefined;
  /** Up to where it was read into memory, and what is being read. */
  #loaded = 0;
  #ahead: { start: number; end: number; read: Promise<unknown> } | undefined;

  constructor(
    request: PlainRequest,
    lease: HeldLease,
    range: ByteRange,
    front: HotFront,
    socket: Socket,
    began: number,
  ) {
    this.request = request;
    this.range = range;
    this.#lease = lease;
    this.#front = front;
    this.#socket = socket;
    // Gone with the connection.
    this.#client = socket.remoteAddress;
    this.#began = began;
    this.#at = range.start;
    this.#usedFrom = range.start;
  }

  get lease(): HeldLease {
    return this.#lease;
  }

  get isComplete(): boolean {
    return this.#at === this.range.end;
  }

  isWarm(start: number, end: number): boolean {
    const run = this.#lease.runAt(start);
    if (!run) return false;
    const look = () =>
      this.#front.deps.kernel.inMemory(run.file, run.offset + start - run.start, end - start);
    return this.#lease.isWarm(start, end, this.#front.deps.host.clock.now(), look);
  }

  /** Leaves together with the bytes that follow. */
  writeHead(descriptor: number, head: string): void {
    const { output, deps } = this.#front;
    this.#headMs = deps.host.clock.now() - this.#began;
    const length = output.write(head, 'latin1');
    const taken = deps.kernel.sendHead(descriptor, output, length);
    if (taken < length) this.#socket.write(Buffer.from(output.subarray(taken, length)));
  }

  /** @returns how many of so many bytes the system took; when less, it has no room, or the file fails */
  sendNow(descriptor: number, length: number): number {
    const run = this.#lease.runAt(this.#at);
    if (!run || this.#socket.writableLength > 0) return 0;
    const most = Math.min(length, run.end - this.#at);
    const offset = run.offset + this.#at - run.start;
    const taken = this.#front.deps.kernel.send(descriptor, run.file, offset, most);
    this.#sent(taken);
    return taken;
  }

  /** Sends what is left. @returns false when the client is gone, or the answer must be cut */
  async run(descriptor: number, writeHead: () => void): Promise<boolean> {
    const { egress } = this.#front.deps.host;
    const turn = Math.min(quantum, egress?.turn ?? quantum);
    while (!this.isComplete) {
      const run = this.#lease.isGone ? undefined : this.#lease.runAt(this.#at);
      if (!run) {
        if (await this.#renew()) continue;
        return this.#rest();
      }
      if (this.#at - this.#usedFrom >= noteEveryBytes) this.#noteUse();
      const end = Math.min(this.#at + turn, this.range.end, run.end);
      const length = (await this.#inMemory(run, end)) - this.#at;
      await egress?.take(length, this.#headMs === undefined, () => this.#socket.destroyed);
      if (this.#socket.destroyed) return false;
      const taken = await this.#front.turns.take(() => this.#turn(descriptor, length, writeHead));
      if (taken === length) continue;
      const few = this.#socket.destroyed ? 0 : Math.min(fewBytes, length - taken);
      egress?.giveBack(length - taken - few);
      if (this.#socket.destroyed) return false;
      if (!(await this.#writeFew(few))) return this.#socket.destroyed ? false : this.#rest();
    }
    return true;
  }

  /** Nothing has happened on the socket for long: is it the client's fault? */
  onTimeout(descriptor: number): void {
    const queued = this.#front.deps.kernel.queued(descriptor);
    // One write can be megabytes in the system: a slow client takes long until the next.
    const isAtFault = this.#socket.writableLength > 0 && queued === this.#queued;
    this.#queued = queued;
    if (isAtFault) this.#socket.destroy();
    else this.#socket.setTimeout(this.#front.deps.clientStallMs);
  }

  /** Lets go of the lease, and says what was sent. */
  end(): void {
    this.#noteUse();
    this.#lease.release();
    const { target, text, range } = this.request;
    this.#front.deps.host.answered({
      client: this.#client,
      head: text,
      target,
      source: this.#lease.grant.source,
      status: range ? 206 : 200,
      bytes: this.#fromHere,
      began: this.#began,
      headMs: this.#headMs,
    });
  }

  #turn(descriptor: number, length: number, writeHead: () => void): number {
    if (this.#socket.destroyed) return 0;
    if (this.#headMs === undefined) writeHead();
    return this.sendNow(descriptor, length);
  }

  #sent(bytes: number): void {
    this.#at += bytes;
    this.#fromHere += bytes;
    this.#front.deps.counts.add('HitBytes', bytes);
  }

  /** What is used is told by files, since those are what is evicted. */
  #noteUse(): void {
    const { slot, word, fileBytes } = this.#lease.grant;
    while (this.#usedFrom < this.#at) {
      const from = this.#usedFrom;
      const end = Math.min(this.#at, (Math.floor(from / fileBytes) + 1) * fileBytes);
      this.#front.deps.host.used(slot, word, from, end - from);
      this.#usedFrom = end;
    }
  }

  /** The files went: others of the same object, if there are. */
  async #renew(): Promise<boolean> {
    const { target, host } = this.request;
    const [first, last] = [this.#at, this.range.end - 1];
    const lease = await this.#front.ask({ target, host, range: { first, last } });
    const same = lease?.grant.object === this.#lease.grant.object;
    if (!lease || !same || !lease.covers({ start: first, end: last + 1 })) return false;
    if (!lease.acquire()) return false;
    this.#noteUse();
    this.#lease.release();
    this.#lease = lease;
    return true;
  }

  /** What cannot be sent from files any more the node itself is asked for. */
  #rest(): Promise<boolean> {
    // Before the head has left nothing is lost: the client asks again.
    if (this.#headMs === undefined) return Promise.resolve(false);
    const { target, host } = this.request;
    const rest = { start: this.#at, end: this.range.end };
    return sendRest(
      this.#front.deps.nodeUrl(),
      { target, host },
      this.#lease.grant,
      rest,
      this.#socket,
    );
  }

  /** @returns false when the file cannot be read, or the client is gone */
  #writeFew(length: number): Promise<boolean> {
    const run = this.#lease.runAt(this.#at);
    if (length === 0) return new Promise((resolve) => this.#socket.write('', (e) => resolve(!e)));
    // Of its own: a slice of a pool would hold all of that as long as the client is slow.
    this.#few ??= Buffer.allocUnsafeSlow(fewBytes);
    const few = this.#few.subarray(0, length);
    const bytesRead = run ? readFew(run.file, few, run.offset + this.#at - run.start) : 0;
    if (bytesRead === 0) return Promise.resolve(false);
    this.#sent(bytesRead);
    return new Promise((resolve) => {
      this.#socket.write(few.subarray(0, bytesRead), (error) => resolve(!error));
    });
  }

  /** Resolves when bytes up to `end` are in memory, or cannot be read. @returns up to where */
  async #inMemory(run: Run, end: number): Promise<number> {
    if (this.isWarm(this.#at, end)) return end;
    if (this.#loaded <= this.#at) {
      const last = Math.min(run.end, this.range.end);
      const isNext = this.#ahead?.start === this.#at;
      const window = isNext ? this.#ahead! : this.#prefetch(run, this.#at, last);
      this.#ahead = window.end < last ? this.#prefetch(run, window.end, last) : undefined;
      await window.read;
      this.#loaded = window.end;
    }
    return Math.min(end, this.#loaded);
  }

  #prefetch(run: Run, start: number, last: number) {
    const end = Math.min(last, start + windowBytes);
    const offset = run.offset + start - run.start;
    return { start, end, read: this.#front.deps.kernel.prefetch(run.file, offset, end - start) };
  }
}

/** 0 when it fails: whoever reads the usual way meets the error again, and deals with it. */
function readFew(file: number, into: Buffer, offset: number): number {
  try {
    return readSync(file, into, 0, into.length, offset);
  } catch {
    return 0;
  }
}
