/** Intune's own fields for settings that are one value (policies.md §13). */
export const plainFields: Readonly<Record<string, string>> = {
  backgroundDownloadFromHttpDelayInSeconds: 'DODelayBackgroundDownloadFromHttp',
  foregroundDownloadFromHttpDelayInSeconds: 'DODelayForegroundDownloadFromHttp',
  cacheServerBackgroundDownloadFallbackToHttpDelayInSeconds: 'DODelayCacheServerFallbackBackground',
  cacheServerForegroundDownloadFallbackToHttpDelayInSeconds: 'DODelayCacheServerFallbackForeground',
  minimumRamAllowedToPeerInGigabytes: 'DOMinRAMAllowedToPeer',
  minimumDiskSizeAllowedToPeerInGigabytes: 'DOMinDiskSizeAllowedToPeer',
  minimumFileSizeToCacheInMegabytes: 'DOMinFileSizeToCache',
  minimumBatteryPercentageAllowedToUpload: 'DOMinBatteryPercentageAllowedToUpload',
  modifyCacheLocation: 'DOModifyCacheDrive',
  cacheServerHostNames: 'DOCacheHost',
};

/** Fields whose values are words. `notConfigured` and `userDefined` are among none: not set. */
export const wordFields: Readonly<Record<string, readonly [string, Record<string, number>]>> = {
  deliveryOptimizationMode: [
    'DODownloadMode',
    {
      httpOnly: 0,
      httpWithPeeringNat: 1,
      httpWithPeeringPrivateGroup: 2,
      httpWithInternetPeering: 3,
      simpleDownload: 99,
      bypassMode: 100,
    },
  ],
  restrictPeerSelectionBy: ['DORestrictPeerSelectionBy', { subnetMask: 1 }],
  vpnPeerCaching: ['DOAllowVPNPeerCaching', { enabled: 1 }],
};

/** Fields within fields: `bandwidthMode`, `maximumCacheSize`. */
export const innerFields: Readonly<Record<string, string>> = {
  maximumDownloadBandwidthInKilobytesPerSecond: 'DOMaxDownloadBandwidth',
  maximumUploadBandwidthInKilobytesPerSecond: 'DOMaxUploadBandwidth',
  maximumBackgroundBandwidthPercentage: 'DOPercentageMaxBackgroundBandwidth',
  maximumForegroundBandwidthPercentage: 'DOPercentageMaxForegroundBandwidth',
  maximumCacheSizePercentage: 'DOMaxCacheSize',
  maximumCacheSizeInGigabytes: 'DOAbsoluteMaxCacheSize',
};

export const groupIdSources: Readonly<Record<string, number>> = {
  adSite: 1,
  authenticatedDomainSid: 2,
  dhcpUserOption: 3,
  dnsSuffix: 4,
};

export const hourFields: Readonly<Record<string, string>> = {
  bandwidthBackgroundPercentageHours: 'DOSetHoursToLimitBackgroundDownloadBandwidth',
  bandwidthForegroundPercentageHours: 'DOSetHoursToLimitForegroundDownloadBandwidth',
};
