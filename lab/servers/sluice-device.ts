import path from 'node:path';
import { connectLocalApi } from '@sluice/agent/local-api';
import { ungated } from '@sluice/cli';
import type { DownloadRequest, DownloadStatus } from '@sluice/protocol';
import type { LabProcess } from '../process/lab-process.ts';
import { cloudUrl } from './sluice-cloud.ts';
import { startSluice } from './sluice-process.ts';

const peerPort = 7680;

export interface AgentOptions {
  namespace: string;
  /** Holds its data, its log and what it downloads. */
  folder: string;
  cloud?: string;
  cacheHost?: string | undefined;
  /** By their Delivery Optimization names. */
  policies?: Readonly<Record<string, string>>;
  logLevel: string;
}

/** The agent of one device. */
export interface SluiceDevice {
  process: LabProcess;
  dataDir: string;
  peerId: string;
}

export async function startAgent(options: AgentOptions): Promise<SluiceDevice> {
  const dataDir = path.join(options.folder, 'agent');
  const { process, ready } = await startSluice({
    namespace: options.namespace,
    args: [
      ...['agent', '--log-level', options.logLevel, '--data-dir', dataDir],
      ...['--cloud', options.cloud ?? cloudUrl, '--peer-port', String(peerPort)],
      ...['--listen-host', '0.0.0.0', ...ungated],
      ...(options.cacheHost ? ['--cache-host', options.cacheHost] : []),
      ...Object.entries(options.policies ?? {}).flatMap(([k, v]) => ['--set', `${k}=${v}`]),
    ],
    log: path.join(options.folder, 'agent.log'),
  });
  return { process, dataDir, peerId: String(ready.PeerId) };
}

/** Downloads through a running agent, to the end. @throws Error when it failed. */
export async function downloadThrough(
  device: SluiceDevice,
  request: DownloadRequest,
  signal: AbortSignal,
  onStatus: (status: DownloadStatus) => void = () => {},
): Promise<DownloadStatus> {
  await using api = await connectLocalApi(device.dataDir);
  if (!api) throw new Error(`no agent at ${device.dataDir}`);
  const { Id } = await api.download(request);
  let last: DownloadStatus | undefined;
  for await (const status of api.follow(Id, signal)) {
    last = status;
    onStatus(status);
  }
  if (last?.State !== 'Finalized') {
    throw new Error(`${request.Output}: ${last?.State} ${last?.Error?.Message ?? ''}`);
  }
  return last;
}
