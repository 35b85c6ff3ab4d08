import { isIPv6 } from 'node:net';

export interface HostPort {
  /** A name or an address; IPv6 without brackets. */
  host: string;
  port: number | undefined;
}

/**
 * Reads `host`, `host:port`, `[::1]:80`, `::1`. Undefined when it is none of these, or has a scheme, a
 * path or spaces in it.
 */
export function parseHostPort(text: string): HostPort | undefined {
  if (isIPv6(text)) return { host: text, port: undefined };
  const match = /^(?:\[([^\]]+)\]|([^\s:/?#@[\]]{1,253}))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const [, address, name, digits] = match;
  if (address !== undefined && !isIPv6(address)) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65535) return undefined;
  return { host: address ?? name!, port };
}

/** The text that `parseHostPort` reads back. */
export function formatHostPort({ host, port }: HostPort): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}
