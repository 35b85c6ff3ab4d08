import type { ServerResponse } from 'node:http';
import type { ManagedJob } from '../jobs/managed-job.ts';

const progressMs = 250;

/** Sends the status of a job as it changes, one JSON object a line, and ends after the last. */
export function streamJob(
  job: Pick<ManagedJob, 'status' | 'subscribe'>,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  let sent = '';
  const write = () => {
    const status = job.status();
    const line = `${JSON.stringify(status)}\n`;
    const isLast = status.State === 'Finalized' || status.State === 'Aborted';
    // Who reads slowly misses steps, never the end.
    if (line !== sent && (isLast || !response.writableNeedDrain)) response.write(line);
    sent = line;
    if (isLast) response.end();
  };
  const unsubscribe = job.subscribe(write);
  // Bytes come without an event of their own.
  const timer = setInterval(write, progressMs);
  response.on('close', () => {
    unsubscribe();
    clearInterval(timer);
  });
  write();
}
