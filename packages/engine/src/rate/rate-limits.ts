/** Where bytes come from or go to, as limits tell it apart (workflow.md §5). */
export type TrafficClass = 'http' | 'cache' | 'Lan' | 'LinkLocal' | 'Group' | 'Internet';

/**
 * Bandwidth settings under their Delivery Optimization names (policies.md §8). Absolute ones in KB/s, a
 * KB of 1024 bytes; percentages 0–100 of the measured bandwidth. 0 or not set: dynamic, which is no
 * limit but the delay (see `followsDelay`). Of an absolute limit and a percentage the smaller holds.
 */
export interface LimitSettings {
  DOMaxForegroundDownloadBandwidth?: number | undefined;
  DOMaxBackgroundDownloadBandwidth?: number | undefined;
  DOPercentageMaxForegroundBandwidth?: number | undefined;
  DOPercentageMaxBackgroundBandwidth?: number | undefined;
  /** Of all uploads together. */
  DOMaxUploadBandwidth?: number | undefined;
}

const bytesPerKb = 1024;
const noLimit = Number.POSITIVE_INFINITY;

/** Whether the settings hold for this traffic: for all but that within the site. */
export function isLimited(traffic: TrafficClass): boolean {
  return traffic !== 'Lan' && traffic !== 'LinkLocal';
}

/** Whether downloads of this kind give way when the path's delay grows: in the background, off the site. */
export function followsDelay(traffic: TrafficClass, foreground: boolean): boolean {
  return !foreground && (traffic === 'http' || traffic === 'cache' || traffic === 'Internet');
}

/** Bytes/s of all downloads of one priority together. @param measured bandwidth, bytes/s, if known. */
export function downloadLimit(
  settings: LimitSettings,
  foreground: boolean,
  measured: number | undefined,
): number {
  const absolute = foreground
    ? settings.DOMaxForegroundDownloadBandwidth
    : settings.DOMaxBackgroundDownloadBandwidth;
  const percent = percentOf(settings, foreground);
  const share = percent && measured !== undefined ? (percent / 100) * measured : noLimit;
  return Math.min(absolute ? absolute * bytesPerKb : noLimit, share);
}

/** Whether the limit needs the bandwidth to be measured. */
export function needsBandwidth(settings: LimitSettings, foreground: boolean): boolean {
  const percent = percentOf(settings, foreground);
  return percent > 0 && percent < 100;
}

/** Bytes/s of all uploads together. */
export function uploadLimit({ DOMaxUploadBandwidth: kb }: LimitSettings): number {
  return kb ? kb * bytesPerKb : noLimit;
}

function percentOf(settings: LimitSettings, foreground: boolean): number {
  const percent = foreground
    ? settings.DOPercentageMaxForegroundBandwidth
    : settings.DOPercentageMaxBackgroundBandwidth;
  return percent ?? 0;
}
