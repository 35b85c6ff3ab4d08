import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { readUsage } from './usage.ts';

/** Ticks of all cores since the machine started: how many, and how many of them nothing ran in. */
export interface CoreTime {
  total: number;
  idle: number;
}

/** From the text of /proc/stat. */
export function parseCoreTime(stat: string): CoreTime {
  const ticks = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number);
  // user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user already.
  const [idle, iowait] = [ticks[3], ticks[4]];
  const total = ticks.slice(0, 8).reduce((sum, n) => sum + n, 0);
  if (!Number.isFinite(total) || idle === undefined || iowait === undefined) {
    throw new Error(`/proc/stat: ${stat.slice(0, 100)}`);
  }
  return { total, idle: idle + iowait };
}

const everyMs = 500;
const quietShare = 0.85;
const giveUpMs = 15_000;

/**
 * Waits until what was started has come to rest: services run for days before somebody wants a file, and
 * twenty that are still starting on two cores would be measured instead. Not longer than 15 s.
 */
export async function untilQuiet(signal: AbortSignal): Promise<void> {
  const read = async () => parseCoreTime(await readFile('/proc/stat', 'utf8'));
  let before = await read();
  for (let waited = 0; waited < giveUpMs; waited += everyMs) {
    await setTimeout(everyMs, undefined, { signal });
    const now = await read();
    if ((now.idle - before.idle) / (now.total - before.total) >= quietShare) return;
    before = now;
  }
}

/** Of the processor, in `everyMs`: less and a service has begun to wait. */
const restingSeconds = 0.02;

/** Waits until a service that was started has made itself ready, as one that runs for days has. Not longer than 15 s. */
export async function untilAtRest(pid: number, signal: AbortSignal): Promise<void> {
  let before = await readUsage(pid);
  for (let waited = 0; waited < giveUpMs; waited += everyMs) {
    await setTimeout(everyMs, undefined, { signal });
    const now = await readUsage(pid);
    if (now.cpuSeconds - before.cpuSeconds < restingSeconds) return;
    before = now;
  }
}
