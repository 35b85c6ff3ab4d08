import path from 'node:path';
import { sha256OfFile } from '@sluice/agent';
import type { Fault, Stage } from '../faults/fault.ts';
import { cloudUrl, startCloud } from '../servers/sluice-cloud.ts';
import { downloadThrough, startAgent } from '../servers/sluice-device.ts';
import { curlFrom } from '../tools/curl.ts';
import type { Ground } from '../tools/tool.ts';

/**
 * Has the first device download with curl, then through an agent with the faults around it.
 * @returns milliseconds of each. @throws Error when it got something else than the file.
 */
export async function underFaults(
  ground: Ground,
  faults: readonly Fault[],
  settings: { foreground: boolean; logLevel: string },
): Promise<{ sluice: number; curl: number }> {
  const { network, file, url, signal } = ground;
  const [device, ...others] = ground.devices;
  const plainMs = await timeOf(async () => {
    await curlFrom(signal, url).download(device!);
  });
  await using stack = new AsyncDisposableStack();
  const cloud = await startCloud({ ...ground, namespace: network.servers }, signal);
  stack.use(cloud.process);
  const agent: Stage['agent'] = { cloud: cloudUrl, logLevel: settings.logLevel };
  let used = 0;
  for (const fault of faults) {
    const machines = others.slice(used, used + fault.machines);
    used += fault.machines;
    await fault.raise({ ground, machines, contentId: cloud.contentId, agent, stack });
  }
  const measured = await startAgent({ ...device!, ...agent });
  stack.use(measured.process);
  const output = path.join(device!.folder, 'through-sluice');
  const sluiceMs = await timeOf(async () => {
    const request = { Url: url, Output: output, Foreground: settings.foreground };
    await downloadThrough(measured, request, signal);
  });
  if ((await sha256OfFile(output, { signal })) !== file.sha256) {
    throw new Error('the device has another file');
  }
  return { sluice: sluiceMs, curl: plainMs };
}

async function timeOf(what: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await what();
  return performance.now() - startedAt;
}
