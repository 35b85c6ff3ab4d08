import type { WireRequest } from './answer.ts';

/** The request as it goes over the wire: one write, so one packet. Latin1 text. */
export function formatRequest(request: WireRequest): string {
  const { url, headers, via } = request;
  let text = `GET ${requestTarget(request)} HTTP/1.1\r\nHost: ${url.host}\r\n`;
  if (via?.authorization) text += `Proxy-Authorization: ${via.authorization}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return `${text}Connection: keep-alive\r\n\r\n`;
}

/** What stands in the request line: the whole URL for a proxy that is to read it. */
export function requestTarget({ url, via }: WireRequest): string {
  const isRead = via !== undefined && url.protocol === 'http:';
  return (isRead ? url.origin : '') + url.pathname + url.search;
}
