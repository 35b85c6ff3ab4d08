import type { GateSettings } from '@sluice/engine';
import type { MonthSnap } from '@sluice/protocol';
import type { Usage } from '../accounting/usage.ts';

const gb = 1024 ** 3;

/** This calendar month (admin.md §4). */
export function monthSnap(
  usage: Usage,
  { DOMonthlyUploadDataCap: cap }: Pick<GateSettings, 'DOMonthlyUploadDataCap'>,
): MonthSnap {
  const { Down, Up, Foreground, Background } = usage.month;
  return {
    UploadLanBytes: Up.Lan,
    UploadLinkLocalBytes: Up.LinkLocal,
    UploadGroupBytes: Up.Group,
    UploadInternetBytes: Up.Internet,
    DownloadHttpBytes: Down.http + Down.cache,
    DownloadCacheHostBytes: Down.cache,
    DownloadLanBytes: Down.Lan,
    DownloadLinkLocalBytes: Down.LinkLocal,
    DownloadGroupBytes: Down.Group,
    DownloadInternetBytes: Down.Internet,
    DownloadFgRateKbps: kbps(Foreground),
    DownloadBgRateKbps: kbps(Background),
    UploadLimitReached: cap > 0 && Up.Internet >= cap * gb,
    MonthStartDate: usage.monthStart.toISOString(),
  };
}

function kbps({ Bytes, Ms }: { Bytes: number; Ms: number }): number {
  return Ms > 0 ? Math.round(((Bytes / (Ms / 1000)) * 8) / 1024) : 0;
}
