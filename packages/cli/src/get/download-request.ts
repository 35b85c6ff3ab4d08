import { type DownloadModeNumber, type DownloadRequest, sluiceError } from '@sluice/protocol';
import { outputPath } from '../paths/output-path.ts';
import type { GetOptions } from './get-options.ts';
import { httpRequest } from './http-request.ts';

/**
 * What to ask of the agent.
 * @throws InvalidArgument for flags that contradict each other, TargetUnwritable
 */
export async function downloadRequest(url: string, options: GetOptions): Promise<DownloadRequest> {
  const { groupId, mode } = options;
  if (mode === '2' && groupId === undefined) {
    throw sluiceError('InvalidArgument', { name: '--mode 2', detail: 'it needs --group-id GUID' });
  }
  if (groupId !== undefined && mode !== undefined && mode !== '2') {
    throw sluiceError('InvalidArgument', { name: '--group-id', detail: 'it is for --mode 2 only' });
  }
  const parsed = new URL(url);
  parsed.hash = '';
  const effectiveMode = mode ?? (groupId === undefined ? undefined : '2');
  return {
    Url: parsed.href,
    Output: await outputPath(url, options.output),
    ...(options.cacheHost && { CacheHosts: options.cacheHost }),
    ...(options.hashOfHashes !== undefined && { HashOfHashes: options.hashOfHashes }),
    ...(options.phf !== undefined && { PhfUrl: options.phf }),
    ...(options.contentId !== undefined && { ContentId: options.contentId }),
    ...(options.contentType !== undefined && { ContentType: options.contentType }),
    ...(options.sha256 !== undefined && { Sha256: options.sha256 }),
    ...(effectiveMode !== undefined && { Mode: Number(effectiveMode) as DownloadModeNumber }),
    ...(groupId !== undefined && { GroupId: groupId }),
    PredefinedCallerApplication: 'sluice get',
    ...(options.foreground && { Foreground: true }),
    ...(options.cloud !== undefined && { CloudUrl: options.cloud }),
    ...(await httpRequest(options)),
  };
}
