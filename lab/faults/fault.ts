import type { AgentOptions } from '../servers/sluice-device.ts';
import type { Ground, LabDevice } from '../tools/tool.ts';

/** What a fault finds and changes before the device that is measured starts. */
export interface Stage {
  ground: Ground;
  /** The machines that this fault may use. */
  machines: readonly LabDevice[];
  contentId: string;
  /** How agents are started; a fault may give them another cloud or a cache host. */
  agent: Pick<AgentOptions, 'cloud' | 'cacheHost' | 'logLevel'>;
  /** Undoes everything. */
  stack: AsyncDisposableStack;
}

/** Something that is wrong around a device. */
export interface Fault {
  name: string;
  /** How many machines it needs. */
  machines: number;
  raise(stage: Stage): Promise<void>;
}
