import { type HostFacts, unknownHost } from '@sluice/engine';
import type { CpuTimes, HostProbe } from './host-probe.ts';

const gb = 1024 ** 3;

/** A device that is what the test says; at first one that no gate refuses. */
export class FakeHost implements HostProbe {
  facts: HostFacts = { ...unknownHost, ramBytes: 8 * gb, diskBytes: 256 * gb, adapters: ['eth0'] };
  reads = 0;
  readonly cpu: CpuTimes = { idle: 0, total: 0 };

  set(facts: Partial<HostFacts>): void {
    this.facts = { ...this.facts, ...facts };
  }

  async read(): Promise<HostFacts> {
    this.reads++;
    return this.facts;
  }

  cpuTimes(): CpuTimes {
    return { ...this.cpu };
  }
}
