import { type PeerId, parsePeerId } from '../ids/index.ts';
import { ipFromBytes, ipToBytes } from './ip-bytes.ts';
import { dataView, fits, invalid } from './wire.ts';

/** Peers in one message at most. */
export const maxPeersPerMessage = 200;

const peerIdLength = 20;

/** Where a peer takes connections. */
export interface PeerAddress {
  /** IPv4 or IPv6 as text, without zone. */
  address: string;
  /** TCP port, 1 to 65535. */
  port: number;
  peerId: PeerId;
}

/**
 * The body of a peers message. An IPv4 address in IPv6 form (`::ffff:a.b.c.d`, as a dual-stack socket
 * names its peers) is sent as what it is.
 * @throws RangeError, InvalidArgument on values that do not fit.
 */
export function encodePeers(peers: readonly PeerAddress[]): Uint8Array {
  if (peers.length > maxPeersPerMessage) throw new RangeError(`${peers.length} peers`);
  const parts: Uint8Array[] = [new Uint8Array(2)];
  dataView(parts[0]!).setUint16(0, peers.length);
  for (const peer of peers) parts.push(encodePeer(peer));
  return Buffer.concat(parts);
}

/**
 * Reads a peers message. The addresses are well formed, no more: whether to connect to loopback,
 * multicast or public ones is for the caller to judge.
 * @throws InvalidMessage
 */
export function decodePeers(body: Uint8Array): PeerAddress[] {
  if (body.length < 2) throw invalid(`peers message of ${body.length} bytes`);
  const count = dataView(body).getUint16(0);
  if (count > maxPeersPerMessage) throw invalid(`${count} peers in one message`);
  const peers: PeerAddress[] = [];
  let at = 2;
  for (let i = 0; i < count; i++) {
    const end = at + entryLength(body[at]);
    if (end > body.length) throw invalid('peers message ends too early');
    peers.push(decodePeer(body.subarray(at + 1, end)));
    at = end;
  }
  if (at !== body.length) throw invalid('peers message has bytes left over');
  return peers;
}

function encodePeer({ address, port, peerId }: PeerAddress): Uint8Array {
  const ip = ipToBytes(address);
  if (!ip) throw new RangeError(`'${address}' is no IP address`);
  if (port === 0) throw new RangeError('port 0');
  const bytes = new Uint8Array(1 + ip.length + 2 + peerIdLength);
  bytes[0] = ip.length === 4 ? 4 : 6;
  bytes.set(ip, 1);
  dataView(bytes).setUint16(1 + ip.length, fits(port, 16, 'port'));
  bytes.set(Buffer.from(parsePeerId(peerId), 'hex'), 1 + ip.length + 2);
  return bytes;
}

function entryLength(family: number | undefined): number {
  if (family !== 4 && family !== 6) throw invalid('peer of an unknown address family');
  return 1 + (family === 4 ? 4 : 16) + 2 + peerIdLength;
}

function decodePeer(bytes: Uint8Array): PeerAddress {
  const ip = bytes.subarray(0, bytes.length - 2 - peerIdLength);
  const address = ipFromBytes(ip);
  // One address, one form on the wire: no sender of ours makes this one.
  if (ip.length === 16 && !address.includes(':'))
    throw invalid('peer with an IPv4 address in IPv6 form');
  const port = dataView(bytes).getUint16(ip.length);
  if (port === 0) throw invalid('peer with port 0');
  const peerId = Buffer.from(bytes.subarray(ip.length + 2)).toString('hex');
  return { address, port, peerId };
}
