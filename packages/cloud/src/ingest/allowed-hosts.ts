import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { addressKind, canonicalIp, sluiceError } from '@sluice/protocol';

interface Entry {
  /** As `URL` writes it; of `*.suffix` with its leading dot. */
  host: string;
  port: string | undefined;
}

/** Blocks of IPv4 that are nobody's host, beside those that `addressKind` knows (IANA special-purpose registry). */
const reserved = [/^192\.0\.[02]\./, /^198\.1[89]\./, /^198\.51\.100\./, /^203\.0\.113\./];

/**
 * From which hosts the cloud fetches: `host`, `host:port` or `*.suffix`. A host that is listed by its very name may be
 * at a private address; what a suffix stands for may not. What a redirect leads to is checked like the first URL.
 */
export class AllowedHosts {
  readonly #entries: Entry[];
  readonly #lookup: LookupFunction;

  /** @throws InvalidArgument for an entry of another form */
  constructor(entries: readonly string[], lookup = systemLookup as LookupFunction) {
    this.#entries = entries.map(parseEntry);
    this.#lookup = lookup;
  }

  permits(url: URL): boolean {
    return this.#entryOf(url) !== undefined;
  }

  /**
   * The resolver to connect to `url` with, which refuses addresses that are not public unless the host is listed by
   * name: what the name means when the connection is made counts, not a moment ago.
   * @throws IngestNotAllowed
   */
  lookupFor(url: URL): LookupFunction {
    const entry = this.#entryOf(url);
    if (!entry) throw refused(url.host, 'it is not on the list');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!entry.host.startsWith('.')) return this.#lookup;
    if (isIP(host)) throw refused(url.host, 'it is an address');
    return checked(this.#lookup);
  }

  #entryOf(url: URL): Entry | undefined {
    if (!/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
    const host = url.hostname.replace(/\.$/, '');
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return this.#entries.find(
      (e) =>
        (e.host.startsWith('.') ? host.endsWith(e.host) : host === e.host) &&
        (e.port === undefined || e.port === port),
    );
  }
}

function parseEntry(text: string): Entry {
  const match = /^(\*(?=\.))?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text.trim());
  const name = match?.[2]?.replace(/^\./, '') ?? '';
  const host = URL.parse(`http://${name}/`)?.hostname;
  if (!host || (match?.[1] && isIP(host.replace(/^\[|\]$/g, '')))) {
    const detail = `"${text}" is not a host, host:port or *.suffix`;
    throw sluiceError('InvalidArgument', { name: '--ingest-allow', detail });
  }
  return { host: match?.[1] ? `.${host}` : host, port: match?.[3] };
}

function checked(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const addresses = Array.isArray(found) ? found : [];
      // One bad address is enough: which of them would be used is not ours to choose.
      const bad = addresses.find(({ address }) => !isPublic(address));
      if (bad) return callback(refused(hostname, `${bad.address} is not a public address`), '', 0);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      if (!first) return callback(refused(hostname, 'it has no address'), '', 0);
      return callback(null, first.address, first.family);
    });
  };
}

/** Of IPv6 only 2000::/3 is, but for what carries an IPv4 address or documents. */
function isPublic(address: string): boolean {
  const ip = canonicalIp(address);
  if (ip === undefined || addressKind(ip) !== 'public') return false;
  if (!ip.includes(':')) return !reserved.some((block) => block.test(ip));
  return (
    /^[23][0-9a-f]{3}:/.test(ip) && !/^(?:2001:(?:[01]?[0-9a-f]{0,2}:|:|db8:)|2002:|3fff:)/.test(ip)
  );
}

function refused(host: string, detail: string): Error {
  return sluiceError('IngestNotAllowed', { host, detail });
}
