import type { DeviceEvent, EventBatch } from '@sluice/protocol';
import type { Sums } from './tables.ts';

export const dayMs = 86_400_000;
/** Bytes or ms of one event at the most, 64 TiB: more is a device's nonsense, and would spoil every sum. */
const most = 2 ** 46;
/** How long before its end a download may have begun, ms. */
const longestMs = 28 * dayMs;

/** What an event adds to the sums: a row of the relation that `roll-ups.ts` reads. Bytes, bytes/s, ms. */
export interface Fact extends Sums {
  tenant: string;
  device_id: string;
  content_type: string;
  content_id: string;
  site: string;
  group_id: string;
  day: number;
  time: number;
  /** Of the content; 0 when nobody knows. */
  size: number;
  started_at: number;
  /** The download was complete then; null: it was not. */
  completed_at: number | null;
  last: number;
}

/** Why peers were not used, or what went wrong. */
export interface Reason {
  tenant: string;
  day: number;
  kind: 'peers' | 'error';
  content_id: string;
  reason: string;
  n: number;
}

export type DownloadEvent = Exclude<DeviceEvent, { Name: 'DeviceSnapshot' }>;

/** Who sent a batch, and from where. */
export interface Sender {
  tenant: string;
  deviceId: string;
  site: string;
}

const none: Sums = {
  ...{ bytes_cdn: 0, bytes_cache: 0, bytes_lan: 0, bytes_group: 0, bytes_int: 0, bytes_local: 0 },
  ...{ bytes_duplicate: 0, started: 0, completed: 0, canceled: 0, failed: 0, eligible: 0 },
  ...{ total_ms: 0, peers_success: 0, peers_cannot: 0, peers_unknown: 0 },
};

/** `DOStatusDescription` by its number in `device_day.last`. */
export const statusTexts = ['Downloading', 'Paused', 'Complete', 'Canceled', 'Failed'] as const;
const statusOf: Record<DownloadEvent['Name'], number> = {
  DownloadStarted: 0,
  FailureCdnCommunication: 0,
  DownloadPaused: 1,
  DownloadCompleted: 2,
  DownloadCanceled: 3,
  JobError: 4,
};

/** What a content is called in the tables: its id, or that of the file when it has none. */
export function contentOf(event: DeviceEvent): string {
  return event.Name === 'DeviceSnapshot' ? '' : (event.UpdateId ?? event.FileId);
}

/** What the event adds to the sums. */
export function factOf(event: DownloadEvent, { tenant, deviceId, site }: Sender): Fact {
  const common = {
    ...none,
    ...{ tenant, device_id: deviceId, site, content_type: event.ContentType },
    ...{ content_id: contentOf(event), day: Math.floor(event.Time / dayMs), time: event.Time },
    ...{ group_id: '', size: 0, started_at: event.Time, completed_at: null },
    last: lastOf(event),
  };
  if (event.Name === 'FailureCdnCommunication') return common;
  const facts = bounded({
    ...common,
    group_id: event.GroupId ?? '',
    size: event.FileSize ?? 0,
  });
  if (event.Name === 'DownloadStarted') return { ...facts, started: 1 };
  const started_at = event.Time - Math.min(event.TotalTimeMs, longestMs);
  const completed_at = event.Name === 'DownloadCompleted' ? event.Time : null;
  return bounded({ ...facts, ...sumsOf(event), completed_at, started_at });
}

const times = new Set<keyof Fact>(['time', 'started_at', 'completed_at', 'last']);

function bounded(fact: Fact): Fact {
  const entries = Object.entries(fact).map(([name, value]) =>
    typeof value === 'number' && !times.has(name as keyof Fact)
      ? [name, Math.min(value, most)]
      : [name, value],
  );
  return Object.fromEntries(entries);
}

type Ended = Extract<DownloadEvent, { TotalTimeMs: number }>;

/**
 * Of a run of a download: one that was paused goes on as another run, which counts from nothing. It is a
 * transfer when it ends for good.
 */
function sumsOf(event: Ended): Omit<Sums, 'started'> {
  return {
    bytes_cdn: event.BytesFromCDN,
    bytes_cache: event.BytesFromCacheServer,
    // Link-local peers are on the same network: a class of their own would be missing in the formulas.
    bytes_lan: event.BytesFromPeers + event.BytesFromLinkLocalPeers,
    bytes_group: event.BytesFromGroupPeers,
    bytes_int: event.BytesFromIntPeers,
    bytes_local: event.BytesFromLocalCache,
    bytes_duplicate: event.DuplicateBytes,
    completed: event.Name === 'DownloadCompleted' ? 1 : 0,
    canceled: event.Name === 'DownloadCanceled' ? 1 : 0,
    failed: event.Name === 'JobError' ? 1 : 0,
    eligible: event.PeerEligible && event.Name !== 'DownloadPaused' ? 1 : 0,
    total_ms: event.TotalTimeMs,
    peers_success: event.PeersSuccessCount,
    peers_cannot: event.PeersCannotConnectCount,
    peers_unknown: event.PeersUnknownCount,
  };
}

/**
 * Time, mode and status in one number, so that the latest of them is simply the largest, in any database:
 * time · 1024 + (mode + 1) · 8 + status; mode + 1 = 0 when the event names none.
 */
function lastOf(event: DownloadEvent): number {
  const mode = event.Name === 'FailureCdnCommunication' ? -1 : event.DownloadMode;
  return event.Time * 1024 + (mode + 1) * 8 + statusOf[event.Name];
}

/** What an event says of peers that were not used and of faults. */
export function reasonsOf(event: DownloadEvent, { tenant }: Sender): Reason[] {
  const common = { tenant, day: Math.floor(event.Time / dayMs), content_id: contentOf(event) };
  if (event.Name === 'DownloadStarted') return [];
  const error = (reason: string, n: number) => ({ ...common, kind: 'error' as const, reason, n });
  if (event.Name === 'FailureCdnCommunication') {
    return [error(event.ErrorCode ?? `Http${event.HttpStatusCode ?? ''}`, event.ErrorCount)];
  }
  const errors = event.Name === 'JobError' ? [error(event.ErrorCode ?? 'Unknown', 1)] : [];
  const peers = event.PeersNotUsed.map(({ Rule, Count }) => {
    return { ...common, kind: 'peers' as const, reason: Rule, n: Count };
  });
  return [...peers, ...errors];
}

/** Events of another time than this cannot be kept: nobody would ever see them, or they would never go. */
export interface TimeRange {
  from: number;
  to: number;
}

/** The events that can be kept, each once, with ids as the database spells them. */
export function keptEvents({ Events }: EventBatch, { from, to }: TimeRange): DeviceEvent[] {
  const byId = new Map<string, DeviceEvent>();
  for (const event of Events) {
    if (event.Time >= from && event.Time < to && !byId.has(event.EventId)) {
      byId.set(event.EventId, event);
    }
  }
  return [...byId.values()];
}
