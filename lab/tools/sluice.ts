import path from 'node:path';
import type { LabProcess } from '../process/lab-process.ts';
import { readUsage, type Usage, usageSince } from '../process/usage.ts';
import { startCacheNode } from '../servers/sluice-cache-node.ts';
import { startCloud } from '../servers/sluice-cloud.ts';
import { downloadThrough, type SluiceDevice, startAgent } from '../servers/sluice-device.ts';
import type { LabDevice, ReadyTool, Tool } from './tool.ts';

export interface SluiceSettings {
  /** With a cache node on site. */
  cache: boolean;
  foreground: boolean;
  logLevel: string;
  policies?: Readonly<Record<string, string>>;
}

export function sluiceTool(settings: SluiceSettings): Tool {
  return {
    name: settings.cache ? 'sluice-cache' : 'sluice',
    summary: `Sluice agents and cloud${settings.cache ? ', and a cache node on site' : ''}`,
    needs: [],
    async prepare(ground): Promise<ReadyTool> {
      await using stack = new AsyncDisposableStack();
      const { network, folder, signal } = ground;
      const cloud = await startCloud({ ...ground, namespace: network.servers }, signal);
      stack.use(cloud.process);
      let cacheHost: string | undefined;
      if (settings.cache) {
        const node = await startCacheNode({ spot: ground.cacheSpot, folder, url: ground.url });
        stack.use(node.process);
        cacheHost = node.host;
      }
      const agents = new Map<LabDevice, SluiceDevice>();
      const before = new Map<LabDevice, Usage>();
      stack.defer(() => stopAll([...agents.values()].map((agent) => agent.process)));
      await Promise.all(
        ground.devices.map(async (device) => {
          agents.set(device, await startAgent({ ...device, ...settings, cacheHost }));
        }),
      );
      for (const [device, agent] of agents) before.set(device, await readUsage(agent.process.pid));
      const all = stack.move();
      return {
        async download(device) {
          const output = path.join(device.folder, 'output');
          const status = await downloadThrough(
            agents.get(device)!,
            { Url: ground.url, Output: output, Foreground: settings.foreground },
            signal,
          );
          return { output, duplicateBytes: status.DuplicateBytes, details: status };
        },
        usage: async (device) =>
          usageSince(await readUsage(agents.get(device)!.process.pid), before.get(device)!),
        [Symbol.asyncDispose]: () => all.disposeAsync(),
      };
    },
  };
}

async function stopAll(processes: readonly LabProcess[]): Promise<void> {
  await Promise.all(processes.map((process) => process.stop()));
}
