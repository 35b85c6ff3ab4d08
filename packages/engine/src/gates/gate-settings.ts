/** One setting: its form, and what holds when nobody sets it (policies.md §2). */
export type SettingSpec =
  | {
      kind: 'integer';
      /** For messages and help. */
      unit: 'GB' | 'MB' | 'KB/s' | 's' | '%' | '';
      min: number;
      max: number;
      /** Undefined: not set, and that is not the same as any value. */
      default: number | undefined;
      about: string;
    }
  | { kind: 'text'; default: string; about: string };

const maxUint32 = 4_294_967_295;

/*
 * Units are binary, as Windows counts: KB = 1024 bytes and so on.
 *
 * The three minimum sizes also take 0 here, "no minimum"; DO's range begins with 1 (policies.md §2).
 */
export const settingSpecs = {
  DOMinRAMAllowedToPeer: {
    kind: 'integer',
    unit: 'GB',
    min: 0,
    max: 100_000,
    default: 4,
    about: 'memory a device must have to use peers, 0 = any',
  },
  DOMinDiskSizeAllowedToPeer: {
    kind: 'integer',
    unit: 'GB',
    min: 0,
    max: 100_000,
    default: 32,
    about: 'capacity the disk of the store must have to use peers, 0 = any',
  },
  DOMinFileSizeToCache: {
    kind: 'integer',
    unit: 'MB',
    min: 0,
    max: 100_000,
    default: 50,
    about: 'files below it come without peers, 0 = none',
  },
  DOMinBatteryPercentageAllowedToUpload: {
    kind: 'integer',
    unit: '%',
    min: 0,
    max: 100,
    default: 0,
    about: 'charge down to which it uploads on battery, 0 = never on battery',
  },
  DOAllowVPNPeerCaching: {
    kind: 'integer',
    unit: '',
    min: 0,
    max: 1,
    default: 0,
    about: '1 = peers also while a VPN is up',
  },
  DOVpnKeywords: {
    kind: 'text',
    default: '',
    about:
      'words, after commas, in an adapter’s text that make it a VPN, besides the built-in ones',
  },
  DOMonthlyUploadDataCap: {
    kind: 'integer',
    unit: 'GB',
    min: 0,
    max: maxUint32,
    default: 20,
    about: 'uploads to Internet peers in a calendar month, 0 = no limit',
  },
  DOMinBackgroundQos: {
    kind: 'integer',
    unit: 'KB/s',
    min: 1,
    max: maxUint32,
    // Not 2500: what the publisher says of the content (BackgroundQosBps) comes before the default.
    default: undefined,
    about:
      'peers that bring it keep a background download off HTTP (default: the publisher’s, 2500)',
  },
  DODelayBackgroundDownloadFromHttp: {
    kind: 'integer',
    unit: 's',
    min: 0,
    max: maxUint32,
    default: 0,
    about: 'how long a background download leaves it to peers',
  },
  DODelayForegroundDownloadFromHttp: {
    kind: 'integer',
    unit: 's',
    min: 0,
    max: maxUint32,
    default: 0,
    about: 'how long a foreground download leaves it to peers',
  },
  DODelayCacheServerFallbackBackground: {
    kind: 'integer',
    unit: 's',
    min: 0,
    max: 2_592_000,
    default: 0,
    about: 'how long a background download stays with failing cache hosts',
  },
  DODelayCacheServerFallbackForeground: {
    kind: 'integer',
    unit: 's',
    min: 0,
    max: 2_592_000,
    default: 0,
    about: 'how long a foreground download stays with failing cache hosts',
  },
  DOMaxCacheSize: {
    kind: 'integer',
    unit: '%',
    min: 1,
    max: 100,
    default: 20,
    about: 'share of the space that the disk has for the store',
  },
  DOAbsoluteMaxCacheSize: {
    kind: 'integer',
    unit: 'GB',
    min: 0,
    max: maxUint32,
    // Not 0: that means no limit, while not set means that the share holds.
    default: undefined,
    about: 'size of the store, instead of the share; 0 = no limit while the disk has room',
  },
  DOMaxCacheAge: {
    kind: 'integer',
    unit: 's',
    min: 0,
    max: maxUint32,
    default: 259_200,
    about: 'how long a content is kept after its download, 0 = until its space is needed',
  },
  DOModifyCacheDrive: {
    kind: 'text',
    default: '',
    about:
      'drive, folder or %VARIABLE% for the store, read at the start (default: the data directory)',
  },
} as const satisfies Record<string, SettingSpec>;

export type SettingName = keyof typeof settingSpecs;

/** The settings of the peer gates and delays under their DO names, in the units of `settingSpecs`. */
export type GateSettings = {
  [N in SettingName]: (typeof settingSpecs)[N]['kind'] extends 'text'
    ? string
    : undefined extends (typeof settingSpecs)[N]['default']
      ? number | undefined
      : number;
};

/** Spellings of the reference document (policies.md §2, naming trap); read, never written. */
export const settingAliases: Readonly<Record<string, SettingName>> = {
  DelayCacheServerFallbackBackground: 'DODelayCacheServerFallbackBackground',
  DelayCacheServerFallbackForeground: 'DODelayCacheServerFallbackForeground',
  DOMinBackgroundQoS: 'DOMinBackgroundQos',
};
