import { type DownloadRequest, sluiceError } from '@sluice/protocol';
import type { HttpSourceOptions } from '../source/http/index.ts';
import { callerHeaders } from '../source/http/request-headers.ts';
import type { HostSlots } from '../source/http/wire/host-slots.ts';
import { checkProxy, type Proxies } from '../source/proxy/index.ts';

/** How a URL is asked. */
export type Access = Pick<HttpSourceOptions, 'headers' | 'ca' | 'client' | 'routes' | 'slots'>;

/**
 * How the URLs of one request are asked: what names the caller goes to the origin of its own URL only,
 * the way there is the same for all.
 */
export function accessTo(
  url: string,
  request: DownloadRequest,
  { proxies, hostSlots: slots }: { proxies: Proxies; hostSlots: HostSlots },
): Access {
  const { Url, Headers, ClientCert, Ca: ca, Proxy: proxy, ProxyUser: user } = request;
  const common = { ca, routes: proxies.for({ proxy, user }), slots };
  if (new URL(url).origin !== new URL(Url).origin) return common;
  const client = ClientCert && { cert: ClientCert.Cert, key: ClientCert.Key };
  return { ...common, headers: Headers, client };
}

/** @throws InvalidArgument, ProxyInvalid, with no secret in the text. */
export function checkAccess(request: DownloadRequest): void {
  const { Url, Headers, ClientCert, Ca, Proxy: proxy } = request;
  if (Headers) callerHeaders(new URL(Url), Headers);
  checkProxy({ proxy });
  if (ClientCert) checkPem('ClientCert', { cert: ClientCert.Cert, key: ClientCert.Key });
  if (Ca !== undefined) checkPem('Ca', { ca: Ca });
}

function checkPem(name: string, pem: { cert?: string; key?: string; ca?: string }): void {
  try {
    // A plain download does without TLS, and without the time to load it.
    process.getBuiltinModule('node:tls').createSecureContext(pem);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'not PEM';
    throw sluiceError('InvalidArgument', { name, detail: `cannot be used (${code})` });
  }
}
