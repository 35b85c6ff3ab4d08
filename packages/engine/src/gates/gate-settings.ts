import type { PolicySettings } from '@sluice/protocol';

/** The settings of the peer gates and delays, in the units of the catalogue (`@sluice/protocol/policy`). */
export type GateSettings = Pick<
  PolicySettings,
  | 'DOMinRAMAllowedToPeer'
  | 'DOMinDiskSizeAllowedToPeer'
  | 'DOMinFileSizeToCache'
  | 'DOMinBatteryPercentageAllowedToUpload'
  | 'DORestrictPeerSelectionBy'
  | 'DOAllowVPNPeerCaching'
  | 'DOVpnKeywords'
  | 'DOMonthlyUploadDataCap'
  | 'DOMinBackgroundQos'
  | 'DODelayBackgroundDownloadFromHttp'
  | 'DODelayForegroundDownloadFromHttp'
  | 'DODelayCacheServerFallbackBackground'
  | 'DODelayCacheServerFallbackForeground'
  | 'DOMaxCacheSize'
  | 'DOAbsoluteMaxCacheSize'
  | 'DOMaxCacheAge'
  | 'DOModifyCacheDrive'
>;
