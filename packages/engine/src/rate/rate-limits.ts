import type { PolicySettings } from '@sluice/protocol';
import { percentAt } from '@sluice/protocol/policy';

/** Where bytes come from or go to, as limits tell it apart (workflow.md §5). */
export type TrafficClass = 'http' | 'cache' | 'Lan' | 'LinkLocal' | 'Group' | 'Internet';

/**
 * Bandwidth settings under their Delivery Optimization names (policies.md §8). Absolute ones in KB/s, a
 * KB of 1024 bytes; percentages 0–100 of the measured bandwidth. 0 or not set: dynamic, which is no
 * limit but the delay (see `followsDelay`). Of an absolute limit and a percentage the smaller holds;
 * business hours take the place of the percentage, and what is for one priority that of the deprecated
 * settings that are for both.
 */
export type LimitSettings = Partial<
  Pick<
    PolicySettings,
    | 'DOMaxForegroundDownloadBandwidth'
    | 'DOMaxBackgroundDownloadBandwidth'
    | 'DOPercentageMaxForegroundBandwidth'
    | 'DOPercentageMaxBackgroundBandwidth'
    | 'DOSetHoursToLimitForegroundDownloadBandwidth'
    | 'DOSetHoursToLimitBackgroundDownloadBandwidth'
    | 'DOMaxDownloadBandwidth'
    | 'DOPercentageMaxDownloadBandwidth'
    | 'DOMaxUploadBandwidth'
  >
>;

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

/** What a limit on downloads depends on besides the settings. */
export interface LimitMoment {
  foreground: boolean;
  /** Hour of the day, local time. */
  hour: number;
}

/** Bytes/s of all downloads of one priority together. @param measured bandwidth, bytes/s, if known. */
export function downloadLimit(
  settings: LimitSettings,
  moment: LimitMoment,
  measured: number | undefined,
): number {
  const own = moment.foreground
    ? settings.DOMaxForegroundDownloadBandwidth
    : settings.DOMaxBackgroundDownloadBandwidth;
  const absolute = own || settings.DOMaxDownloadBandwidth;
  const percent = percentOf(settings, moment);
  const share = percent && measured !== undefined ? (percent / 100) * measured : noLimit;
  return Math.min(absolute ? absolute * bytesPerKb : noLimit, share);
}

/** Whether the limit needs the bandwidth to be measured. */
export function needsBandwidth(settings: LimitSettings, moment: LimitMoment): boolean {
  const percent = percentOf(settings, moment);
  return percent > 0 && percent < 100;
}

/** Bytes/s of all uploads together. */
export function uploadLimit({ DOMaxUploadBandwidth: kb }: LimitSettings): number {
  return kb ? kb * bytesPerKb : noLimit;
}

/** Whether the limit changes with the hour of the day. */
export function followsHours(settings: LimitSettings): boolean {
  return (
    settings.DOSetHoursToLimitForegroundDownloadBandwidth !== undefined ||
    settings.DOSetHoursToLimitBackgroundDownloadBandwidth !== undefined
  );
}

function percentOf(settings: LimitSettings, { foreground, hour }: LimitMoment): number {
  const hours = foreground
    ? settings.DOSetHoursToLimitForegroundDownloadBandwidth
    : settings.DOSetHoursToLimitBackgroundDownloadBandwidth;
  if (hours) return percentAt(hours, hour);
  const own = foreground
    ? settings.DOPercentageMaxForegroundBandwidth
    : settings.DOPercentageMaxBackgroundBandwidth;
  return own || settings.DOPercentageMaxDownloadBandwidth || 0;
}
