import type { IncomingHttpHeaders } from 'node:http';

/** Names (lower case) and values, in the order to be sent. */
export type HeaderList = [name: string, value: string][];

/** Headers of a source's answer, names in lower case. */
export type AnswerHeaders = IncomingHttpHeaders;

/** Headers that speak of one connection or one hop, and those the node states itself. */
const ownOrHop = new Set([
  'accept-ranges',
  'age',
  'alt-svc',
  'connection',
  'content-length',
  'content-range',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-cache',
]);

/** Digests of one message's bytes: wrong for every other range of the same object (RFC 9530 §2). */
const ofOneMessage = new Set(['content-digest', 'content-md5', 'set-cookie']);

/** Headers by name; what stands more than once is an array. */
export function headersOf(
  list: readonly (readonly [name: string, value: string])[],
): AnswerHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of list) {
    const before = headers[name];
    if (before === undefined) headers[name] = name === 'set-cookie' ? [value] : value;
    else if (typeof before === 'string') headers[name] = [before, value];
    else before.push(value);
  }
  return headers;
}

/** The one value of a header that may stand once only; undefined when absent or repeated. */
export function single(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** All values of a list header as one. */
export function joined(headers: AnswerHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

/** What is passed on of an answer's headers to the client that caused it. */
export function endToEnd(headers: AnswerHeaders): HeaderList {
  const named = new Set(
    joined(headers, 'connection')
      .split(',')
      .map((name) => name.trim().toLowerCase()),
  );
  const list: HeaderList = [];
  for (const [name, value] of Object.entries(headers)) {
    if (ownOrHop.has(name) || named.has(name) || value === undefined) continue;
    for (const one of typeof value === 'string' ? [value] : value) {
      // Bytes that node:http would refuse to send are not worth a failed download.
      if (/^[\t\x20-\x7e\x80-\xff]*$/.test(one)) list.push([name, one]);
    }
  }
  return list;
}

/** What is kept with an object and sent with every answer from it. */
export function storable(headers: AnswerHeaders): HeaderList {
  return endToEnd(headers).filter(([name]) => !ofOneMessage.has(name));
}
