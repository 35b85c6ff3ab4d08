import type { Body, BodySink } from '../exchange.ts';
import type { Framing } from './body-framing.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';
import type { Receiver, SourceConnection } from './source-connection.ts';

/** A chunk of a sink that gives no space. */
const ownSpace = 64 * 1024;

/** The body of one answer on its connection. */
export class AnswerBody implements Body, Receiver {
  readonly #connection: SourceConnection;
  readonly #keepAlive: boolean;
  readonly #chunked: ChunkedDecoder | undefined;
  /** Bytes still to come; Infinity when only the end will tell. */
  #left: number;
  readonly #closes: boolean;
  #sink: BodySink | undefined;
  #own: Uint8Array | undefined;
  #paused = false;
  /** Bytes are being handed out: what the sink does meanwhile is seen afterwards. */
  #busy = false;
  #over = false;
  #aborted = false;
  #error: Error | undefined;

  constructor(connection: SourceConnection, framing: Framing, keepAlive: boolean) {
    this.#connection = connection;
    this.#keepAlive = keepAlive;
    this.#left = framing.kind === 'length' ? framing.length : Number.POSITIVE_INFINITY;
    this.#chunked = framing.kind === 'chunked' ? new ChunkedDecoder() : undefined;
    this.#closes = framing.kind === 'close';
  }

  attach(sink: BodySink): void {
    this.#sink = sink;
    if (this.#aborted) return;
    if (this.#error) sink.error(this.#error);
    else this.#goOn();
  }

  pause(): void {
    this.#paused = true;
    if (this.#over || this.#busy) return;
    this.#connection.watch(0, undefined);
    this.#connection.pause();
  }

  resume(): void {
    if (!this.#paused || this.#aborted) return;
    this.#paused = false;
    if (this.#sink && !this.#busy && !this.#over) this.#goOn();
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    if (!this.#over) this.#connection.fail(new Error('given up'));
  }

  landed(buffer: Uint8Array, n: number): Uint8Array | undefined {
    const { ahead } = this.#connection;
    if (ahead.owns(buffer)) ahead.landed(buffer, n);
    else this.#hand(buffer.subarray(0, n));
    const next = this.#drain();
    if (!next && !this.#over) this.#connection.watch(0, undefined);
    return next;
  }

  ended(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#closes && !error && this.#connection.ahead.size === 0) {
      if (!this.#aborted) this.#sink?.end();
      return;
    }
    this.#error = error ?? new Error('the answer ended too early');
    if (!this.#aborted) this.#sink?.error(this.#error);
  }

  /** Reads on after a pause; the first read goes to the read-ahead, see SourceConnection. */
  #goOn(): void {
    try {
      if (!this.#drain() || this.#over) return;
      this.#connection.watch(this.#connection.patience.bodyTimeoutMs, 'no byte');
      this.#connection.resume();
    } catch (error) {
      this.#connection.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Hands on what was read ahead. @returns where to read to now; undefined = wait, or it is over. */
  #drain(): Uint8Array | undefined {
    const { ahead } = this.#connection;
    while (!this.#stopped && !this.#complete && ahead.size > 0) {
      const { used, data } = this.#chunked?.take(ahead.unread) ?? plain(ahead.unread, this.#left);
      if (!data) {
        ahead.consume(used);
        continue;
      }
      const copied = this.#copy(data);
      if (this.#chunked && copied < used) this.#chunked.putBack(used - copied);
      ahead.consume(copied);
      if (copied === 0) return undefined;
    }
    if (this.#stopped) return undefined;
    if (this.#complete) {
      this.#finish();
      return undefined;
    }
    if (this.#chunked) return ahead.whole;
    const space = this.#space();
    return space && (space.length > this.#left ? space.subarray(0, this.#left) : space);
  }

  get #stopped(): boolean {
    return this.#paused || this.#over || this.#aborted;
  }

  get #complete(): boolean {
    return this.#chunked ? this.#chunked.ended : this.#left === 0;
  }

  /** @returns how many bytes found room */
  #copy(data: Uint8Array): number {
    const space = this.#space();
    if (!space) return 0;
    const n = Math.min(space.length, data.length);
    space.set(data.subarray(0, n));
    this.#hand(space.subarray(0, n));
    return n;
  }

  #space(): Uint8Array | undefined {
    const sink = this.#sink!;
    if (sink.space) return sink.space();
    this.#own ??= Buffer.allocUnsafeSlow(ownSpace);
    return this.#own;
  }

  #hand(chunk: Uint8Array): void {
    if (!this.#chunked) this.#left -= chunk.length;
    this.#own = undefined;
    if (this.#aborted) return;
    this.#busy = true;
    try {
      this.#sink!.data(chunk);
    } finally {
      this.#busy = false;
    }
  }

  #finish(): void {
    this.#over = true;
    // What is left over was never promised.
    if (this.#keepAlive && this.#connection.ahead.size === 0) this.#connection.rest();
    else this.#connection.fail(new Error('the source closes'));
    this.#sink!.end();
  }
}

function plain(unread: Uint8Array, left: number) {
  const data = unread.subarray(0, left);
  return { used: data.length, data };
}
