import type { SharedContent } from '../content/shared-content.ts';
import type { Download, DownloadContext } from './download.ts';
import type { Origins } from './origins.ts';
import { mayUsePeers } from './peer-gates.ts';
import { settledMode } from './settled-mode.ts';

/**
 * Takes a running download's peers away when a change of settings rules them out, and lets it have them
 * again when the next one does not.
 * @param fileSize bytes. @returns a function that ends it.
 */
export function followSettings(
  download: Download,
  context: DownloadContext,
  { shared, origins, fileSize }: { shared: SharedContent; origins: Origins; fileSize: number },
): () => void {
  const look = async () => {
    const { mode } = settledMode(download.request, context.settings);
    const may = await mayUsePeers(download, context, mode, fileSize);
    shared.setOpen(may);
    // Nobody is left to wait for.
    if (!may) origins.opening?.nobody();
  };
  const unwatch = context.settings.watch(() => {
    look().catch((err: unknown) => context.logger.error({ err }, 'a change was not carried out'));
  });
  return () => {
    unwatch();
    shared.setOpen(true);
  };
}
