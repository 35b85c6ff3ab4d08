import path from 'node:path';
import type { Spot } from '../network/site.ts';
import type { LabProcess } from '../process/lab-process.ts';
import { startSluice } from './sluice-process.ts';

const port = 8081;

/** Starts a cache node that may fetch from the host of `url`. */
export async function startCacheNode(options: {
  spot: Spot;
  folder: string;
  url: string;
}): Promise<{ process: LabProcess; host: string }> {
  const { spot, folder } = options;
  const host = `${spot.address}:${port}`;
  const { process } = await startSluice({
    namespace: spot.namespace,
    args: [
      ...['cache-node', '--listen', host, '--cache-dir', path.join(folder, 'cache-node')],
      ...['--allow', new URL(options.url).host],
    ],
    log: path.join(folder, 'cache-node.log'),
  });
  return { process, host };
}
