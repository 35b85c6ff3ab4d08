import type { IncomingHttpHeaders } from 'node:http';

/** A request's head in its plainest form. */
export interface RequestHead {
  /** As it came, with the empty line at its end. ASCII. */
  readonly text: string;
  readonly method: string;
  readonly url: string;
  /** By lower-case names, each only once. */
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body. */
  readonly bodyLength: number;
  /** Whether more requests may come on its connection. */
  readonly keepsAlive: boolean;
}

const requestLine = /^([A-Z]{3,7}) (\/[!-~]*) HTTP\/1\.1$/;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~]*)$/;
/** With these it is not the length that says where a request ends, or it is about more than one. Node heeds the last. */
const special = ['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te', 'proxy-connection'];

/**
 * Strict: two readers of what this takes do not disagree about where it ends.
 * @param text what came of it so far, Latin-1
 * @returns undefined: it is not whole, or not of the plain kind, whatever else it may be
 */
export function requestHead(text: string): RequestHead | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first, ...lines] = text.slice(0, end).split('\r\n') as [string, ...string[]];
  const [, method, url] = requestLine.exec(first) ?? [];
  const headers = fieldsOf(lines);
  if (method === undefined || url === undefined || !headers?.host) return undefined;
  if (special.some((name) => name in headers)) return undefined;
  const { connection = 'keep-alive', 'content-length': length = '0' } = headers;
  if (!/^(?:keep-alive|close)$/i.test(connection) || !/^\d{1,15}$/.test(length)) return undefined;
  const keepsAlive = connection.length > 'close'.length;
  const bodyLength = Number(length);
  return { text: text.slice(0, end + 4), method, url, headers, bodyLength, keepsAlive };
}

function fieldsOf(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = Object.create(null);
  for (const line of lines) {
    const [, name, value] = field.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    if (key in headers) return undefined;
    headers[key] = value.trim();
  }
  return headers;
}
