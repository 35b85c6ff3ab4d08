import path from 'node:path';
import { sha256OfFile } from '@sluice/agent';
import type { DownloadStatus } from '@sluice/protocol';
import type { Fault, Stage } from '../faults/fault.ts';
import { untilAtRest } from '../process/quiet.ts';
import { cloudUrl, startCloud } from '../servers/sluice-cloud.ts';
import { downloadThrough, startAgent } from '../servers/sluice-device.ts';
import { curlFrom } from '../tools/curl.ts';
import type { Ground } from '../tools/tool.ts';

/** What had come from where until a moment, ms from the start; bytes. */
interface Progress {
  atMs: number;
  http: number;
  cache: number;
  peers: number;
}

/** Milliseconds of each way, and how Sluice came to it. */
export interface UnderFaults {
  sluice: number;
  curl: number;
  progress: Progress[];
  status: DownloadStatus;
}

/**
 * Has the first device download with curl, then through an agent with the faults around it.
 * @throws Error when it got something else than the file.
 */
export async function underFaults(
  ground: Ground,
  faults: readonly Fault[],
  settings: { foreground: boolean; logLevel: string },
): Promise<UnderFaults> {
  const { network, file, url, signal } = ground;
  const [device, ...others] = ground.devices;
  const plainStart = performance.now();
  await curlFrom(signal, url).download(device!);
  const plainMs = performance.now() - plainStart;
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
  await untilAtRest(measured.process.pid, signal);
  const output = path.join(device!.folder, 'through-sluice');
  const request = { Url: url, Output: output, Foreground: settings.foreground };
  const progress: Progress[] = [];
  const startedAt = performance.now();
  const status = await downloadThrough(measured, request, signal, (now) =>
    progress.push({
      atMs: performance.now() - startedAt,
      http: now.BytesFromHttp - now.BytesFromCacheServer,
      cache: now.BytesFromCacheServer,
      peers: now.BytesFromPeers,
    }),
  );
  const sluiceMs = performance.now() - startedAt;
  if ((await sha256OfFile(output, { signal })) !== file.sha256) {
    throw new Error('the device has another file');
  }
  return { sluice: sluiceMs, curl: plainMs, progress, status };
}
