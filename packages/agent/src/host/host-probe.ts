import type { HostFacts } from '@sluice/engine';

/** Finds out what the peer gates must know of the device. */
export interface HostProbe {
  /**
   * What is now; what cannot be found out is unknown in it. @param dir where the store is. Takes
   * seconds at the most.
   */
  read(dir: string): Promise<HostFacts>;
  /** What all processors together have done since the system started. */
  cpuTimes(): CpuTimes;
}

/** Milliseconds of all processors together. */
export interface CpuTimes {
  idle: number;
  total: number;
}
