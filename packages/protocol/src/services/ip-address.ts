const ipv4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
const ipv6Characters = /^[0-9a-fA-F:.]{2,45}$/;
const ipv4Mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * Where an address reaches: this host, the site, the link, the Internet, or (unspecified, multicast,
 * broadcast, reserved) nobody that one could dial.
 */
export type AddressKind = 'loopback' | 'private' | 'linkLocal' | 'public' | 'unusable';

/**
 * The one way to write an IP address, so that equal addresses are equal strings: IPv4 dotted, IPv6
 * compressed in lower case, IPv4-mapped IPv6 as IPv4. No names, ports, brackets or zones.
 * @returns undefined when `text` is no IP address.
 */
export function canonicalIp(text: string): string | undefined {
  if (ipv4.test(text)) return text;
  if (!ipv6Characters.test(text) || !text.includes(':')) return undefined;
  const url = `http://[${text}]/`;
  if (!URL.canParse(url)) return undefined;
  const address = new URL(url).hostname.slice(1, -1);
  const mapped = ipv4Mapped.exec(address);
  return mapped ? dotted(mapped[1]!, mapped[2]!) : address;
}

/** What kind of address this is. @param ip as `canonicalIp` writes it. */
export function addressKind(ip: string): AddressKind {
  return ip.includes(':') ? ipv6Kind(ip) : ipv4Kind(ip);
}

function dotted(high: string, low: string): string {
  const h = Number.parseInt(high, 16);
  const l = Number.parseInt(low, 16);
  return `${h >> 8}.${h & 255}.${l >> 8}.${l & 255}`;
}

function ipv4Kind(ip: string): AddressKind {
  const a = Number.parseInt(ip, 10);
  const b = Number.parseInt(ip.slice(ip.indexOf('.') + 1), 10);
  if (a === 0 || a >= 224) return 'unusable';
  if (a === 127) return 'loopback';
  if (a === 169 && b === 254) return 'linkLocal';
  if (a === 10 || (a === 172 && b >> 4 === 1) || (a === 192 && b === 168)) return 'private';
  // Shared address space (RFC 6598): carrier NAT and overlay networks, never routed on the Internet.
  if (a === 100 && b >> 6 === 1) return 'private';
  return 'public';
}

function ipv6Kind(ip: string): AddressKind {
  if (ip === '::1') return 'loopback';
  const first = Number.parseInt(ip.slice(0, ip.indexOf(':')) || '0', 16);
  if (first === 0 || first >> 8 === 0xff) return 'unusable';
  if (first >> 6 === 0xfe80 >> 6) return 'linkLocal';
  if (first >> 9 === 0xfc00 >> 9) return 'private';
  return 'public';
}
