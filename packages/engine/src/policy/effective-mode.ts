import { type DownloadModeName, DownloadModes } from '@sluice/protocol';

/** From the least peers to the most. */
const order: readonly DownloadModeName[] = ['Simple', 'CdnOnly', 'Lan', 'Group', 'Internet'];

/** A value of DODownloadMode as a mode that Sluice has: 100 (Bypass) has nobody to pass to, so it is Simple. */
export function modeOfSetting(setting: number): DownloadModeName {
  return order.find((name) => DownloadModes[name] === setting) ?? 'Simple';
}

/** The mode of a download. */
export interface SettledMode {
  mode: DownloadModeName;
  /** Who had the word: the request, or the setting. */
  by: 'request' | 'setting';
}

/**
 * A download has the mode it asks for, else the one that is set. What is set by who manages the device
 * (`binds`) is also the most it can have. The documents do not say how the two go together.
 */
export function settleMode(
  asked: DownloadModeName | undefined,
  setting: number,
  binds: boolean,
): SettledMode {
  const set = modeOfSetting(setting);
  if (asked === undefined) return { mode: set, by: 'setting' };
  if (binds && order.indexOf(asked) > order.indexOf(set)) return { mode: set, by: 'setting' };
  return { mode: asked, by: 'request' };
}
