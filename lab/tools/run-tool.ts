import { sha256OfFile } from '@sluice/agent';
import { followWan, type WanSample } from '../measure/wan-timeline.ts';
import { type Counters, difference } from '../network/counters.ts';
import { untilQuiet } from '../process/quiet.ts';
import type { DeviceResult, Ground, Tool } from './tool.ts';

/** One run of one tool on all devices at once. */
export interface ToolRun {
  devices: DeviceResult[];
  /** What crossed the WAN link from the common start to the last device's end, headers included. */
  wan: Counters;
  timeline: WanSample[];
}

/** Runs a tool on all devices from the same moment. @throws Error when a device got something else than the file. */
export async function runTool(tool: Tool, ground: Ground): Promise<ToolRun> {
  await using ready = await tool.prepare(ground);
  await untilQuiet(ground.signal);
  const before = await ground.site.wanCounters();
  const over = new AbortController();
  const read = async () => (await ground.site.wanCounters()).received;
  const following = followWan(read, over.signal);
  const startedAt = performance.now();
  const ended = await Promise.all(
    ground.devices.map(async (device) => {
      const result = await ready.download(device);
      return { ...result, device, elapsedMs: performance.now() - startedAt };
    }),
  ).finally(() => over.abort());
  const wan = difference(await ground.site.wanCounters(), before);
  const timeline = await following;
  const devices: DeviceResult[] = [];
  for (const { device, output, ...result } of ended) {
    devices.push({ ...result, usage: await ready.usage(device) });
    const sha256 = await sha256OfFile(output, { signal: ground.signal });
    if (sha256 !== ground.file.sha256) {
      throw new Error(`${tool.name}: device ${device.number} has another file`);
    }
  }
  return { devices, wan, timeline };
}
