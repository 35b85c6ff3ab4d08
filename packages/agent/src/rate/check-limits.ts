import type { LimitSettings } from '@sluice/engine';
import { sluiceError } from '@sluice/protocol';

const maxKb = 4_294_967_295;

/** What each setting may be at most (policies.md §2): KB/s, or percent. */
const most: Required<{ [K in keyof LimitSettings]: number }> = {
  DOMaxForegroundDownloadBandwidth: maxKb,
  DOMaxBackgroundDownloadBandwidth: maxKb,
  DOPercentageMaxForegroundBandwidth: 100,
  DOPercentageMaxBackgroundBandwidth: 100,
  DOMaxUploadBandwidth: maxKb,
};

/** @throws InvalidArgument for a setting that is none, or out of range. */
export function checkLimits(settings: LimitSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    const max = most[name as keyof LimitSettings];
    if (max === undefined) throw sluiceError('InvalidArgument', { name, detail: 'no such limit' });
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value >= 0 && value <= max)) {
      throw sluiceError('InvalidArgument', { name, detail: `must be from 0 to ${max}` });
    }
  }
}
