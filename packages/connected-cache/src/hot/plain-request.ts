import type { ByteRange } from '@sluice/protocol';

/** A request that what is kept can answer without a look at anything else that the client says. */
export interface PlainRequest {
  /** As the client wrote it. */
  target: string;
  host: string;
  /** Undefined = the whole. */
  range: RangeWish | undefined;
  /** The connection ends with the answer. */
  close: boolean;
  /** The head as it came, Latin-1. */
  text: string;
}

/** `first`-`last`, `first`- or -`last`, which then are that many bytes at the end. */
export interface RangeWish {
  first: number | undefined;
  last: number | undefined;
}

/** One head and nothing after it: printable ASCII, a colon right behind each name, no folding. */
const shape = /^GET (\/[!-~]*) HTTP\/1\.1\r\n((?:[\w!#$%&'*+.^`|~-]+:[\t -~]*\r\n)+)\r\n$/;
const rangeShape = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** What decides how a request is answered, or whether its end is in doubt; all else is for who logs. */
const special = new Set([
  'authorization',
  'cache-control',
  'content-length',
  'expect',
  'http2-settings',
  'pragma',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
]);

/**
 * Reads the head of the usual request of a device. Stricter than any server: undefined for whatever
 * could be understood in another way, which is then for the HTTP parser to judge.
 */
export function parsePlain(text: string): PlainRequest | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  let host: string | undefined;
  let range: RangeWish | undefined;
  let close = false;
  const lines = match[2]!;
  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r', colon);
    const name = lines.slice(at, colon).toLowerCase();
    at = end + 2;
    if (name === 'host') {
      if (host !== undefined) return undefined;
      host = lines.slice(colon + 1, end).trim();
    } else if (name === 'range') {
      const wish = range ? undefined : readRange(lines.slice(colon + 1, end).trim());
      if (!wish) return undefined;
      range = wish;
    } else if (name === 'connection') {
      const value = lines
        .slice(colon + 1, end)
        .trim()
        .toLowerCase();
      if (value === 'close') close = true;
      else if (value !== 'keep-alive') return undefined;
    } else if (special.has(name) || name.startsWith('if-') || name.startsWith('proxy-')) {
      return undefined;
    }
  }
  return host === undefined ? undefined : { target: match[1]!, host, range, close, text };
}

/** The bytes of an object of so many; undefined when there are none such. */
export function resolveRange(range: RangeWish | undefined, length: number): ByteRange | undefined {
  if (!range) return length > 0 ? { start: 0, end: length } : undefined;
  const { first, last = length - 1 } = range;
  if (first === undefined) {
    return last > 0 && length > 0 ? { start: Math.max(0, length - last), end: length } : undefined;
  }
  if (first >= length || last < first) return undefined;
  return { start: first, end: Math.min(last + 1, length) };
}

/** The value of a header of a head that `parsePlain` took, for the log. */
export function headerIn(text: string, name: string): string | undefined {
  for (const line of text.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}

function readRange(value: string): RangeWish | undefined {
  const match = rangeShape.exec(value);
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const number = (text: string) => (text === '' ? undefined : Number(text));
  return { first: number(match[1]!), last: number(match[2]!) };
}
