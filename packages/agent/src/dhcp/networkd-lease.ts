import type { DhcpOption } from './dhcp-options.ts';
import { hexBytes, optionText } from './option-text.ts';

/**
 * An option in a lease file of systemd-networkd (`/run/systemd/netif/leases/<interface>`): private ones
 * are `OPTION_<n>=<hex>`, kept when the network's file has `RequestOptions=`.
 */
export function networkdOption(lease: string, option: DhcpOption): string | undefined {
  const prefix = `OPTION_${option}=`;
  const line = lease.split('\n').find((l) => l.startsWith(prefix));
  const bytes = line && hexBytes(line.slice(prefix.length).trim());
  return bytes ? optionText(bytes) : undefined;
}
