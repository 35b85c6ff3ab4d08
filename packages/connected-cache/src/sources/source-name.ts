import { isIPv4, isIPv6 } from 'node:net';

/** The host and port of a source, as somebody wrote it, in canonical form. */
export interface SourceName {
  /** Lower case, without a trailing dot; IPv6 compressed and without brackets. */
  host: string;
  port: number | undefined;
}

/**
 * Reads `host`, `host:port`, `[v6]` or `[v6]:port`, and nothing else: no user, no path, no zone, none
 * of the forms in which resolvers take an IPv4 address for a name (`127.1`, `0x7f000001`, `2130706433`).
 * @returns undefined when it is not of that form.
 */
export function parseSourceName(text: string): SourceName | undefined {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9._-]{1,254}))(?::(\d{1,5}))?$/i.exec(text);
  if (!match) return undefined;
  const host = match[1] === undefined ? canonicalHost(match[2]!) : canonicalIPv6(match[1]);
  if (host === undefined) return undefined;
  if (match[3] === undefined) return { host, port: undefined };
  const port = Number(match[3]);
  return port >= 1 && port <= 65535 ? { host, port } : undefined;
}

/** The one way to write an IPv6 address; undefined when it is none. */
export function canonicalIPv6(address: string): string | undefined {
  if (!isIPv6(address) || address.includes('%')) return undefined;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** `host` as it stands in a URL or a Host header. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function canonicalHost(text: string): string | undefined {
  const host = text.toLowerCase().replace(/\.$/, '');
  if (host === '' || host.length > 253) return undefined;
  const labels = host.split('.');
  if (!labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) {
    return undefined;
  }
  // A last label that is a number makes resolvers read the whole as an address (WHATWG URL §3.5).
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels[labels.length - 1]!) && !isIPv4(host)) return undefined;
  return host;
}
