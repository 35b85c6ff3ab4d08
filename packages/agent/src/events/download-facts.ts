import { type HostFacts, type SettledMode, vpnAmong } from '@sluice/engine';
import { type EventOf, isFinalState } from '@sluice/protocol';
import type { PolicySettings, ResolvedPolicies } from '@sluice/protocol/policy';
import type { Download } from '../download/download.ts';
import { hresultOf } from '../jobs/hresult-of.ts';
import { groupHash, plainText, plainUrl } from './privacy.ts';

/** What of the device events of a download go by. */
export interface EventSurroundings {
  sessionId: string;
  /** The job that the download is a run of. */
  jobId: string;
  /** How its mode was planned. */
  planned: SettledMode;
  resolved: ResolvedPolicies;
  /** What was found out last. */
  host: HostFacts | undefined;
}

type Common = Omit<EventOf<'FailureCdnCommunication'>, keyof OwnOfFailure>;
type OwnOfFailure = {
  [N in
    | 'EventId'
    | 'Name'
    | 'Time'
    | 'CdnHeaders'
    | 'HttpStatusCode'
    | 'IsHeadRequest'
    | 'PeerType'
    | 'RequestOffset'
    | 'RequestSize'
    | 'ResponseSize'
    | 'ErrorCount']: unknown;
};

/** What every event of a download has. */
export function commonFacts(download: Download, around: EventSurroundings): Common {
  const { request, trusted, progress, error } = download;
  const { PredefinedCallerApplication: caller, ContentId, ContentType = 'Other' } = request;
  const contentId = trusted?.ContentId ?? ContentId;
  return {
    SessionId: around.sessionId,
    FileId: download.fileId,
    JobId: around.jobId,
    UpdateId: contentId === undefined ? null : plainText(contentId, 256),
    PredefinedCallerName: caller === undefined ? null : plainText(caller, 200),
    ContentType: plainText(ContentType, 64),
    Background: !download.foreground.current,
    // There are no experiments.
    ExperimentId: null,
    IsVpn: isOnVpn(around.host, around.resolved.settings),
    RouteToCacheServer: routeToCache(download, around.resolved),
    CdnUrl: plainUrl(request.Url),
    CdnIp: progress.atEnd?.cdnIp ?? null,
    ErrorCode: error && !isCancel(download) ? error.code : null,
    DoErrorCode: error && !isCancel(download) ? hresultOf(error) : null,
  };
}

/** The bytes that are wanted: null while nobody knows how many. */
export function wantedBytes({ progress: { fileSize, state } }: Download): number | null {
  return fileSize === 0 && !(isFinalState(state) && state === 'Finalized') ? null : fileSize;
}

/** Its group, hashed. */
export function groupOf(download: Download, { settings }: ResolvedPolicies): string | null {
  const group = download.progress.groupId ?? download.request.GroupId ?? settings.DOGroupId;
  return group === undefined ? null : groupHash(group);
}

function isCancel({ progress }: Download): boolean {
  return progress.state === 'Aborted';
}

function isOnVpn(host: HostFacts | undefined, { DOVpnKeywords }: PolicySettings): boolean | null {
  return host ? vpnAmong(host.adapters, DOVpnKeywords) !== undefined : null;
}

/** Which setting has given it its cache hosts, if any has. */
function routeToCache(
  { request, progress }: Download,
  { settings, sources }: ResolvedPolicies,
): Common['RouteToCacheServer'] {
  if (request.CacheHosts) {
    const Value = plainText(request.CacheHosts.join(','), 1_024);
    return { Setting: 'CacheHosts', Source: 'Request', Value };
  }
  if (settings.DOCacheHost) {
    const Value = plainText(settings.DOCacheHost, 1_024);
    return { Setting: 'DOCacheHost', Source: sources.DOCacheHost.provider, Value };
  }
  // DHCP, geo or the local network has named it, in the order that DOCacheHostSource says.
  if (progress.cacheHost === undefined) return null;
  const Value = plainText(progress.cacheHost, 1_024);
  return { Setting: 'DOCacheHostSource', Source: sources.DOCacheHostSource.provider, Value };
}
