import type { WireRequest } from './answer.ts';

/** The request as it goes over the wire: one write, so one packet. Latin1 text. */
export function formatRequest(request: WireRequest): string {
  const { url, headers } = request;
  let text = `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return `${text}Connection: keep-alive\r\n\r\n`;
}
