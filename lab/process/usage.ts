import { readFile } from 'node:fs/promises';

/** What a process took so far. */
export interface Usage {
  /** Seconds of CPU, of children that have ended too. */
  cpuSeconds: number;
  /** Most memory ever resident, bytes. */
  peakRss: number;
  /** Memory resident now, bytes. */
  rss: number;
}

/** Linux counts CPU time in hundredths of a second (USER_HZ) on every architecture Node runs on. */
const ticksPerSecond = 100;

/** CPU seconds in the text of /proc/<pid>/stat. */
export function parseCpuSeconds(stat: string): number {
  // The name in parentheses may hold spaces and parentheses; after it come fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0);
  if (!Number.isFinite(ticks)) throw new Error(`/proc/<pid>/stat: ${stat}`);
  return ticks / ticksPerSecond;
}

/** Memory in the text of /proc/<pid>/status. */
export function parseMemory(status: string): { peakRss: number; rss: number } {
  const of = (name: string) => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
    if (kib === undefined) throw new Error(`/proc/<pid>/status: no ${name}`);
    return Number(kib) * 1024;
  };
  return { peakRss: of('VmHWM'), rss: of('VmRSS') };
}

/** Of the process alone, not of children that still run. @throws Error when it has ended. */
export async function readUsage(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  return { cpuSeconds: parseCpuSeconds(stat), ...parseMemory(status) };
}

/** What it took between two looks; memory as it is now. */
export function usageSince(now: Usage, before: Usage): Usage {
  return { ...now, cpuSeconds: now.cpuSeconds - before.cpuSeconds };
}

/** What `/usr/bin/time -f '%U %S %M'` wrote. */
export function parseTime(text: string): Usage {
  const [user, system, kib] = text.trim().split('\n').at(-1)!.split(' ').map(Number);
  const peakRss = kib! * 1024;
  if (!Number.isFinite(user! + system! + peakRss)) throw new Error(`time: ${text}`);
  return { cpuSeconds: user! + system!, peakRss, rss: peakRss };
}
