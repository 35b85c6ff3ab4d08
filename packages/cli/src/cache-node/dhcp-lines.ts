import { formatHostPort, type HostPort } from '../options/parse-host-port.ts';

/** DHCP servers whose configuration is known here. */
export const dhcpFormats = ['dnsmasq', 'isc', 'kea', 'windows'] as const;
export type DhcpFormat = (typeof dhcpFormats)[number];

/**
 * The lines by which a DHCP server tells devices their cache hosts: option 235, a text (policies.md
 * §11). @param hosts best first
 */
export function dhcpLines(format: DhcpFormat, hosts: readonly HostPort[]): string {
  const value = hosts.map(formatHostPort).join(',');
  switch (format) {
    case 'dnsmasq':
      // Commas part values there, unless the text is quoted.
      return `dhcp-option=235,"${value}"`;
    case 'isc':
      return `option delivery-optimization-cache code 235 = text;\noption delivery-optimization-cache "${value}";`;
    case 'kea':
      return JSON.stringify(
        {
          'option-def': [
            { name: 'delivery-optimization-cache', code: 235, type: 'string', space: 'dhcp4' },
          ],
          'option-data': [
            { name: 'delivery-optimization-cache', data: value.replaceAll(',', '\\,') },
          ],
        },
        undefined,
        2,
      );
    case 'windows':
      return [
        "Add-DhcpServerv4OptionDefinition -Name 'DOCacheHost' -OptionId 235 -Type String",
        `Set-DhcpServerv4OptionValue -OptionId 235 -Value '${value}'`,
      ].join('\n');
  }
}
