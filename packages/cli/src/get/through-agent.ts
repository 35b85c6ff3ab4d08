import { existsSync } from 'node:fs';
import path from 'node:path';
import type { LocalApiClient } from '@sluice/agent/local-api';
import { type DownloadRequest, type DownloadStatus, sluiceError } from '@sluice/protocol';

/**
 * Has the running agent download.
 * @returns the last status, final.
 * @throws TargetUnwritable when the file is not to be seen from here, ServiceInvalidReply.
 * @throws Cancelled when `signal` is aborted: the agent stops too, what it has stays for the next time.
 */
export async function getThroughAgent(
  client: LocalApiClient,
  request: DownloadRequest,
  show: (status: DownloadStatus) => void,
  signal: AbortSignal,
): Promise<DownloadStatus> {
  const { Id } = await client.download(request);
  let last: DownloadStatus | undefined;
  try {
    for await (const status of client.follow(Id, signal)) {
      last = status;
      show(status);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) {
    await client.abort(Id);
    throw sluiceError('Cancelled', {}, { cause: signal.reason });
  }
  if (!last) {
    throw sluiceError('ServiceInvalidReply', { service: 'the agent', detail: 'no status came' });
  }
  if (last.State === 'Finalized') assertSeen(last.Output);
  return last;
}

/** An agent with a `/tmp` of its own (systemd's PrivateTmp), or in a container, wrote it elsewhere by that name. */
function assertSeen(file: string): void {
  if (existsSync(file) || !existsSync(path.dirname(file))) return;
  const detail = 'the agent has written it where only the agent sees it';
  throw sluiceError('TargetUnwritable', { path: file, detail });
}
