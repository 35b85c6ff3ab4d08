import { sha256OfFile } from '@sluice/agent';
import { type Counters, difference } from '../network/counters.ts';
import type { DeviceResult, Ground, Tool } from './tool.ts';

/** One run of one tool on all devices at once. */
export interface ToolRun {
  devices: DeviceResult[];
  /** What crossed the WAN link from the common start to the last device's end, headers included. */
  wan: Counters;
}

/** Runs a tool on all devices from the same moment. @throws Error when a device got something else than the file. */
export async function runTool(tool: Tool, ground: Ground): Promise<ToolRun> {
  await using ready = await tool.prepare(ground);
  const before = await ground.site.wanCounters();
  const startedAt = performance.now();
  const ended = await Promise.all(
    ground.devices.map(async (device) => {
      const { output, duplicateBytes } = await ready.download(device);
      return { device, output, duplicateBytes, elapsedMs: performance.now() - startedAt };
    }),
  );
  const wan = difference(await ground.site.wanCounters(), before);
  const devices: DeviceResult[] = [];
  for (const { device, output, duplicateBytes, elapsedMs } of ended) {
    devices.push({
      elapsedMs,
      usage: await ready.usage(device),
      ...(duplicateBytes !== undefined && { duplicateBytes }),
    });
    const sha256 = await sha256OfFile(output, { signal: ground.signal });
    if (sha256 !== ground.file.sha256) {
      throw new Error(`${tool.name}: device ${device.number} has another file`);
    }
  }
  return { devices, wan };
}
