import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Of tun_flags: packets, not Ethernet frames (linux/if_tun.h). */
const iffTun = 0x0001;

/**
 * What an adapter is, in words that the VPN keywords can find: Linux has no descriptions, and VPN
 * programs call their adapters tun0 or wg0. What they have in common is the driver, WireGuard or TUN; a
 * TAP adapter carries Ethernet and belongs to a virtual machine as often, so only its name counts.
 * @param folder `/sys/class/net`
 */
export async function linuxAdapterText(folder: string, name: string): Promise<string> {
  const attribute = (file: string) =>
    // A device goes away while we look, and only TUN and TAP have tun_flags.
    readFile(join(folder, name, file), 'utf8').catch(() => '');
  const [uevent, flags] = await Promise.all([attribute('uevent'), attribute('tun_flags')]);
  const kind = /^DEVTYPE=(\S+)$/m.exec(uevent)?.[1];
  if (kind === 'wireguard') return `${name} (WireGuard VPN)`;
  if ((Number(flags.trim()) & iffTun) !== 0) return `${name} (TUN, VPN)`;
  return kind ? `${name} (${kind})` : name;
}
