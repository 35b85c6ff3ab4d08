import type { ResponseHead } from '@sluice/protocol';

/** How the end of an answer's body is told (RFC 9112 §6.3). */
export type Framing =
  | { kind: 'length'; length: number }
  | { kind: 'chunked' }
  /** It ends with the connection. */
  | { kind: 'close' };

/** @returns undefined when the head contradicts itself, or the body comes in a form nobody asked for */
export function framingOf(head: ResponseHead, method: 'GET' | 'HEAD'): Framing | undefined {
  const { status, fields } = head;
  if (status === 101) return undefined;
  const none = method === 'HEAD' || status === 204 || status === 304;
  const encoding = fields.get('transfer-encoding');
  if (encoding !== undefined) {
    // Both, or an HTTP/1.0 with either: two readers would see two ends.
    if (fields.has('content-length') || head.minorVersion === 0) return undefined;
    if (encoding.toLowerCase() !== 'chunked') return undefined;
    return none ? { kind: 'length', length: 0 } : { kind: 'chunked' };
  }
  const stated = fields.get('content-length');
  if (stated === undefined) return none ? { kind: 'length', length: 0 } : { kind: 'close' };
  const [first = '', ...others] = stated.split(',').map((value) => value.trim());
  const length = Number(first);
  if (!/^\d{1,16}$/.test(first) || !Number.isSafeInteger(length)) return undefined;
  if (others.some((other) => other !== first)) return undefined;
  return { kind: 'length', length: none ? 0 : length };
}

/** Whether the connection can serve again when the body has ended. */
export function keepsAlive({ minorVersion, fields }: ResponseHead): boolean {
  return minorVersion === 1 && !/(^|,)\s*close\s*(,|$)/i.test(fields.get('connection') ?? '');
}
