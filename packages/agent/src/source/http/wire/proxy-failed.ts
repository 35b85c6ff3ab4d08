import { type SluiceError, sluiceError } from '@sluice/protocol';
import type { ProxyServer } from '../../proxy/index.ts';
import { networkError } from './network-error.ts';

/** The way to the proxy, or through it, is closed. */
export function proxyFailed(url: string, via: ProxyServer, cause: unknown): SluiceError {
  const fault = networkError(cause, via.url.origin);
  const params = { url, proxy: via.url.origin, detail: fault.message, retryable: true };
  return sluiceError('SourceProxyFailed', params, { cause });
}
