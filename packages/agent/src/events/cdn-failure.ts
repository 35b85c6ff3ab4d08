import type { EventOf } from '@sluice/protocol';
import type { CountedFault } from '../download/cdn-faults.ts';
import type { Download } from '../download/download.ts';
import { hresultOf } from '../jobs/hresult-of.ts';
import { commonFacts, type EventSurroundings } from './download-facts.ts';
import { plainUrl } from './privacy.ts';

/** Types of sources (workflow.md §5). */
const peerTypes = { http: 2, cache: 5 } as const;

/** What is said of requests that failed alike. */
export function failureFacts(
  download: Download,
  { fault, count }: CountedFault,
  around: EventSurroundings,
): Omit<EventOf<'FailureCdnCommunication'>, 'EventId' | 'Name' | 'Time'> {
  const { kind, label, host, range, error } = fault;
  const { status, headers, length } = error.params;
  const size = range.end - range.start;
  return {
    ...commonFacts(download, around),
    CdnUrl: plainUrl(label),
    CdnIp: host ?? null,
    ErrorCode: error.code,
    DoErrorCode: hresultOf(error),
    CdnHeaders: typeof headers === 'string' && headers !== '' ? headers : null,
    HttpStatusCode: isStatus(status) ? status : null,
    // Objects are asked for with GET only.
    IsHeadRequest: false,
    PeerType: peerTypes[kind],
    RequestOffset: range.start,
    RequestSize: Number.isFinite(size) ? size : null,
    ResponseSize: typeof length === 'number' ? length : null,
    ErrorCount: count,
  };
}

function isStatus(status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 999;
}
