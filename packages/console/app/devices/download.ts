import type { ToldEvent } from './device.ts';

/** One download of a device, as its events tell it. */
export interface Download {
  jobId: string;
  contentId: string | null;
  url: string | null;
  /** The oldest first. */
  events: ToldEvent[];
  /** The last that says how far it is. */
  last: ToldEvent;
  state: string;
}

const states: Record<string, string> = {
  DownloadStarted: 'Under way',
  DownloadPaused: 'Paused',
  DownloadCompleted: 'Complete',
  DownloadCanceled: 'Cancelled',
  JobError: 'Failed',
};

/** @param events the newest first. @returns the latest download first */
export function downloadsIn(events: readonly ToldEvent[]): Download[] {
  const byJob = Map.groupBy(
    events.filter((event) => typeof event.JobId === 'string'),
    (event) => event.JobId as string,
  );
  return [...byJob].map(([jobId, newestFirst]) => {
    const last = newestFirst.find(({ Name }) => Name in states) ?? newestFirst[0]!;
    return {
      jobId,
      contentId: last.UpdateId as string | null,
      url: last.CdnUrl as string | null,
      events: newestFirst.toReversed(),
      last,
      state: states[last.Name] ?? 'Under way',
    };
  });
}

/** Bytes by source, where the event has them. */
export function bytesOf(event: ToldEvent) {
  const number = (name: string) => Number(event[name] ?? 0);
  return {
    http: number('BytesFromCDN'),
    cache: number('BytesFromCacheServer'),
    lan: number('BytesFromPeers') + number('BytesFromLinkLocalPeers'),
    group: number('BytesFromGroupPeers'),
    internet: number('BytesFromIntPeers'),
  };
}

/** What people call what was downloaded. */
export function downloadName({ url, contentId, jobId }: Download): string {
  const path = URL.parse(url ?? '')?.pathname ?? '';
  return path.split('/').filter(Boolean).at(-1) ?? contentId ?? jobId;
}
