import type { CpuTimes, HostProbe } from './host-probe.ts';

/**
 * How idle the machine is from now on.
 * @returns tells the idle part of its processors' time since the call, 0 to 1; 1 where nothing can be told.
 */
export function idleShareSince(probe: Pick<HostProbe, 'cpuTimes'>): () => number {
  const before: CpuTimes = probe.cpuTimes();
  return () => {
    const now = probe.cpuTimes();
    const total = now.total - before.total;
    return total > 0 ? (now.idle - before.idle) / total : 1;
  };
}
