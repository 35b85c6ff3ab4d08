import type { DhcpOption } from './dhcp-options.ts';
import { hexBytes, optionText } from './option-text.ts';

/**
 * An option in the newest lease of a dhclient lease file that has not run out: `option unknown-235 "…";`
 * or as bytes `63:61:63`. Later leases come later in the file.
 * @param now ms since 1970.
 */
export function dhclientOption(file: string, option: DhcpOption, now: number): string | undefined {
  let found: string | undefined;
  for (const lease of file.split(/^lease6? \{/m).slice(1)) {
    if (isExpired(lease, now)) continue;
    const lines = lease.split('\n').map((line) => line.trim());
    const line = lines.find((l) => l.startsWith(`option unknown-${option} `));
    found = line && optionValue(line.slice(line.lastIndexOf(`${option} `) + 4).replace(/;$/, ''));
  }
  return found;
}

function optionValue(text: string): string | undefined {
  const bytes = text.startsWith('"') ? quotedBytes(text) : hexBytes(text);
  return bytes ? optionText(bytes) : undefined;
}

/** dhclient writes what is not printable as `\ooo`. */
function quotedBytes(text: string): Uint8Array | undefined {
  const [, inside] = /^"((?:[^"\\]|\\.)*)"$/.exec(text) ?? [];
  if (inside === undefined) return undefined;
  const bytes = inside.replace(/\\([0-3][0-7]{2}|.)/g, (_, escaped: string) =>
    escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : escaped,
  );
  return Buffer.from(bytes, 'latin1');
}

/** `expire 4 2026/11/26 13:00:00;` in UTC, `expire epoch 1700000000;` or `expire never;`. */
function isExpired(lease: string, now: number): boolean {
  const [, y, mo, d, h, mi, s] =
    /^\s*expire \d (\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d);/m.exec(lease) ?? [];
  if (y !== undefined) return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) < now;
  const [, epoch] = /^\s*expire epoch (\d{1,12});/m.exec(lease) ?? [];
  return epoch !== undefined && 1000 * Number(epoch) < now;
}
