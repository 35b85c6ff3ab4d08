import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { sluiceError } from '@sluice/protocol';
import { buildConnector } from 'undici';
import type { AllowList } from './allow-list.ts';
import { bracketed } from './source-name.ts';
import { isSpecialAddress } from './special-addresses.ts';

export interface ConnectOptions {
  timeoutMs: number;
  /** Name resolution; the system's by default. */
  lookup?: LookupFunction | undefined;
  /** PEM certificates to trust instead of the usual ones. */
  ca?: string | undefined;
}

/**
 * The only way out to a source. Each connection is checked against the list once more, and for a
 * host that is not listed literally the very addresses that are connected to are checked: what the
 * name meant a moment ago does not count (DNS rebinding).
 */
export function guardedConnect(
  allow: AllowList,
  { timeoutMs, lookup = systemLookup as LookupFunction, ca }: ConnectOptions,
): buildConnector.connector {
  const common = { timeout: timeoutMs, allowH2: false, autoSelectFamily: true, ...(ca && { ca }) };
  const open = buildConnector({ ...common, lookup });
  const guarded = buildConnector({ ...common, lookup: checkedLookup(lookup) });
  return (options, callback) => {
    const { protocol, hostname, port } = options;
    const host = bracketed(hostname);
    const source = allow.permits(new URL(`${protocol}//${host}${port ? `:${port}` : ''}`));
    if (!source) return callback(sluiceError('CacheHostNotAllowed', { host }), null);
    if (source.literal) return open(options, callback);
    if (isIP(hostname) && isSpecialAddress(hostname)) {
      return callback(refused(hostname, hostname), null);
    }
    return guarded(options, callback);
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
