import { type ErrorCode, type SluiceError, sluiceError } from '@sluice/protocol';
import { tellingHeaders } from './http-fault.ts';
import { retryAfterMs } from './retry-after.ts';
import type { WireAnswer } from './wire/answer.ts';
import { statedLength } from './wire/stated-length.ts';

const byStatus: Record<number, ErrorCode> = {
  401: 'SourceUnauthorized',
  403: 'SourceForbidden',
  404: 'SourceNotFound',
  410: 'SourceGone',
  407: 'SourceProxyUnauthorized',
  429: 'SourceThrottled',
  511: 'SourceCaptivePortal',
};

/** Asking again later may help. 501 and 505 say that it never will. */
const retryable = (status: number) =>
  [408, 425, 429].includes(status) || (status >= 500 && status !== 501 && status !== 505);

/** What an answer means that is not the content. */
export function statusError(answer: WireAnswer, url: string): SluiceError {
  const { status, fields } = answer;
  const code = byStatus[status] ?? (status >= 500 ? 'SourceServerError' : 'SourceStatus');
  return sluiceError(code, {
    url,
    status,
    // What the entries of proxies and logins want to know.
    proxy: 'in between',
    detail: `status ${status}`,
    retryable: retryable(status),
    retryAfterMs: retryAfterMs(fields),
    headers: tellingHeaders(fields),
    length: statedLength(fields),
  });
}
