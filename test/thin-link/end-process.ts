/**
 * One end of the thin link, as a process of its own network namespace; the parent tells it what to be.
 * `serve FILE PORT`: an HTTP source with ranges. `ping HOST PORT MS`: opens a TCP connection every MS and
 * prints how long each took, ms, one a line.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { setInterval } from 'node:timers/promises';
import { parseRange } from '@sluice/protocol';

const [role = '', first = '', second = '', third = ''] = process.argv.slice(2);
if (role === 'serve') serve(first, Number(second));
else await ping(first, Number(second), Number(third));

function serve(file: string, port: number): void {
  const { size } = statSync(file);
  createServer((request, response) => {
    const ranges = request.headers.range && parseRange(request.headers.range, size);
    const range = Array.isArray(ranges) ? ranges[0]! : { start: 0, end: size };
    response.writeHead(Array.isArray(ranges) ? 206 : 200, {
      'content-length': range.end - range.start,
      etag: '"1"',
      ...(Array.isArray(ranges) && {
        'content-range': `bytes ${range.start}-${range.end - 1}/${size}`,
      }),
    });
    createReadStream(file, { start: range.start, end: range.end - 1 })
      .on('error', () => response.destroy())
      .pipe(response);
  }).listen(port, () => console.log('ready'));
}

async function ping(host: string, port: number, everyMs: number): Promise<void> {
  for await (const _ of setInterval(everyMs)) {
    const startedAt = performance.now();
    const socket = connect({ host, port });
    socket.once('connect', () => {
      console.log((performance.now() - startedAt).toFixed(1));
      socket.resetAndDestroy();
    });
    socket.once('error', () => console.log('lost'));
  }
}
