import type { ByteRange } from '@sluice/protocol';
import type { HeaderList } from '../upstream/headers.ts';
import type { Grant } from './grant.ts';

/** As the HTTP server says of its own. */
const kept = `Connection: keep-alive\r\nKeep-Alive: timeout=`;
/** Longer heads the HTTP server writes. */
const mostLines = 16_384;
const closed = 'Connection: close\r\n\r\n';

/** The lines that all answers with the object have; undefined when one could break a head. */
export function fixedLines(headers: HeaderList, self: string): string | undefined {
  let lines = '';
  for (const [name, value] of headers) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t -~\x80-\xff]*$/.test(value)) return undefined;
    lines += `${name}: ${value}\r\n`;
  }
  if (lines.length > mostLines) return undefined;
  return `${lines}accept-ranges: bytes\r\nvia: 1.1 ${self}\r\nx-cache: HIT\r\n`;
}

/**
 * The head of an answer, Latin-1.
 * @param wallMs now
 * @param keepAliveS undefined = the connection ends with the answer
 */
export function answerHead(
  { head, length, newAt }: Grant,
  { start, end }: ByteRange,
  isPart: boolean,
  wallMs: number,
  keepAliveS: number | undefined,
): string {
  const status = isPart ? '206 Partial Content' : '200 OK';
  const range = isPart ? `content-range: bytes ${start}-${end - 1}/${length}\r\n` : '';
  const age = Math.max(0, Math.floor((wallMs - newAt) / 1000));
  const last = keepAliveS === undefined ? closed : `${kept}${keepAliveS}\r\n\r\n`;
  return `HTTP/1.1 ${status}\r\n${head}age: ${age}\r\n${range}content-length: ${end - start}\r\n${last}`;
}
