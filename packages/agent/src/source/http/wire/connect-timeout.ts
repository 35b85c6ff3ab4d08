import { type SluiceError, sluiceError } from '@sluice/protocol';

export function connectTimeout(url: string, ms: number): SluiceError {
  return sluiceError('SourceConnectTimeout', {
    url,
    detail: `no connection within ${ms / 1000} s`,
    retryable: true,
  });
}
