import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Battery } from '@sluice/engine';

/**
 * Power as the kernel tells it (Documentation/ABI/testing/sysfs-class-power). Batteries of mice and
 * pens have the scope "Device" and do not count.
 * @param folder `/sys/class/power_supply`
 * @returns undefined when the device has no battery.
 */
export async function linuxBattery(folder: string): Promise<Battery | undefined> {
  const names = await readdir(folder).catch(() => []);
  const supplies = await Promise.all(names.map((name) => readSupply(join(folder, name))));
  const batteries = supplies.filter((s) => s.type === 'Battery' && s.scope !== 'Device');
  if (batteries.length === 0) return undefined;
  const lines = supplies.filter((s) => s.type !== 'Battery' && s.online !== undefined);
  const onMains =
    lines.length > 0
      ? lines.some((s) => s.online !== '0')
      : batteries.every((b) => b.status !== 'Discharging');
  const charges = batteries.map((b) => Number(b.capacity ?? Number.NaN));
  const percent = charges.reduce((sum, c) => sum + c, 0) / charges.length;
  return { onMains, percent: percent >= 0 && percent <= 100 ? percent : undefined };
}

async function readSupply(path: string) {
  const attribute = async (name: string): Promise<string | undefined> => {
    // Which attributes there are differs from driver to driver.
    const text = await readFile(join(path, name), 'utf8').catch(() => undefined);
    return text?.trim() || undefined;
  };
  const [type, scope, online, status, capacity] = await Promise.all(
    ['type', 'scope', 'online', 'status', 'capacity'].map(attribute),
  );
  return { type, scope, online, status, capacity };
}
