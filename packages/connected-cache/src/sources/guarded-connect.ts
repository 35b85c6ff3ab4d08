import { lookup as systemLookup } from 'node:dns';
import { connect, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { sluiceError } from '@sluice/protocol';
import type { AllowList } from './allow-list.ts';
import { bracketed } from './source-name.ts';
import { isSpecialAddress } from './special-addresses.ts';

export interface ConnectOptions {
  /** Name resolution; the system's by default. */
  lookup?: LookupFunction | undefined;
  /** PEM certificates to trust instead of the usual ones. */
  ca?: string | undefined;
}

/**
 * Opens the way to `origin`; what the socket reads goes to `onread`.
 * @throws CacheHostNotAllowed, CacheAddressNotAllowed
 */
export type SourceConnect = (origin: URL, onread: OnReadOpts) => Socket;

/** TLS sessions that are remembered, so that a further connection shakes hands shorter. */
const maxSessions = 256;

/**
 * The only way out to a source. Each connection is checked against the list once more, and for a
 * host that is not listed literally the very addresses that are connected to are checked: what the
 * name meant a moment ago does not count (DNS rebinding).
 */
export function guardedConnect(
  allow: AllowList,
  { lookup = systemLookup as LookupFunction, ca }: ConnectOptions,
): SourceConnect {
  const guarded = checkedLookup(lookup);
  const sessions = new Map<string, Buffer>();
  return (origin, onread) => {
    const source = allow.permits(origin);
    if (!source) throw sluiceError('CacheHostNotAllowed', { host: bracketed(origin.hostname) });
    const host = origin.hostname.replace(/^\[|\]$/g, '');
    if (!source.literal && isIP(host) && isSpecialAddress(host)) throw refused(host, host);
    const secure = origin.protocol === 'https:';
    const options = {
      host,
      port: Number(origin.port || (secure ? 443 : 80)),
      lookup: source.literal ? lookup : guarded,
      autoSelectFamily: true,
      noDelay: true,
      onread,
    };
    if (!secure) return connect(options);
    const tls: ConnectionOptions = {
      ...options,
      ...(ca !== undefined && { ca }),
      session: sessions.get(origin.origin),
      ALPNProtocols: ['http/1.1'],
      // An address has no place in SNI.
      ...(!isIP(host) && { servername: host }),
    };
    const socket = connectTls(tls);
    socket.on('session', (session) => {
      sessions.delete(origin.origin);
      sessions.set(origin.origin, session);
      const [oldest] = sessions.keys();
      if (oldest !== undefined && sessions.size > maxSessions) sessions.delete(oldest);
    });
    return socket;
  };
}

function checkedLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const addresses = Array.isArray(found) ? found : [];
      const bad = addresses.find(({ address }) => isSpecialAddress(address));
      // One bad address is enough: which of them would be used is not ours to choose.
      if (bad) return callback(refused(hostname, bad.address), '', 0);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      if (!first) return callback(notFound(hostname), '', 0);
      return callback(null, first.address, first.family);
    });
  };
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${hostname}`), { code: 'ENOTFOUND' });
}

function refused(host: string, address: string): NodeJS.ErrnoException {
  return sluiceError('CacheAddressNotAllowed', { host, address });
}
