import { type ByteRange, sluiceError } from '@sluice/protocol';
import { asPortal, captivePortal, isPortalPage } from './captive-portal.ts';
import { changed, type KnownObject } from './known-object.ts';
import { type ObjectBody, objectBody } from './object-body.ts';
import type { Requester } from './requester.ts';
import { statusError } from './status-error.ts';
import { ifRangeValue } from './validator.ts';
import type { WireAnswer } from './wire/answer.ts';

/** Asks for ranges of the object and makes sense of what comes: RFC 9110 §14 and §13.1.5. */
export class ObjectReader {
  readonly #object: KnownObject;
  readonly #requester: Requester;
  /** Whether If-Range is of use here: some servers never find that it matches. */
  #ifRange = true;

  constructor(object: KnownObject, requester: Requester) {
    this.#object = object;
    this.#requester = requester;
  }

  /**
   * @param range `end` Infinity = to the end.
   * @returns undefined when the object ends where the range begins.
   */
  async ask(range: ByteRange, signal: AbortSignal): Promise<ObjectBody | undefined> {
    const object = this.#object;
    const asked = object.ranges === false ? undefined : range;
    const ifRange = this.#ifRange && object.validator && ifRangeValue(object.validator);
    const headers: Record<string, string> = {};
    if (asked) headers.Range = rangeHeader(asked);
    if (asked && ifRange) headers['If-Range'] = ifRange;
    const { answer, label } = await this.#requester.get(headers, signal);
    try {
      if (answer.status === 416) return await this.#beyond(answer, label, range, signal);
      if (isPortalPage(answer, this.#requester.url)) {
        throw captivePortal(label, 'HTML that no server keeps');
      }
      const body = objectBody(answer, asked, object, label, this.#requester.url.pathname);
      if (!body.whole) object.ranges = true;
      else if (asked && ifRange) return await this.#askPlainly(answer, range, signal);
      else if (asked) object.ranges = this.#stillRanges(body, asked);
      return body;
    } catch (error) {
      answer.release();
      throw asPortal(error, answer, label);
    }
  }

  /** The object did not change, yet If-Range brought all of it. */
  async #askPlainly(answer: WireAnswer, range: ByteRange, signal: AbortSignal) {
    answer.release();
    this.#ifRange = false;
    return await this.ask(range, signal);
  }

  /** The whole for a range: no ranges here, unless the range was the whole. */
  #stillRanges({ answer, range }: ObjectBody, asked: ByteRange): boolean {
    const covered = asked.start === 0 && range.end <= asked.end && Number.isFinite(range.end);
    return covered && /(^|,)\s*bytes\s*(,|$)/i.test(answer.fields.get('accept-ranges') ?? '');
  }

  /** Status 416. */
  async #beyond(answer: WireAnswer, url: string, range: ByteRange, signal: AbortSignal) {
    answer.release();
    const object = this.#object;
    const known = object.contentLength;
    const text = /^bytes \*\/(\d{1,15})$/.exec(answer.fields.get('content-range') ?? '')?.[1];
    const total = text === undefined ? undefined : Number(text);
    object.meet(answer.fields, total, url);
    if (total === range.start) return undefined;
    if (total !== undefined) throw short(url, range, total);
    if (known !== undefined && range.start < known) {
      throw changed(url, `${known} bytes, but ${rangeHeader(range)} is refused`);
    }
    if (range.start > 0) return undefined;
    // Nothing at all is there, or the server is at odds with ranges: the plain answer tells.
    if (object.ranges === false) throw statusError(answer, url);
    object.ranges = false;
    return await this.ask(range, signal);
  }
}

/** The asked range reaches beyond the object's end. */
export function short(url: string, range: ByteRange, contentLength: number): Error {
  return sluiceError('SourceShort', { url, end: range.end, contentLength, retryable: false });
}

function rangeHeader(range: ByteRange): string {
  const last = Number.isFinite(range.end) ? range.end - 1 : '';
  return `bytes=${range.start}-${last}`;
}
