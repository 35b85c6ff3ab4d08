import { type ByteRange, parseRange } from '@sluice/protocol';
import type { ClientRequest } from './client-request.ts';

/**
 * The bytes that a request asks for, before it is known how long the object is; undefined when that
 * must be known first, or when the client may not need any.
 */
export function wishedBytes({ method, headers }: ClientRequest): ByteRange | undefined {
  if (method === 'HEAD' || headers['if-none-match'] || headers['if-modified-since']) {
    return undefined;
  }
  const whole = { start: 0, end: Number.POSITIVE_INFINITY };
  const { range } = headers;
  if (range === undefined) return whole;
  // The last bytes: of what?
  if (/[=,]\s*-/.test(range)) return undefined;
  const ranges = parseRange(range, Number.MAX_SAFE_INTEGER);
  if (ranges === undefined) return whole;
  return ranges === 'unsatisfiable' ? undefined : ranges[0];
}
