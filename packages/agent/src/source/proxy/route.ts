import { sluiceError } from '@sluice/protocol';
import { basic, percentDecoded } from '../http/basic.ts';

/** A proxy that requests go through. */
export interface ProxyServer {
  /** http or https: how the proxy itself is talked to. Without credentials. */
  readonly url: URL;
  /** For `Proxy-Authorization`. Never shown. */
  readonly authorization: string | undefined;
}

export type Route = ProxyServer | 'direct';

/** Which ways to try for a URL, best first; never none. @throws ProxyInvalid, ProxyScriptFailed */
export type Routes = (url: URL, signal: AbortSignal) => Promise<readonly Route[]>;

/**
 * Reads `[http://|https://][user:password@]host[:port]`.
 * @param user `name:password`, when the text has none.
 * @throws ProxyInvalid; the text may hold a password, so it is not shown.
 */
export function parseProxy(text: string, user?: string): ProxyServer {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (!url?.hostname) throw invalid('is not a URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`is of scheme ${url.protocol} and must be http: or https:`);
  }
  const inUrl = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  const pair = inUrl === ':' ? user : inUrl;
  return { url: new URL(url.origin), authorization: pair && basic(pair) };
}

function invalid(detail: string): Error {
  return sluiceError('ProxyInvalid', { detail, retryable: false });
}
