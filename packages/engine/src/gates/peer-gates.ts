import type { DownloadModeName } from '@sluice/protocol';
import type { GateSettings } from './gate-settings.ts';
import type { HostFacts } from './host-facts.ts';
import type { PeerClass, Refusal } from './refusal.ts';
import { vpnAmong } from './vpn.ts';

const kb = 1024;
const mb = 1024 * kb;
const gb = 1024 * mb;

export interface PeerQuestion {
  settings: GateSettings;
  host: HostFacts;
  mode: DownloadModeName;
  /** Bytes; undefined while it is not known: then it refuses nothing. */
  fileSize?: number | undefined;
}

export interface UploadQuestion extends PeerQuestion {
  peerClass: PeerClass;
  /** Sent to Internet peers in this calendar month, bytes. */
  sentThisMonth: number;
}

type Found = Omit<Refusal, 'affects'>;

/** Why this download may not get from peers; empty: it may (policies.md §6). */
export function downloadRefusals(question: PeerQuestion): Refusal[] {
  return peerRefusals(question).map((found) => ({ ...found, affects: 'download' }));
}

/** Why peers of this class may not get from us; empty: they may (policies.md §6). */
export function uploadRefusals(question: UploadQuestion): Refusal[] {
  const found = [...peerRefusals(question), ...batteryRefusals(question), ...capRefusals(question)];
  return found.map((f) => ({ ...f, affects: 'upload' }));
}

/** The gates that stand for both directions. */
function peerRefusals(question: PeerQuestion): Found[] {
  return [
    ...modeRefusals(question),
    ...ramRefusals(question),
    ...diskRefusals(question),
    ...fileSizeRefusals(question),
    ...vpnRefusals(question),
  ];
}

function modeRefusals({ mode }: PeerQuestion): Found[] {
  if (mode === 'Lan' || mode === 'Group' || mode === 'Internet') return [];
  const limit = 'Lan (1), Group (2) or Internet (3)';
  return [{ rule: 'DODownloadMode', limit, actual: mode, remedy: 'Choose another download mode.' }];
}

/** Total memory, as the CSP has it; the reference's prose says "available" (policies.md §6). Inclusive. */
function ramRefusals({ settings, host }: PeerQuestion): Found[] {
  const min = settings.DOMinRAMAllowedToPeer * gb;
  if (host.ramBytes === undefined || host.ramBytes >= min) return [];
  return [
    {
      rule: 'DOMinRAMAllowedToPeer',
      limit: `at least ${settings.DOMinRAMAllowedToPeer} GB of memory`,
      actual: inUnit(host.ramBytes, gb, 'GB'),
      remedy: 'Set DOMinRAMAllowedToPeer lower, or fit more memory.',
    },
  ];
}

/** Capacity of the store's volume, not its free space (policies.md §6). */
function diskRefusals({ settings, host }: PeerQuestion): Found[] {
  const min = settings.DOMinDiskSizeAllowedToPeer * gb;
  if (host.diskBytes === undefined || host.diskBytes >= min) return [];
  return [
    {
      rule: 'DOMinDiskSizeAllowedToPeer',
      limit: `a disk of at least ${settings.DOMinDiskSizeAllowedToPeer} GB`,
      actual: inUnit(host.diskBytes, gb, 'GB'),
      remedy: 'Set DOMinDiskSizeAllowedToPeer lower, or keep the data directory on a larger disk.',
    },
  ];
}

/**
 * Smaller files come from HTTP and cache, and are not kept for peers. DO also sends everything below
 * 10 MB to simple mode, whatever is set (policies.md §3), and yet recommends 1 MB for large fleets
 * (§12). The setting alone decides here, and the mode stays: simple mode would give up the check of
 * the pieces.
 */
function fileSizeRefusals({ settings, fileSize }: PeerQuestion): Found[] {
  const min = settings.DOMinFileSizeToCache * mb;
  if (fileSize === undefined || fileSize >= min) return [];
  return [
    {
      rule: 'DOMinFileSizeToCache',
      limit: `a file of at least ${settings.DOMinFileSizeToCache} MB`,
      actual: inUnit(fileSize, mb, 'MB'),
      remedy: 'Set DOMinFileSizeToCache lower.',
    },
  ];
}

/**
 * No peering at all, as the reference has it; the FAQ only suspends uploads (policies.md §6). Where only
 * peers are had that the device found on its own link, a VPN does not matter (§5).
 */
function vpnRefusals({ settings, host }: PeerQuestion): Found[] {
  if (settings.DOAllowVPNPeerCaching === 1 || settings.DORestrictPeerSelectionBy === 2) return [];
  const adapter = vpnAmong(host.adapters, settings.DOVpnKeywords);
  if (adapter === undefined) return [];
  return [
    {
      rule: 'DOAllowVPNPeerCaching',
      limit: 'no VPN',
      actual: `the adapter ${adapter} is up`,
      remedy: 'Set DOAllowVPNPeerCaching to 1, or disconnect the VPN.',
    },
  ];
}

/**
 * The setting lets LAN and Group peers be served on battery down to a charge (policies.md §6); who is
 * farther away is not mentioned, and is not served on battery. At 0, nobody is.
 */
function batteryRefusals({ settings, host, peerClass }: UploadQuestion): Found[] {
  const { battery } = host;
  if (!battery || battery.onMains) return [];
  const min = settings.DOMinBatteryPercentageAllowedToUpload;
  const isFar = peerClass === 'Internet';
  const percent = battery.percent ?? 100;
  if (min > 0 && !isFar && percent >= min) return [];
  const charge = battery.percent === undefined ? '' : ` at ${battery.percent} %`;
  const lower =
    'Set DOMinBatteryPercentageAllowedToUpload to a charge below this one, or plug it in.';
  return [
    {
      rule: 'DOMinBatteryPercentageAllowedToUpload',
      limit: min > 0 && !isFar ? `mains power, or at least ${min} %` : 'mains power',
      actual: `on battery${charge}`,
      peerClass,
      remedy: isFar ? 'Plug it in.' : lower,
    },
  ];
}

/** Only what goes to Internet peers counts, and only they are refused. */
function capRefusals({ settings, peerClass, sentThisMonth }: UploadQuestion): Found[] {
  const cap = settings.DOMonthlyUploadDataCap;
  if (peerClass !== 'Internet' || cap === 0 || sentThisMonth < cap * gb) return [];
  return [
    {
      rule: 'DOMonthlyUploadDataCap',
      limit: `less than ${cap} GB to Internet peers in a month`,
      actual: inUnit(sentThisMonth, gb, 'GB'),
      peerClass,
      remedy: 'Set DOMonthlyUploadDataCap higher, or 0 for no limit; it begins anew next month.',
    },
  ];
}

/** Rounded down, so that what is too little never reads as enough. */
function inUnit(bytes: number, unit: number, name: string): string {
  return `${Math.floor((100 * bytes) / unit) / 100} ${name}`;
}
