import { type SluiceError, sluiceError } from '@sluice/protocol';

/** @param missing what did not come for `ms` milliseconds. */
export function stalled(url: string, ms: number, missing: string): SluiceError {
  return sluiceError('SourceStalled', {
    url,
    detail: missing,
    seconds: ms / 1000,
    retryable: true,
  });
}
