import type { Battery } from '@sluice/engine';

/** What `pmset -g batt` prints. @returns undefined when there is no battery. */
export function parsePmset(text: string): Battery | undefined {
  const percent = /InternalBattery.*?(\d{1,3})%/s.exec(text)?.[1];
  if (percent === undefined) return undefined;
  return { onMains: !/Now drawing from 'Battery Power'/.test(text), percent: Number(percent) };
}

/**
 * macOS itself keeps utun adapters up, without an IPv4 address; with one it is a VPN. So are the
 * adapters of its own IPsec client.
 */
export function macAdapterText(name: string, hasIpv4: boolean): string {
  const isVpn = (name.startsWith('utun') && hasIpv4) || name.startsWith('ipsec');
  return isVpn ? `${name} (VPN)` : name;
}
