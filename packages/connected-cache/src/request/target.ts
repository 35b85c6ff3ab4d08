import { sluiceError } from '@sluice/protocol';
import { parseSourceName, type SourceName } from '../sources/source-name.ts';

/** What a client wants from which source. */
export interface CacheTarget {
  source: SourceName;
  /** Path and query, as the source gets them: byte for byte as the client sent them. */
  path: string;
}

const marker = 'cachehostorigin';

/**
 * Reads the three request forms of a cache node (connected-cache.md §1, workflow.md §8):
 * `/path?query&cacheHostOrigin=host[:port]`, `/path` with the source as `Host:`, and a whole URL.
 * The marker wins over the URL, the URL over the header (RFC 9112 §3.2.2).
 * @throws CacheRequestInvalid
 */
export function parseTarget(target: string, hostHeader: string | undefined): CacheTarget {
  const { host, rest } = splitForm(target);
  const { path, named } = takeMarker(rest);
  checkPath(path);
  const written = named ?? host ?? hostHeader;
  if (written === undefined) throw invalid('no source host is named');
  const source = parseSourceName(written);
  if (!source) throw invalid(`"${printable(written)}" is not a host or host:port`);
  return { source, path };
}

/** Whether the request names its source by the marker; only then are the node's own paths free. */
export function hasMarker(target: string): boolean {
  return takeMarker(target).named !== undefined;
}

function splitForm(target: string): { host: string | undefined; rest: string } {
  if (target.startsWith('/')) return { host: undefined, rest: target };
  const absolute = /^http:\/\/([^/?#]*)(.*)$/i.exec(target);
  if (!absolute) throw invalid('the request target is neither a path nor an http URL');
  const rest = absolute[2]!;
  return { host: absolute[1]!, rest: rest.startsWith('/') ? rest : `/${rest}` };
}

function takeMarker(rest: string): { path: string; named: string | undefined } {
  const cut = rest.indexOf('?');
  if (cut < 0) return { path: rest, named: undefined };
  const kept: string[] = [];
  let named: string | undefined;
  for (const part of rest.slice(cut + 1).split('&')) {
    const [name = '', ...value] = part.split('=');
    if (name.toLowerCase() !== marker) kept.push(part);
    else if (named === undefined) named = decoded(value.join('='));
    else throw invalid('cacheHostOrigin is given twice');
  }
  const query = kept.length > 0 ? `?${kept.join('&')}` : '';
  return { path: rest.slice(0, cut) + query, named };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalid('the value of cacheHostOrigin has bad percent-encoding');
  }
}

function checkPath(path: string): void {
  if (!/^[!-~]+$/.test(path) || path.includes('#')) {
    throw invalid('the path has characters that must be percent-encoded');
  }
  const [file] = path.split('?', 1) as [string];
  if (/%(?![0-9a-f]{2})/i.test(file)) throw invalid('the path has bad percent-encoding');
  const segments = file.replaceAll(/%2e/gi, '.').split(/[/\\]|%2f|%5c/i);
  if (segments.includes('..')) throw invalid('the path climbs with ".."');
}

/** For a message: short, and nothing that could disturb a terminal. */
function printable(text: string): string {
  return text.slice(0, 80).replaceAll(/[^ -~]/g, '?');
}

function invalid(detail: string) {
  return sluiceError('CacheRequestInvalid', { detail });
}
