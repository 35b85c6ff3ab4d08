import type { DhcpOption } from './dhcp-options.ts';
import { hexBytes, optionText } from './option-text.ts';

/** What to run: every connected device's DHCP options, one a line. */
export const networkManagerCommand: [string, string[]] = [
  'nmcli',
  ['--terse', '--escape', 'no', '--fields', 'DHCP4', 'device', 'show'],
];

/** An option in that output: `DHCP4.OPTION[3]:private_235 = cache.local`; older ones say `unknown_235`. */
export function networkManagerOption(output: string, option: DhcpOption): string | undefined {
  const wanted = new RegExp(`^DHCP4\\.OPTION\\[\\d+\\]:(?:private|unknown)_${option} = (.*)$`, 'm');
  const [, text] = wanted.exec(output) ?? [];
  if (text === undefined) return undefined;
  const bytes = text.includes(':') ? hexBytes(text) : undefined;
  return optionText(bytes ?? Buffer.from(text, 'utf8'));
}
