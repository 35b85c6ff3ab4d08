import { type ByteRange, isSluiceError, type SluiceError, sluiceError } from '@sluice/protocol';
import type { RunSink, Source, SourceFacts } from '../source.ts';
import { isHttpFault } from './http-fault.ts';
import type { HttpSettings } from './http-settings.ts';
import type { KnownObject } from './known-object.ts';
import type { ObjectBody } from './object-body.ts';
import { ObjectReader, short } from './object-reader.ts';
import { Parking } from './parking.ts';
import { type PortableSource, portableSource } from './portable-source.ts';
import { Requester } from './requester.ts';
import type { Remote } from './wire/answer.ts';
import { cancelled } from './wire/on-abort.ts';

/** An object behind a URL; see `createHttpSource`. */
export class HttpSource implements Source {
  readonly kind: 'http' | 'cache';
  readonly label: string;
  readonly #object: KnownObject;
  readonly #requester: Requester;
  readonly #reader: ObjectReader;
  readonly #parking: Parking;
  readonly #lifetime = new AbortController();
  readonly #settings: HttpSettings;
  #active = 0;

  constructor(settings: HttpSettings, object: KnownObject) {
    this.kind = settings.kind;
    this.label = settings.label;
    this.#object = object;
    this.#settings = settings;
    this.#requester = new Requester(settings);
    this.#reader = new ObjectReader(object, this.#requester);
    this.#parking = new Parking(settings.clock, settings.timeouts.parkMs);
  }

  get activeConnections(): number {
    return this.#active;
  }

  get remote(): Remote | undefined {
    return this.#requester.remote;
  }

  async open(signal: AbortSignal): Promise<SourceFacts> {
    const probe = { start: 0, end: this.#settings.probeBytes };
    return await this.#during(probe, signal, async (both) => {
      const body = await this.#reader.ask(probe, both);
      if (!body) this.#object.contentLength = 0;
      else if (body.range.end === 0) body.answer.release();
      else this.#parking.park(body);
      return this.#object.facts;
    });
  }

  async fetch(range: ByteRange, sink: RunSink, signal: AbortSignal): Promise<void> {
    await this.#during(range, signal, (both) => this.#fetch(range, sink, both));
  }

  async lend<T>(
    range: ByteRange,
    work: (portable: PortableSource, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const portable = portableSource(this.#settings, this.#object);
    if (!portable) return undefined;
    const { slots, url } = this.#settings;
    return await this.#during(range, signal, async (both) => {
      await slots.wait(url.host, both);
      try {
        return await work(portable, both);
      } finally {
        slots.release(url.host);
      }
    });
  }

  async close(): Promise<void> {
    const error = this.#closed();
    this.#lifetime.abort(error);
    this.#parking.clear();
    await this.#requester.close(error);
  }

  async #fetch(range: ByteRange, sink: RunSink, signal: AbortSignal): Promise<void> {
    if (this.#object.ranges === false && !isWhole(range, this.#object.contentLength)) {
      throw noRanges(this.label);
    }
    let position = range.start;
    const counting: RunSink = {
      space: () => sink.space(),
      filled: (n) => {
        position += n;
        sink.filled(n);
      },
      ready: () => sink.ready(),
    };
    // A stream without ranges comes as a whole, and the whole must not be asked for in parts.
    const window = () => (this.#object.ranges ? (sink.window?.() ?? Infinity) : Infinity);
    let parked = this.#parking.take(position);
    while (position < this.#endOf(range)) {
      const rest = {
        start: position,
        end: Math.min(this.#endOf(range), position + Math.floor(window())),
      };
      const body = parked ?? (await this.#reader.ask(rest, signal));
      if (!body) break;
      try {
        await this.#deliver(body, { start: position, end: range.end }, counting, signal);
        if (body.range.end === Number.POSITIVE_INFINITY) break;
      } catch (error) {
        // A body that waited long may be gone: asking anew costs a round trip, failing the run more.
        const goesOn = position === range.start || this.#object.ranges !== false;
        if (!parked || !goesOn || !isRetryable(error)) throw error;
      }
      parked = undefined;
    }
    if (Number.isFinite(range.end) && position < range.end) {
      throw short(this.label, range, position);
    }
  }

  /** Where the fetch stops, as far as is known now. */
  #endOf(range: ByteRange): number {
    const length = this.#object.contentLength;
    if (length === undefined) return range.end;
    if (range.start > length || (range.end > length && Number.isFinite(range.end))) {
      throw short(this.label, range, length);
    }
    return Math.min(range.end, length);
  }

  /** Delivers what `body` has of `rest`, which begins where the body does. */
  async #deliver(
    body: ObjectBody,
    rest: ByteRange,
    sink: RunSink,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      if (body.whole && !isWhole(rest, this.#object.contentLength)) throw noRanges(body.label);
      const end = Math.min(this.#endOf(rest), body.range.end);
      const got = await body.answer.deliver(sink, end - rest.start, signal);
      if (Number.isFinite(end) && got < end - rest.start) {
        const detail = `ended after ${got} of ${end - rest.start} bytes`;
        throw sluiceError('SourceTruncated', { url: body.label, detail, retryable: true });
      }
    } finally {
      body.answer.release();
    }
  }

  /** Runs a call: counts it, and lets `close` end it. */
  async #during<T>(
    range: ByteRange,
    signal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const both = AbortSignal.any([signal, this.#lifetime.signal]);
    if (both.aborted) throw cancelled(both);
    this.#active++;
    try {
      return await call(both);
    } catch (error) {
      const { kind, label } = this;
      if (isHttpFault(error, both)) {
        this.#settings.onFault({ kind, label, host: this.remote?.host, range, error });
      }
      throw error;
    } finally {
      this.#active--;
    }
  }

  #closed(): SluiceError {
    return sluiceError('SourceClosed', { url: this.label, retryable: false });
  }
}

function isRetryable(error: unknown): boolean {
  return isSluiceError(error) && error.params.retryable === true;
}

function isWhole(range: ByteRange, contentLength: number | undefined): boolean {
  const toTheEnd = range.end === Number.POSITIVE_INFINITY || range.end === contentLength;
  return range.start === 0 && toTheEnd;
}

function noRanges(url: string): SluiceError {
  return sluiceError('SourceNoRanges', { url, retryable: false });
}
