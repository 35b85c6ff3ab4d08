import { type ByteRange, sluiceError } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';
import type { Counters } from '../stats.ts';
import type { CacheStore } from '../store/cache-store.ts';
import { maxObjectLength, type ObjectRecord } from '../store/object-record.ts';
import type { StoredObject } from '../store/stored-object.ts';
import { type Answer, discard, readBody } from '../upstream/exchange.ts';
import { freshnessOf } from '../upstream/freshness.ts';
import { endToEnd, type HeaderList, single, storable } from '../upstream/headers.ts';
import { identityOf, onlyIfChanged, sameIdentity } from '../upstream/identity.ts';
import { contentLength, type Extent, extentOf, isEncoded, refused } from './extent.ts';
import type { Fill } from './fill.ts';
import type { ObjectFills } from './object-fills.ts';
import type { SourceLink } from './source-link.ts';
import { isStorable } from './storable.ts';

/** What an object turned out to be. */
export type Opened =
  /** It is kept; `fill` brings the first bytes that were wanted. */
  | { kind: 'object'; object: StoredObject; fill: Fill | undefined; unchanged: boolean }
  /** The source's own answer, for everybody who asked. */
  | { kind: 'answer'; status: number; headers: HeaderList; body: Uint8Array | undefined }
  /** Its answers cannot be kept: everybody asks for himself. */
  | { kind: 'pass' };

/** What the one who asks first would like to have. */
export interface Wish {
  url: string;
  /** The bytes; undefined = to know about the object only. `end` may be Infinity. */
  bytes: ByteRange | undefined;
  link: SourceLink;
}

/** A wish that has been sent, at this wall time. */
interface Asked extends Wish {
  askedAt: number;
}

export interface OpenerDeps {
  store: CacheStore;
  counters: Counters;
  wallTime: WallTime;
  fillsOf(object: StoredObject): ObjectFills;
  pieceSize: number;
  segmentPieces: number;
  runPieces: number;
  /** A longer object of a source without ranges is not kept: it could not be fetched in parts again. */
  maxWholeLength: number;
}

/** Asked for at first; the rest comes beside it as soon as it is known what the object is. */
const firstBytes = 8 * 1024 * 1024;
/** A longer text of an error is not passed on. */
const maxErrorBody = 65536;
/** How long it is remembered that an object cannot be kept, and of how many. */
const passForMs = 60_000;
const maxPassed = 10_000;

/**
 * Finds out what an object is, or whether it still is what it was: with the request that brings the
 * first bytes, and one request however many ask.
 */
export class Opener {
  readonly #deps: OpenerDeps;
  readonly #running = new Map<string, Promise<Opened>>();
  readonly #passed = new Map<string, number>();

  constructor(deps: OpenerDeps) {
    this.#deps = deps;
  }

  /** Whether it is known that the answers of this URL cannot be kept. */
  passes(url: string): boolean {
    return (this.#passed.get(url) ?? 0) > this.#deps.wallTime();
  }

  /**
   * Asks the source. `began` is false for those who share another's request.
   * @throws CacheSourceFailed, CacheSourceStalled, CacheSourceInvalid, CacheSourceRefused (5xx),
   *   CacheAddressNotAllowed
   */
  open(wish: Wish): { opened: Promise<Opened>; began: boolean } {
    const running = this.#running.get(wish.url);
    if (running) return { opened: running, began: false };
    const opened = this.#open(wish).finally(() => this.#running.delete(wish.url));
    this.#running.set(wish.url, opened);
    return { opened, began: true };
  }

  async #open(wish: Wish): Promise<Opened> {
    const askedAt = this.#deps.wallTime();
    const before = this.#deps.store.find(wish.url);
    const range = wish.bytes && this.#rounded(wish.bytes);
    let answer = await this.#ask(wish, before, range);
    if (answer.status === 416 && range?.start === 0) {
      // An empty object satisfies no range.
      answer.body.abort();
      answer = await this.#ask(wish, before, undefined);
    }
    try {
      return await this.#judge({ ...wish, askedAt }, before, range, answer);
    } catch (error) {
      answer.body.abort();
      throw error;
    }
  }

  #ask({ bytes, link }: Wish, before: StoredObject | undefined, range: ByteRange | undefined) {
    return link.ask(bytes ? 'GET' : 'HEAD', {
      ...(before && onlyIfChanged(before.record.identity)),
      ...(range && { range: `bytes=${range.start}-${range.end - 1}` }),
    });
  }

  async #judge(
    wish: Asked,
    before: StoredObject | undefined,
    range: ByteRange | undefined,
    answer: Answer,
  ): Promise<Opened> {
    const { store, counters } = this.#deps;
    const { status } = answer;
    if (!wish.bytes || status === 304) counters.CheckRequests++;
    if (status === 304 && before) {
      discard(answer.body);
      return this.#unchanged(before, answer, wish.askedAt);
    }
    if (status === 200 || status === 206) return this.#found(wish, before, range, answer);
    if (before && [404, 410, 416].includes(status)) store.retire(before);
    if (status < 300) return this.#pass(wish.url, before, answer);
    if (!wish.bytes && status >= 400 && status !== 404 && status !== 410) {
      // Some sources refuse HEAD only.
      answer.body.abort();
      return { kind: 'pass' };
    }
    if (status >= 500 || status === 304) throw refused(answer, wish.link.source.label);
    const body = await readBody(answer.body, maxErrorBody);
    const headers = endToEnd(answer.headers);
    const contentRange = single(answer.headers, 'content-range');
    if (status === 416 && contentRange) headers.push(['content-range', contentRange]);
    return { kind: 'answer', status, headers, body };
  }

  #found(
    wish: Asked,
    before: StoredObject | undefined,
    range: ByteRange | undefined,
    answer: Answer,
  ): Opened {
    const { link } = wish;
    const extent = wish.bytes ? extentOf(answer, link.source.label) : headExtent(answer);
    const record = extent && this.#recordOf(wish, answer, extent.length);
    if (!record || !isStorable(answer.headers) || this.#tooLong(answer, extent, wish)) {
      return this.#pass(wish.url, before, answer);
    }
    if (before?.current && sameIdentity(before.record.identity, record.identity)) {
      answer.body.abort();
      this.#deps.store.update(before, record);
      return { kind: 'object', object: before, fill: undefined, unchanged: true };
    }
    if (answer.status === 206) this.#checkPart(extent, range, link.source.label);
    const object = this.#deps.store.add(record);
    const hasBytes = wish.bytes !== undefined && extent.end > extent.start;
    if (!hasBytes) answer.body.abort();
    const fill = hasBytes ? this.#deps.fillsOf(object).adopt(answer, extent, link) : undefined;
    return { kind: 'object', object, fill, unchanged: false };
  }

  #unchanged(object: StoredObject, answer: Answer, askedAt: number): Opened {
    const { record } = object;
    const now = this.#deps.wallTime();
    const fresh = dated(storable(answer.headers), now);
    const names = new Set(fresh.map(([name]) => name));
    const headers = [...record.headers.filter(([name]) => !names.has(name)), ...fresh];
    // The age is that of the answer that says so, not that of the one that is kept.
    const told = { ...Object.fromEntries(headers), age: answer.headers.age };
    const freshness = freshnessOf(told, now, askedAt);
    this.#deps.store.update(object, { ...record, headers, freshness });
    return { kind: 'object', object, fill: undefined, unchanged: true };
  }

  #pass(url: string, before: StoredObject | undefined, answer: Answer): Opened {
    answer.body.abort();
    if (before) this.#deps.store.retire(before);
    this.#passed.delete(url);
    this.#passed.set(url, this.#deps.wallTime() + passForMs);
    for (const oldest of this.#passed.keys()) {
      if (this.#passed.size <= maxPassed) break;
      this.#passed.delete(oldest);
    }
    return { kind: 'pass' };
  }

  /** Undefined when the object has nothing to know it again by, or is too long. */
  #recordOf(
    { url, askedAt }: Asked,
    { headers }: Answer,
    length: number,
  ): ObjectRecord | undefined {
    const identity = identityOf(headers, length);
    if (!identity || length > maxObjectLength) return undefined;
    const { pieceSize, segmentPieces, wallTime } = this.#deps;
    const now = wallTime();
    const freshness = freshnessOf(headers, now, askedAt);
    const kept = dated(storable(headers), now);
    return { url, identity, pieceSize, segmentPieces, headers: kept, freshness };
  }

  #tooLong({ status }: Answer, { length }: Extent, { bytes }: Wish): boolean {
    return bytes !== undefined && status === 200 && length > this.#deps.maxWholeLength;
  }

  #checkPart(extent: Extent, range: ByteRange | undefined, host: string): void {
    if (range && extent.start === range.start && extent.end <= range.end) return;
    const detail = `bytes ${extent.start}-${extent.end - 1} that were not asked for`;
    throw sluiceError('CacheSourceInvalid', { host, detail });
  }

  /** The pieces around the bytes, as many as one request may ask for. */
  #rounded({ start, end }: ByteRange): ByteRange {
    const { pieceSize, runPieces } = this.#deps;
    const first = Math.floor(start / pieceSize);
    const most = Math.min(runPieces, Math.max(1, Math.floor(firstBytes / pieceSize)));
    const after = Math.min(Math.ceil(end / pieceSize), first + most);
    return { start: first * pieceSize, end: after * pieceSize };
  }
}

/** Who keeps an answer without a date gives it the one of its arrival (RFC 9110 §6.6.1). */
function dated(headers: HeaderList, now: number): HeaderList {
  if (headers.some(([name]) => name === 'date')) return headers;
  return [...headers, ['date', new Date(now).toUTCString()]];
}

function headExtent({ headers }: Answer): Extent | undefined {
  const length = contentLength(headers);
  return length === undefined || isEncoded(headers) ? undefined : { start: 0, end: length, length };
}
