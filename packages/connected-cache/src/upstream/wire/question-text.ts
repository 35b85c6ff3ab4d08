import type { Question } from '../exchange.ts';

/** The request as it goes over the wire: one write, so one packet. Latin1 text. */
export function formatQuestion({ origin, path, method, headers }: Question): string {
  const host = origin.slice(origin.indexOf('//') + 2);
  let text = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
  for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`;
  return `${text}Connection: keep-alive\r\n\r\n`;
}
