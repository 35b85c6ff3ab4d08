/** Head and body together; Microsoft's agent takes no more either. */
const maxRequestBytes = 2048;

const requestLine = /^([a-zA-Z]+) ([A-Za-z0-9\-_.!~*'()%:@&=+$,/?]+) [hHtTpP/1.]+$/;
/** Headers that browsers send, and no page can leave away, where Microsoft's clients have none. */
const webPage = /^(?:origin|sec-fetch-[a-z]+):/i;
const lineEnd = '\r\n';
const lengthHeader = 'Content-Length';

/** What has come of a request. */
export type ParsedRequest =
  | { kind: 'incomplete' }
  /** To be answered with a bare 400, and the connection closed. */
  | { kind: 'malformed' }
  | { kind: 'request'; verb: string; target: string; fromWebPage: boolean };

/**
 * Reads a request as Microsoft's agent does (do-client-contract.md §2): the target needs no leading
 * slash, of the headers only Content-Length counts, the body is ignored. What comes in the same bytes
 * after a request without a body is dropped; more body than was announced never makes a request.
 */
export function parseRequest(bytes: Buffer): ParsedRequest {
  if (bytes.length > maxRequestBytes) return { kind: 'malformed' };
  const text = bytes.toString('latin1');
  const firstEnd = text.indexOf(lineEnd);
  if (firstEnd < 0) return { kind: 'incomplete' };
  const match = requestLine.exec(text.slice(0, firstEnd));
  if (!match) return { kind: 'malformed' };
  const headEnd = text.indexOf(lineEnd + lineEnd, firstEnd);
  if (headEnd < 0) return { kind: 'incomplete' };
  const lines = text.slice(firstEnd, headEnd).split(lineEnd);
  const length = contentLength(lines);
  if (length === 'malformed') return { kind: 'malformed' };
  const bodyBytes = text.length - headEnd - 2 * lineEnd.length;
  if (length !== undefined && bodyBytes !== length) return { kind: 'incomplete' };
  const fromWebPage = lines.some((line) => webPage.test(line));
  return { kind: 'request', verb: match[1]!, target: match[2]!, fromWebPage };
}

/** In exactly this spelling, wherever in a line it stands. */
function contentLength(lines: string[]): number | undefined | 'malformed' {
  const line = lines.find((each) => each.includes(lengthHeader));
  if (line === undefined) return undefined;
  const value = /^[^:]*:[ \t]*(\d{1,9})[ \t]*$/.exec(line)?.[1];
  return value === undefined ? 'malformed' : Number(value);
}
