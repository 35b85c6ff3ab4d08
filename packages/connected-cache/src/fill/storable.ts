import type { IncomingHttpHeaders } from 'node:http';
import { parseCacheControl } from '../upstream/cache-control.ts';
import { type AnswerHeaders, type HeaderList, joined } from '../upstream/headers.ts';
import { fixedHeaders } from './source-link.ts';

/** Whether an answer may be kept and given to everybody (RFC 9111 §3). */
export function isStorable(headers: AnswerHeaders): boolean {
  const control = parseCacheControl(joined(headers, 'cache-control'));
  return (
    // Who understands the answer may keep it all the same (RFC 9111 §5.2.2.3).
    (!control.has('no-store') || control.has('must-understand')) &&
    !control.has('private') &&
    headers['set-cookie'] === undefined &&
    !joined(headers, 'vary').includes('*')
  );
}

/**
 * Whether a kept answer is one to this client's request: of each header that the source names in
 * Vary, the client's is the one the node itself sends (RFC 9111 §4.1). The encoding does not count:
 * the plain bytes that are kept are acceptable to everybody.
 */
export function variesNot(stored: HeaderList, client: IncomingHttpHeaders): boolean {
  for (const [header, value] of stored) {
    if (header !== 'vary') continue;
    for (const part of value.split(',')) {
      const name = part.trim().toLowerCase();
      if (name === '' || name === 'accept-encoding') continue;
      if (client[name] !== fixedHeaders[name]) return false;
    }
  }
  return true;
}
