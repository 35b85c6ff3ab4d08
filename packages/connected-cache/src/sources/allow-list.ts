import { isIPv4 } from 'node:net';
import { sluiceError } from '@sluice/protocol';
import { microsoftEntries } from './microsoft-hosts.ts';
import { bracketed, canonicalIPv6, parseSourceName, type SourceName } from './source-name.ts';

/** A source the node may ask. */
export interface AllowedSource {
  /** `http://host[:port]`, the port only when it is not the scheme's own. */
  origin: string;
  /** As in the origin, without scheme: for messages. */
  label: string;
  /** The entry names this very host, so it may live on a private or loopback address. */
  literal: boolean;
}

interface Entry {
  scheme: 'http' | 'https';
  /** Canonical; for `*.suffix` the suffix with its leading dot. */
  host: string;
  port: number | undefined;
  suffix: boolean;
  /** It stands for hosts that somebody else runs: they have no business at private addresses. */
  publicOnly: boolean;
}

/** The entry that stands for the documented hosts of Microsoft's content. */
const microsoft = 'microsoft';

/**
 * Which source hosts the node fetches from. Entries: `host` (any port), `host:port`, `*.suffix`
 * (hosts below it, any port, public addresses only), each with `https://` in front when the source
 * speaks TLS; and `microsoft`. The first entry that matches counts, `microsoft` last.
 */
export class AllowList {
  readonly #entries: Entry[];

  /** @throws InvalidArgument for an entry of another form. */
  constructor(entries: readonly string[]) {
    const own = entries.filter((entry) => entry !== microsoft);
    const theirs = own.length < entries.length ? microsoftEntries().map(parseEntry) : [];
    this.#entries = own.map(parseEntry).concat(theirs.map((e) => ({ ...e, publicOnly: true })));
  }

  /** The source that a client means by `name`; undefined when it is not on the list. */
  resolve(name: SourceName): AllowedSource | undefined {
    const entry = this.#entries.find((e) => matches(e, name.host, portMeant(name, e)));
    return entry && allowed(entry.scheme, name.host, portMeant(name, entry), !entry.publicOnly);
  }

  /**
   * The source that a redirect or a connection goes to. An entry with `https://` does not permit
   * the way back to http.
   */
  permits(url: URL): AllowedSource | undefined {
    const scheme = url.protocol.slice(0, -1);
    if ((scheme !== 'http' && scheme !== 'https') || url.username || url.password) return undefined;
    const name = parseSourceName(url.host);
    if (!name) return undefined;
    const port = name.port ?? (scheme === 'https' ? 443 : 80);
    const entry = this.#entries.find(
      (e) => matches(e, name.host, port) && (e.scheme === 'http' || scheme === 'https'),
    );
    return entry && allowed(scheme, name.host, port, !entry.publicOnly);
  }
}

function allowed(
  scheme: 'http' | 'https',
  host: string,
  port: number,
  literal: boolean,
): AllowedSource {
  const own = scheme === 'https' ? 443 : 80;
  const label = bracketed(host) + (port === own ? '' : `:${port}`);
  return { origin: `${scheme}://${label}`, label, literal };
}

/** A client that names no port means 80; that a source speaks TLS, and where, only the entry knows. */
function portMeant(name: SourceName, entry: Entry): number {
  if (name.port !== undefined) return name.port;
  return entry.scheme === 'https' ? (entry.port ?? 443) : 80;
}

function matches(entry: Entry, host: string, port: number): boolean {
  if (entry.port !== undefined && entry.port !== port) return false;
  if (!entry.suffix) return entry.host === host;
  return host.endsWith(entry.host) && !host.includes(':') && !isIPv4(host);
}

function parseEntry(text: string): Entry {
  const match = /^(?:(https?):\/\/)?(\*(?=\.))?(.+?)\/?$/i.exec(text.trim());
  const scheme = match?.[1]?.toLowerCase() === 'https' ? 'https' : 'http';
  const rest = match?.[3] ?? '';
  if (match?.[2] !== undefined) {
    const name = parseSourceName(rest.slice(1));
    if (name && !isIPv4(name.host) && !name.host.includes(':')) {
      return { scheme, host: `.${name.host}`, port: name.port, suffix: true, publicOnly: true };
    }
  } else {
    const bare = canonicalIPv6(rest);
    const name = bare === undefined ? parseSourceName(rest) : { host: bare, port: undefined };
    if (name) return { scheme, ...name, suffix: false, publicOnly: false };
  }
  throw sluiceError('InvalidArgument', {
    name: 'allow',
    detail: `"${text}" is not a host, host:port or *.suffix`,
  });
}
