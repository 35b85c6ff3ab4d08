/** The download modes of Delivery Optimization that Sluice has (policies.md §3); 100 is refused. */
export const DownloadModes = {
  CdnOnly: 0,
  Lan: 1,
  Group: 2,
  Internet: 3,
  Simple: 99,
} as const;
export type DownloadModeName = keyof typeof DownloadModes;
export type DownloadModeNumber = (typeof DownloadModes)[DownloadModeName];
