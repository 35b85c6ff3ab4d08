import { BlockList, isIP } from 'node:net';

/**
 * Whether `NO_PROXY` keeps a URL from the proxy: names (with what is below them), addresses, CIDR blocks,
 * each with a port or without, after commas or blanks; `*` is everything.
 */
export function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, host, port));
}

/** Addresses of this machine: a proxy's are others, so no proxy can mean them. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, bracketed, plain, ownPort] =
    /^(?:\[([^\]]+)\]|([^:]+|.*:.*:.*))(?::(\d+))?$/.exec(entry) ?? [];
  if (ownPort !== undefined && ownPort !== port) return false;
  const name = (bracketed ?? plain ?? entry).replace(/^\*?\./, '');
  if (name.includes('/')) return isInBlock(host, name);
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isInBlock(host: string, cidr: string): boolean {
  const [base = '', bits = ''] = cidr.split('/');
  const family = isIP(base) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(base) === 0 || isIP(host) !== isIP(base) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 'ipv4' ? 32 : 128)) return false;
  const block = new BlockList();
  block.addSubnet(base, Number(bits), family);
  return block.check(host, family);
}
