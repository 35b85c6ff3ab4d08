import type { PolicySettings } from '@sluice/protocol';
import type { SharedContent } from '../content/shared-content.ts';
import type { Download, DownloadContext } from './download.ts';
import type { Origins } from './origins.ts';
import { mayUsePeers } from './peer-gates.ts';
import { settledMode } from './settled-mode.ts';

/**
 * Takes a running download's peers away when a change of settings rules them out, and lets in again
 * whom a later one allows.
 * @param fileSize bytes. @returns a function that ends it.
 */
export function followSettings(
  download: Download,
  context: DownloadContext,
  task: {
    shared: SharedContent;
    origins: Origins;
    fileSize: number;
    /** The settings by which it was planned: they may have changed since. */
    plannedWith: PolicySettings;
  },
): () => void {
  const { shared, origins, fileSize, plannedWith } = task;
  const look = async () => {
    const { mode } = settledMode(download.request, context.settings);
    const may = await mayUsePeers(download, context, mode, fileSize);
    shared.setOpen(may);
    // Nobody is left to wait for.
    if (!may) origins.opening?.nobody();
  };
  const begin = () => {
    look().catch((err: unknown) => context.logger.error({ err }, 'a change was not carried out'));
  };
  const unwatch = context.settings.watch(begin);
  if (context.settings.current !== plannedWith) begin();
  return () => {
    unwatch();
    shared.setOpen(true);
  };
}
