import type { LabProcess } from '../process/lab-process.ts';
import { readUsage } from '../process/usage.ts';
import type { LabDevice, ReadyTool } from './tool.ts';

/** Clients of a swarm: one process for each device, which goes on serving when it is done. */
export class PeersThatStay implements AsyncDisposable {
  readonly #processes = new Map<LabDevice, LabProcess>();

  set(device: LabDevice, process: LabProcess): void {
    this.#processes.set(device, process);
  }

  get(device: LabDevice): LabProcess {
    const process = this.#processes.get(device);
    if (!process) throw new Error(`device ${device.number} has no process`);
    return process;
  }

  readonly usage: ReadyTool['usage'] = (device) => readUsage(this.get(device).pid);

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.stop()));
  }
}
