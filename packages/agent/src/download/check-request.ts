import { isAbsolute } from 'node:path';
import { DownloadModes, type DownloadRequest, sluiceError } from '@sluice/protocol';
import { cacheUrl } from '../source/cache/cache-url.ts';
import { checkAccess } from './http-access.ts';

/**
 * Checks what the schema of a request cannot tell, whoever made it.
 * @param device.hasGroup its settings say where a group comes from.
 * @throws InvalidArgument for a request that cannot be carried out, naming the field.
 */
export function checkRequest(request: DownloadRequest, device: { hasGroup: boolean }): void {
  const { Url, PhfUrl, CloudUrl, Output, CacheHosts = [], Mode, GroupId } = request;
  checkHttpUrl('Url', Url);
  if (PhfUrl !== undefined) checkHttpUrl('PhfUrl', PhfUrl);
  if (CloudUrl !== undefined) checkHttpUrl('CloudUrl', CloudUrl);
  if (!isAbsolute(Output) || Output.includes('\0')) {
    throw sluiceError('InvalidArgument', { name: 'Output', detail: 'must be an absolute path' });
  }
  for (const host of CacheHosts) cacheUrl(host, Url);
  for (const url of request.Mirrors ?? []) checkHttpUrl('Mirrors', url);
  checkAccess(request);
  if (Mode === DownloadModes.Group && GroupId === undefined && !device.hasGroup) {
    throw sluiceError('InvalidArgument', {
      name: 'Mode 2 (Group)',
      detail: 'needs a GroupId, or DOGroupId set',
    });
  }
}

/** The text may hold a password, so it is not shown. @throws InvalidArgument */
export function checkHttpUrl(name: string, text: string): void {
  const protocol = URL.parse(text)?.protocol;
  if (protocol === 'http:' || protocol === 'https:') return;
  throw sluiceError('InvalidArgument', { name, detail: 'is not an http or https URL' });
}
