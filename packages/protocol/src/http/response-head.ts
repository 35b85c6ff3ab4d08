import { sluiceError } from '../errors/index.ts';
import { maxHeadLength, type ReadAhead } from './read-ahead.ts';

export interface ResponseHead {
  /** 0 or 1, of HTTP/1.x. */
  readonly minorVersion: number;
  readonly status: number;
  /** By lower-case name; repeated ones are joined with ', '. Values are latin1 text. */
  readonly fields: ReadonlyMap<string, string>;
  /** The same one by one, in the order sent. */
  readonly list: readonly (readonly [name: string, value: string])[];
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
// No space before the colon, no folded lines, no control characters: what lenient readers take
// there, two readers take differently, and that is how answers are smuggled.
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Interim answers to one request; more is a flood. */
export const maxInterim = 32;
const headEnd = Buffer.from('\r\n\r\n');

/**
 * Takes the next final head off the read-ahead, passing over interim ones (1xx but 101).
 * @param seen interim answers to this request so far; counted up.
 * @returns undefined while it is not all there.
 * @throws SourceMalformed when it is no HTTP/1.x head, or longer than `maxHeadLength`.
 */
export function takeHead(
  ahead: ReadAhead,
  url: string,
  seen = { interim: 0 },
): ResponseHead | undefined {
  for (;;) {
    const unread = ahead.unread;
    const end = Buffer.from(unread.buffer, unread.byteOffset, unread.length).indexOf(headEnd);
    if (end < 0) {
      if (ahead.tail.length === 0) {
        throw malformedAnswer(url, `the answer's head is longer than ${maxHeadLength} bytes`);
      }
      return undefined;
    }
    const head = parseHead(unread.subarray(0, end), url);
    ahead.consume(end + headEnd.length);
    if (head.status >= 200 || head.status === 101) return head;
    if (++seen.interim > maxInterim) throw malformedAnswer(url, 'interim answers without end');
  }
}

/** Reads a head given without the empty line that ends it. */
function parseHead(bytes: Uint8Array, url: string): ResponseHead {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const [first = '', ...lines] = text.split('\r\n');
  const status = statusLine.exec(first);
  if (!status) throw malformedAnswer(url, 'the answer does not begin with an HTTP/1.x status line');
  const fields = new Map<string, string>();
  const list: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    if (!fieldName.test(name) || !fieldValue.test(line)) {
      throw malformedAnswer(url, 'the answer has an invalid header line');
    }
    const value = trimBlanks(line, colon + 1);
    const before = fields.get(name);
    list.push([name, value]);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { minorVersion: Number(status[1]), status: Number(status[2]), fields, list };
}

/** The text from `start`, without spaces and tabs around it (`trim` would take latin1 ones, too). */
function trimBlanks(text: string, start: number): string {
  const isBlank = (at: number) => text[at] === ' ' || text[at] === '\t';
  let from = start;
  let to = text.length;
  while (from < to && isBlank(from)) from++;
  while (to > from && isBlank(to - 1)) to--;
  return text.slice(from, to);
}

export function malformedAnswer(url: string, detail: string): Error {
  return sluiceError('SourceMalformed', { url, detail, retryable: true });
}
