import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type ByteRange, formatContentRange, parseRange } from '@sluice/protocol';
import type { StoredObject } from '../store/stored-object.ts';
import { ageOf } from '../upstream/freshness.ts';
import type { HeaderList } from '../upstream/headers.ts';
import { checkConditions, headerOf, ifRangeHolds } from './preconditions.ts';

/** A range of the object, with the bytes that stand before it in the body. */
export interface Part {
  before: string;
  range: ByteRange;
}

/** How a request for a kept object is answered. */
export interface AnswerPlan {
  status: 200 | 206 | 304 | 412 | 416;
  headers: HeaderList;
  parts: Part[];
  /** What ends the body. */
  after: string;
}

/** After neighbours are joined; asked for more, the whole is sent (RFC 9110 §14.2). */
const maxParts = 16;

/** Of the kept headers, those that a 304 repeats (RFC 9110 §15.4.5). */
const in304 = [
  'cache-control',
  'content-location',
  'date',
  'etag',
  'expires',
  'last-modified',
  'vary',
];

/** @param now wall time in ms */
export function planAnswer(
  object: StoredObject,
  request: { method: string; headers: IncomingHttpHeaders },
  now: number,
): AnswerPlan {
  const { record, length } = object;
  const age = Math.floor(ageOf(record.freshness, now) / 1000);
  const headers: HeaderList = [...record.headers, ['age', `${age}`], ['accept-ranges', 'bytes']];
  const condition = checkConditions(request.headers, object);
  if (condition === 304) {
    const kept = headers.filter(([name]) => in304.includes(name) || name === 'age');
    return { status: 304, headers: kept, parts: [], after: '' };
  }
  if (condition === 412) return textPlan(412, []);
  const ranges = rangesOf(object, request);
  if (ranges === 'unsatisfiable') {
    return textPlan(416, [['content-range', `bytes */${length}`]]);
  }
  if (!ranges) return wholePlan(headers, length);
  const [only] = ranges;
  if (ranges.length > 1 || !only) return multipart(object, headers, ranges);
  headers.push(['content-range', formatContentRange(only, length)]);
  headers.push(['content-length', `${only.end - only.start}`]);
  return { status: 206, headers, parts: [{ before: '', range: only }], after: '' };
}

/** The ranges to send, in order and apart from each other; undefined = the whole. */
function rangesOf(
  object: StoredObject,
  { method, headers }: { method: string; headers: IncomingHttpHeaders },
): ByteRange[] | 'unsatisfiable' | undefined {
  if (method !== 'GET' || headers.range === undefined || !ifRangeHolds(headers, object)) {
    return undefined;
  }
  const ranges = parseRange(headers.range, object.length);
  if (!Array.isArray(ranges)) return ranges;
  const joined: ByteRange[] = [];
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else joined.push(range);
  }
  return joined.length <= maxParts ? joined : undefined;
}

function wholePlan(headers: HeaderList, length: number): AnswerPlan {
  headers.push(['content-length', `${length}`]);
  const parts = length > 0 ? [{ before: '', range: { start: 0, end: length } }] : [];
  return { status: 200, headers, parts, after: '' };
}

function multipart(object: StoredObject, kept: HeaderList, ranges: ByteRange[]): AnswerPlan {
  const boundary = `sluice-${randomBytes(12).toString('hex')}`;
  const type = headerOf(object, 'content-type');
  const typeLine = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  const parts = ranges.map((range, i) => {
    const start = `${i === 0 ? '' : '\r\n'}--${boundary}\r\n${typeLine}`;
    const line = `Content-Range: ${formatContentRange(range, object.length)}\r\n\r\n`;
    return { before: start + line, range };
  });
  const after = `\r\n--${boundary}--\r\n`;
  const length = parts.reduce(
    (sum, { before, range }) => sum + before.length + range.end - range.start,
    after.length,
  );
  const headers = kept.filter(([name]) => name !== 'content-type');
  headers.push(['content-type', `multipart/byteranges; boundary=${boundary}`]);
  headers.push(['content-length', `${length}`]);
  return { status: 206, headers, parts, after };
}

function textPlan(status: 412 | 416, headers: HeaderList): AnswerPlan {
  const text = status === 412 ? 'the object is not in that state\n' : 'no such range\n';
  headers.push(['content-type', 'text/plain; charset=utf-8'], ['content-length', `${text.length}`]);
  return { status, headers, parts: [], after: text };
}
