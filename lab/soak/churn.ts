import { setTimeout } from 'node:timers/promises';
import { between } from './random.ts';
import type { SoakDevice } from './soak-device.ts';

/** Between two kills, and until the killed one is back. */
const pauseMs = [500, 3_000] as const;
const awayMs = [50, 2_000] as const;

/** Kills and restarts devices at random until `over` is aborted; all run when it returns. */
export async function churn(
  devices: readonly SoakDevice[],
  random: () => number,
  over: AbortSignal,
): Promise<void> {
  if (devices.length === 0) return;
  while (!over.aborted) {
    await pause(between(random, ...pauseMs), over);
    if (over.aborted) return;
    const device = devices[Math.floor(random() * devices.length)]!;
    await device.kill();
    await setTimeout(between(random, ...awayMs));
    await device.start();
  }
}

async function pause(ms: number, over: AbortSignal): Promise<void> {
  // Its end is seen by the caller.
  await setTimeout(ms, undefined, { signal: over }).catch(() => {});
}
