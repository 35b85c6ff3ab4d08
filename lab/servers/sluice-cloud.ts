import path from 'node:path';
import type { LabFile } from '../measure/lab-file.ts';
import { wanAddress } from '../network/site.ts';
import type { LabProcess } from '../process/lab-process.ts';
import { runSluice, startSluice } from './sluice-process.ts';

const port = 8080;
export const cloudUrl = `http://${wanAddress}:${port}`;

interface CloudOptions {
  namespace: string;
  /** Holds its data and its logs. */
  folder: string;
}

/** Starts a cloud with an empty catalogue on the WAN, and publishes the file. */
export async function startCloud(
  options: CloudOptions & { file: LabFile; url: string },
  signal: AbortSignal,
): Promise<{ process: LabProcess; contentId: string }> {
  const { namespace, folder } = options;
  const { process } = await startSluice({
    namespace,
    args: ['cloud', '--listen', `${wanAddress}:${port}`, '--data-dir', path.join(folder, 'cloud')],
    log: path.join(folder, 'cloud.log'),
  });
  try {
    return { process, contentId: await publish(options, signal) };
  } catch (error) {
    await process.kill();
    throw error;
  }
}

/** @returns the ContentId. */
export async function publish(
  { namespace, folder, file, url }: CloudOptions & { file: LabFile; url: string },
  signal: AbortSignal,
): Promise<string> {
  const token = ['--token-file', path.join(folder, 'cloud', 'admin-token')];
  const line = await runSluice(
    {
      namespace,
      args: ['publish', file.path, '--url', url, '--cloud', cloudUrl, ...token],
      log: path.join(folder, 'publish.log'),
    },
    signal,
  );
  return JSON.parse(line).ContentId;
}
