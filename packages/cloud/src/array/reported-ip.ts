import { addressKind, canonicalIp } from '@sluice/protocol';

/**
 * The address at which LAN and group peers may be sent to a device: the one it reported, if that can
 * only be on its own side: a private one, or loopback when the device came over loopback. A public
 * address is never taken from what a device says, or it could have others dial anybody.
 * @param externalIp the address the service saw, canonical.
 * @returns undefined = use `externalIp`.
 */
export function localIp(reported: string | undefined, externalIp: string): string | undefined {
  const ip = canonicalIp(reported ?? '');
  if (ip === undefined || ip === externalIp) return undefined;
  const kind = addressKind(ip);
  if (kind === 'private') return ip;
  return kind === 'loopback' && addressKind(externalIp) === 'loopback' ? ip : undefined;
}
