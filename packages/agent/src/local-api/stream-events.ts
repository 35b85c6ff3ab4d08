import type { ServerResponse } from 'node:http';
import { type DownloadStatus, isFinalState } from '@sluice/protocol';
import type { Download } from '../download/download.ts';

/** Sends the status of a download as it changes, one JSON object a line, and ends after a final one. */
export function streamEvents(
  download: Pick<Download, 'status' | 'subscribe'>,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const write = (status: DownloadStatus) => {
    // Who reads slowly misses steps, never the end.
    const last = isFinalState(status.State);
    if (last || !response.writableNeedDrain) response.write(`${JSON.stringify(status)}\n`);
    if (!last) return;
    unsubscribe();
    response.end();
  };
  const unsubscribe = download.subscribe(write);
  response.on('close', unsubscribe);
  write(download.status());
}
