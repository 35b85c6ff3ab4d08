import path from 'node:path';
import type { LabFile } from '../measure/lab-file.ts';
import { wanAddress } from '../network/site.ts';
import type { LabProcess } from '../process/lab-process.ts';
import { runSluice, startSluice } from './sluice-process.ts';

const port = 8080;
export const cloudUrl = `http://${wanAddress}:${port}`;

/** Starts a cloud with an empty catalogue on the WAN, and publishes the file. */
export async function startCloud(
  options: { namespace: string; folder: string; file: LabFile; url: string },
  signal: AbortSignal,
): Promise<{ process: LabProcess; contentId: string }> {
  const { namespace, folder, file, url } = options;
  const dataDir = path.join(folder, 'cloud');
  const cloud = await startSluice({
    namespace,
    args: ['cloud', '--listen', `${wanAddress}:${port}`, '--data-dir', dataDir],
    log: path.join(folder, 'cloud.log'),
  });
  try {
    const token = ['--token-file', path.join(dataDir, 'admin-token')];
    const line = await runSluice(
      {
        namespace,
        args: ['publish', file.path, '--url', url, '--cloud', cloudUrl, ...token],
        log: path.join(folder, 'publish.log'),
      },
      signal,
    );
    return { process: cloud.process, contentId: JSON.parse(line).ContentId };
  } catch (error) {
    await cloud.process.kill();
    throw error;
  }
}
