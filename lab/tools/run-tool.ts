import { sha256OfFile } from '@sluice/agent';
import { followWan, type WanSample } from '../measure/wan-timeline.ts';
import { type Counters, difference } from '../network/counters.ts';
import { untilQuiet } from '../process/quiet.ts';
import type { DeviceResult, Ground, Tool } from './tool.ts';

/** One run of one tool on all devices at once. */
export interface ToolRun {
  devices: DeviceResult[];
  /** What crossed the WAN link of each site from the common start to the last device's end, headers included. */
  lines: Counters[];
  /** The same of the first site. */
  wan: Counters;
  timeline: WanSample[];
}

/** Runs a tool on all devices of all sites from the same moment. @throws Error when a device got something else than the file. */
export async function runTool(tool: Tool, ground: Ground): Promise<ToolRun> {
  await using ready = await tool.prepare(ground);
  await untilQuiet(ground.signal);
  const look = () => Promise.all(ground.sites.map((site) => site.wanCounters()));
  const before = await look();
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
  const lines = (await look()).map((after, i) => difference(after, before[i]!));
  const timeline = await following;
  const devices: DeviceResult[] = [];
  for (const { device, output, ...result } of ended) {
    devices.push({ ...result, usage: await ready.usage(device) });
    const sha256 = await sha256OfFile(output, { signal: ground.signal });
    if (sha256 !== ground.file.sha256) {
      throw new Error(`${tool.name}: device ${device.number} has another file`);
    }
  }
  return { devices, lines, wan: lines[0]!, timeline };
}
