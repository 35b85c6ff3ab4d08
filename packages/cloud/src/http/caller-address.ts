import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { canonicalIp } from '@sluice/protocol';
import { bestMatch, type Cidr } from '../cache-nodes/cidr.ts';

/** What is looked at of a request before it is let in. */
export type Asking = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * The address of the connection, or behind proxies that are trusted what the last of them saw, as a header of
 * addresses from the farthest on says. Other forwarding headers are not believed, anyone can write them.
 * @returns canonical; undefined: there is none
 */
export function callerIpOf(raw: Asking, trusted: readonly Cidr[]): string | undefined {
  let ip = addressOf(raw.socket);
  if (trusted.length === 0) return ip;
  const said = raw.headers['x-forwarded-for'];
  const hops = typeof said === 'string' ? said.split(',') : [];
  while (ip !== undefined && hops.length > 0 && bestMatch(trusted, ip) >= 0) {
    ip = plainIp(hops.pop()!.trim());
  }
  return ip;
}

/** By connection: most bring many requests. */
const addresses = new WeakMap<Socket, string>();

function addressOf(socket: Socket): string | undefined {
  const known = addresses.get(socket);
  if (known !== undefined) return known;
  const ip = plainIp(socket.remoteAddress ?? '');
  if (ip !== undefined) addresses.set(socket, ip);
  return ip;
}

/** Without the zone of a link-local one. */
function plainIp(text: string): string | undefined {
  const zone = text.indexOf('%');
  return canonicalIp(zone < 0 ? text : text.slice(0, zone));
}
