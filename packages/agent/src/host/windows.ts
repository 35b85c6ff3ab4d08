import type { Battery } from '@sluice/engine';

/** Prints what `parseWindows` reads, as JSON. */
export const windowsCommand: [string, string[]] = [
  'powershell.exe',
  [
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    '@{' +
      'Battery = @(Get-CimInstance Win32_Battery | Select-Object BatteryStatus, EstimatedChargeRemaining);' +
      "Adapters = @(Get-NetAdapter | Where-Object Status -eq 'Up' | Select-Object Name, InterfaceDescription)" +
      '} | ConvertTo-Json -Depth 3 -Compress',
  ],
];

/** Win32_Battery.BatteryStatus 1: "The battery is discharging"; 4 and 5 are low and critical. */
const discharging = new Set([1, 4, 5]);

/** Anything else than what the command prints reads as unknown. */
export function parseWindows(text: string): { battery: Battery | undefined; adapters: string[] } {
  const { Battery, Adapters } = JSON.parse(text) as Record<string, unknown>;
  const batteries = listOf(Battery);
  const charges = batteries.map((b) => Number(b.EstimatedChargeRemaining));
  const percent = charges.reduce((sum, c) => sum + c, 0) / charges.length;
  return {
    battery:
      batteries.length === 0
        ? undefined
        : {
            onMains: !batteries.every((b) => discharging.has(Number(b.BatteryStatus))),
            percent: percent >= 0 && percent <= 100 ? percent : undefined,
          },
    adapters: listOf(Adapters).map((a) => `${a.Name} (${a.InterfaceDescription})`),
  };
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === 'object' && v !== null) : [];
}
