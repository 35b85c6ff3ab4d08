import { parseContentRange, type SluiceError, sluiceError } from '@sluice/protocol';
import type { StoredObject } from '../store/stored-object.ts';
import type { Answer } from '../upstream/exchange.ts';
import { type AnswerHeaders, joined, single } from '../upstream/headers.ts';
import { identityOf, sameIdentity } from '../upstream/identity.ts';

/** Where the bytes of an answer lie in the object, `end` exclusive, and the object's length. */
export interface Extent {
  start: number;
  end: number;
  length: number;
}

/**
 * Which bytes a 200 or 206 brings; undefined when its length is not known.
 * @throws CacheSourceInvalid when it is an encoded part, or a 206 that does not say what it is.
 */
export function extentOf(answer: Answer, host: string): Extent | undefined {
  const { status, headers } = answer;
  if (status === 200) {
    const length = contentLength(headers);
    return length === undefined || isEncoded(headers)
      ? undefined
      : { start: 0, end: length, length };
  }
  if (isEncoded(headers)) {
    throw invalid(host, `a range with Content-Encoding: ${joined(headers, 'content-encoding')}`);
  }
  const range = parseContentRange(single(headers, 'content-range') ?? '');
  if (!range) throw invalid(host, '206 without a Content-Range of one range');
  const stated = contentLength(headers);
  if (stated !== undefined && stated !== range.end - range.start) {
    throw invalid(host, 'Content-Length and Content-Range differ');
  }
  return range.total === undefined
    ? undefined
    : { start: range.start, end: range.end, length: range.total };
}

/**
 * Checks the answer to a fill of bytes `start` up to `end`: that it is of this very object, and of
 * those bytes or of all.
 * @throws CacheObjectChanged, CacheSourceRefused, CacheSourceInvalid
 */
export function fillExtent(
  answer: Answer,
  object: StoredObject,
  { start, end }: { start: number; end: number },
  host: string,
): Extent {
  const { status } = answer;
  const changed = () => sluiceError('CacheObjectChanged', { url: object.record.url });
  if (status === 412 || status === 416) throw changed();
  if (status !== 200 && status !== 206) throw refused(answer, host);
  const extent = extentOf(answer, host);
  if (!extent) throw invalid(host, 'an answer of unknown length or with an encoding');
  if (!sameIdentity(object.record.identity, identityOf(answer.headers, extent.length))) {
    throw changed();
  }
  if (status === 206 && (extent.start !== start || extent.end > end)) {
    throw invalid(host, `bytes ${extent.start}-${extent.end - 1} instead of ${start}-${end - 1}`);
  }
  return extent;
}

/** The error of an answer that refuses. */
export function refused({ status, headers }: Answer, host: string): SluiceError {
  const retryAfter = single(headers, 'retry-after');
  return sluiceError('CacheSourceRefused', { host, status, retryAfter });
}

/** Whether the body is not the plain bytes that were asked for. */
export function isEncoded(headers: AnswerHeaders): boolean {
  const encoding = joined(headers, 'content-encoding').trim().toLowerCase();
  return encoding !== '' && encoding !== 'identity';
}

/** Undefined when absent, repeated or no number. */
export function contentLength(headers: AnswerHeaders): number | undefined {
  const text = single(headers, 'content-length');
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function invalid(host: string, detail: string): SluiceError {
  return sluiceError('CacheSourceInvalid', { host, detail });
}
